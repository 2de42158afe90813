"""Turns the nodes of the Python-like language into closures; a node that has no method here is refused."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from runner.expressions.arithmetic import bounded
from runner.expressions.faults import EvaluationFault, SyntaxFault, hint
from runner.expressions.python.functions import FUNCTIONS, Function
from runner.expressions.python.methods import METHODS, call
from runner.expressions.python.operators import BINARY, COMPARISONS, Binary, is_number, item, member, named
from runner.expressions.run import MAX_DEPTH, Closure, Scope

_WORDS = {"true": True, "false": False, "null": None}
_LONGEST_CHAIN = 200


class Reader:
    """Reads the tree of one expression; `text` is needed to say where in it something is wrong."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._depth = 0
        self._size = 0
        self._readers: dict[type[ast.expr], Callable[[Any], Closure]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Subscript: self._subscript,
            ast.List: self._list,
            ast.Tuple: self._list,
            ast.Dict: self._dict,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.BoolOp: self._boolean,
            ast.Compare: self._compare,
            ast.IfExp: self._conditional,
            ast.Call: self._call,
            ast.ListComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
        }

    def read(self, node: ast.expr) -> Closure:
        """Give the closure of a node. Raises SyntaxFault for what is not on the white list or nests too deeply."""
        read = self._readers.get(type(node))
        if read is None:
            raise SyntaxFault(
                f"Expected comparisons, arithmetic, paths, lists, objects and calls of the known functions, "
                f"but {type(node).__name__} is not allowed.",
                self._position(node),
            )
        self._depth += 1
        self._size += 1
        if self._depth > MAX_DEPTH:
            raise SyntaxFault(f"Expected an expression nested at most {MAX_DEPTH} deep.", self._position(node))
        closure = read(node)
        self._depth -= 1
        return closure

    def _position(self, node: ast.expr) -> int:
        line, column = node.lineno - 1, node.col_offset - (1 if node.lineno == 1 else 0)
        before = sum(len(each) + 1 for each in self._lines[:line])
        text = self._lines[line] if line < len(self._lines) else ""
        return before + len(text.encode()[: max(0, column)].decode(errors="ignore"))

    def _at(self, node: ast.expr, closure: Closure) -> Closure:
        """Let faults of `closure` point to `node`."""
        position = self._position(node)

        def located(scope: Scope) -> Any:
            try:
                return closure(scope)
            except EvaluationFault as fault:
                if fault.position is None:
                    fault.position = position
                raise

        return located

    def _constant(self, node: ast.Constant) -> Closure:
        value = node.value
        if not isinstance(value, (bool, int, float, str, type(None))):
            raise SyntaxFault("Expected a number, a text, true, false or null.", self._position(node))
        if isinstance(value, str) and any("\ud800" <= each <= "\udfff" for each in value):
            raise SyntaxFault(
                "Expected a text of whole characters, but it has half a surrogate pair.", self._position(node)
            )
        if isinstance(value, (int, float)):
            try:
                bounded(value)
            except EvaluationFault as fault:
                raise SyntaxFault(fault.message, self._position(node)) from None
        return lambda scope: value

    def _name(self, node: ast.Name) -> Closure:
        name, position = node.id, self._position(node)

        def lookup(scope: Scope) -> Any:
            frame: Scope | None = scope
            while frame is not None:
                if name in frame.names:
                    return frame.names[name]
                frame = frame.parent
            if name in _WORDS:
                return _WORDS[name]
            raise EvaluationFault(
                f"Expected a variable '{name}', but there is none.{hint(name, scope.known())}", position
            )

        return lookup

    def _attribute(self, node: ast.Attribute) -> Closure:
        value, name = self.read(node.value), node.attr
        return self._at(node, lambda scope: member(value(scope), name))

    def _subscript(self, node: ast.Subscript) -> Closure:
        value = self.read(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._at(node, self._slice(value, node.slice))
        key = self.read(node.slice)
        return self._at(node, lambda scope: item(value(scope), key(scope)))

    def _slice(self, value: Closure, node: ast.Slice) -> Closure:
        bounds = [self.read(each) if each else (lambda scope: None) for each in (node.lower, node.upper, node.step)]

        def apply(scope: Scope) -> Any:
            whole = value(scope)
            parts = [bound(scope) for bound in bounds]
            if not isinstance(whole, (list, str)) or not all(part is None or type(part) is int for part in parts):
                raise EvaluationFault(f"Expected a list or text with whole positions, but it is {named(whole)}.")
            if parts[2] == 0:
                raise EvaluationFault("Expected a step other than 0 in a slice, but it is 0.")
            found = whole[slice(*parts)]
            (scope.run.string if isinstance(whole, str) else scope.run.items)(len(found))
            return found

        return apply

    def _list(self, node: ast.List | ast.Tuple) -> Closure:
        items = [self.read(each) for each in node.elts]
        return lambda scope: [each(scope) for each in items]

    def _dict(self, node: ast.Dict) -> Closure:
        entries = []
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                raise SyntaxFault("Expected a name in quotes before ':' in an object.", self._position(key or value))
            entries.append((key.value, self.read(value)))
        return lambda scope: {key: value(scope) for key, value in entries}

    def _unary(self, node: ast.UnaryOp) -> Closure:
        operand = self.read(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda scope: not operand(scope)
        if isinstance(node.op, ast.Invert):
            raise SyntaxFault("Expected 'not', '-' or '+', but '~' is not allowed.", self._position(node))
        sign = -1 if isinstance(node.op, ast.USub) else 1

        def apply(scope: Scope) -> Any:
            value = operand(scope)
            if not is_number(value):
                raise EvaluationFault(f"Expected a number after the sign, but it is {named(value)}.")
            return sign * value

        return self._at(node, apply)

    def _binary(self, node: ast.BinOp) -> Closure:
        # a + b + c … nests to the left once per operator; taken as one chain, its length does not count as depth.
        steps: list[tuple[Binary, ast.expr]] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp) and not isinstance(first.op, ast.Pow):
            steps.append((self._operator(first), first.right))
            first = first.left
        if not steps:
            steps, first = [(self._operator(node), node.right)], node.left
        if len(steps) > _LONGEST_CHAIN:
            raise SyntaxFault(f"Expected at most {_LONGEST_CHAIN} operators in a row.", self._position(node))
        start = self.read(first)
        rest = [(operation, self.read(operand)) for operation, operand in reversed(steps)]

        def apply(scope: Scope) -> Any:
            value = start(scope)
            for operation, operand in rest:
                value = operation(value, operand(scope), scope.run)
            return value

        return self._at(node, apply)

    def _operator(self, node: ast.BinOp) -> Binary:
        operation = BINARY.get(type(node.op))
        if operation is None:
            raise SyntaxFault("Expected one of + - * / // % **, but it is another operator.", self._position(node))
        return operation

    def _boolean(self, node: ast.BoolOp) -> Closure:
        values = [self.read(each) for each in node.values]
        stop = isinstance(node.op, ast.Or)

        def apply(scope: Scope) -> Any:
            value = None
            for each in values:
                value = each(scope)
                if bool(value) is stop:
                    return value
            return value

        return apply

    def _compare(self, node: ast.Compare) -> Closure:
        first = self.read(node.left)
        rest = [
            (self._comparison(op, right), self.read(right))
            for op, right in zip(node.ops, node.comparators, strict=True)
        ]

        def apply(scope: Scope) -> bool:
            left = first(scope)
            for compare, operand in rest:
                right = operand(scope)
                if not compare(left, right, scope.run):
                    return False
                left = right
            return True

        return self._at(node, apply)

    def _comparison(self, operator: ast.cmpop, right: ast.expr) -> Binary:
        constant = isinstance(right, ast.Constant) and (right.value is None or isinstance(right.value, bool))
        word = isinstance(right, ast.Name) and right.id in _WORDS
        if isinstance(operator, (ast.Is, ast.IsNot)) and not (constant or word):
            raise SyntaxFault("Expected None, True or False after 'is'; use == for values.", self._position(right))
        return COMPARISONS[type(operator)]

    def _conditional(self, node: ast.IfExp) -> Closure:
        test, body, otherwise = self.read(node.test), self.read(node.body), self.read(node.orelse)
        return lambda scope: body(scope) if test(scope) else otherwise(scope)

    def _call(self, node: ast.Call) -> Closure:
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        name, function = self._function(node)
        unknown = [each.arg or "**" for each in node.keywords if each.arg not in function.keywords]
        if unknown or not function.least <= len(node.args) <= function.most:
            takes = f"{function.least} to {function.most}" if function.most > function.least else str(function.least)
            raise SyntaxFault(
                f"Expected {takes} arguments in {name}(…), but got {len(node.args)}"
                f"{' and ' + unknown[0] + '=' if unknown else ''}.",
                self._position(node),
            )
        arguments = [self.read(each) for each in node.args]
        named_arguments = {str(each.arg): self.read(each.value) for each in node.keywords}
        apply = function.apply
        if not named_arguments:
            return self._at(node, lambda scope: apply(scope.run, *[each(scope) for each in arguments]))

        def call(scope: Scope) -> Any:
            options = {key: each(scope) for key, each in named_arguments.items()}
            return apply(scope.run, *[each(scope) for each in arguments], **options)

        return self._at(node, call)

    def _method(self, node: ast.Call, path: ast.Attribute) -> Closure:
        name = path.attr
        found = METHODS.get(name)
        if found is None:
            raise SyntaxFault(
                f"Expected a known method, but there is no .{name}(…).{hint(name, METHODS)} "
                f"Known: {', '.join(METHODS)}.",
                self._position(node),
            )
        if node.keywords or not found.least <= len(node.args) <= found.most:
            raise SyntaxFault(
                f"Expected {found.least} to {found.most} arguments in .{name}(…), but got {len(node.args)}"
                f"{' and names' if node.keywords else ''}.",
                self._position(node),
            )
        value, arguments = self.read(path.value), [self.read(each) for each in node.args]
        return self._at(node, lambda scope: call(scope.run, value(scope), name, [each(scope) for each in arguments]))

    def _function(self, node: ast.Call) -> tuple[str, Function]:
        if not isinstance(node.func, ast.Name):
            raise SyntaxFault("Expected the name of a function or method before '('.", self._position(node))
        name = node.func.id
        if name not in FUNCTIONS:
            raise SyntaxFault(
                f"Expected a known function, but there is no {name}(…).{hint(name, FUNCTIONS)} "
                f"Known: {', '.join(FUNCTIONS)}.",
                self._position(node),
            )
        return name, FUNCTIONS[name]

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Closure:
        before = self._size
        loops = [self._loop(each) for each in node.generators]
        element = self.read(node.elt)
        weight = self._size - before

        def scopes(scope: Scope, level: int) -> Iterator[Scope]:
            if level == len(loops):
                yield scope
                return
            name, source, conditions = loops[level]
            values = source(scope)
            if not isinstance(values, (list, str, dict)):
                raise EvaluationFault(f"Expected a list after 'in', but it is {named(values)}.")
            for value in values:
                scope.run.take(weight)
                inner = Scope({name: value}, scope.run, scope)
                if all(condition(inner) for condition in conditions):
                    yield from scopes(inner, level + 1)

        def apply(scope: Scope) -> list[Any]:
            result = [element(inner) for inner in scopes(scope, 0)]
            scope.run.items(len(result))
            return result

        return self._at(node, apply)

    def _loop(self, node: ast.comprehension) -> tuple[str, Closure, list[Closure]]:
        if not isinstance(node.target, ast.Name) or node.is_async:
            raise SyntaxFault("Expected one name after 'for'.", self._position(node.target))
        return node.target.id, self.read(node.iter), [self.read(each) for each in node.ifs]
