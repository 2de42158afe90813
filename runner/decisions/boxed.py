"""Reads boxed expressions: from the tags of a file to closures (DMN 1.3 §7.3, §10.2; DMN 1.4 §10.2.2.6 to 10.2.2.8).

Decision tables are read in `table_reading.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from runner.bpmn.xml import Node
from runner.decisions.functions import Knowledge, Signature
from runner.decisions.source import Source
from runner.decisions.table_reading import read_table
from runner.decisions.texts import Place
from runner.expressions.feel.closures import call_named
from runner.expressions.feel.loops import Iteration, collected, context_of, filtered, list_of, quantified
from runner.expressions.run import Closure, Run, Scope

# A turn of a boxed loop costs what a small FEEL body does; what its parts do is charged by them.
_WEIGHT = 5


def expression_in(node: Node, source: Source, place: Place) -> Closure | None:
    """Read the first boxed expression among the children of a tag; None if there is none."""
    for child in source.children(node):
        if source.local(child) in _READERS:
            return boxed(child, source, place)
    return None


def boxed(node: Node, source: Source, place: Place) -> Closure:
    """Read one boxed expression; what cannot be read is reported, and fails when it is evaluated."""
    read = _READERS[source.local(node)]
    return source.typed(node, read(node, source, place), place)


def _wanted(node: Node | None, source: Source, place: Place, *, what: str) -> Closure:
    found = None if node is None else expression_in(node, source, place)
    return found or source.missing(node, place, what=what)


def _literal(node: Node, source: Source, place: Place) -> Closure:
    return source.expression(node, place)


def _context(node: Node, source: Source, place: Place) -> Closure:
    entries: list[tuple[str, Closure]] = []
    result: Closure | None = None
    with ExitStack() as bound:
        for entry in source.children(node, "contextEntry"):
            variable = source.first(entry, "variable")
            name = source.name(variable) if variable is not None else ""
            inside = place.inside(f"entry '{name}'" if name else "the result", source.line(entry))
            bound.enter_context(source.binding(name))  # a function may call itself
            closure = _wanted(entry, source, inside, what="an expression in the context entry")
            if variable is None:
                result = closure
            else:
                entries.append((name, source.typed(variable, closure, inside)))
    return context_of(entries) if result is None else _with_result(entries, result)


def _with_result(entries: list[tuple[str, Closure]], result: Closure) -> Closure:
    def evaluate(scope: Scope) -> Any:
        values: dict[str, Any] = {}
        inner = Scope(values, scope.run, scope)
        for name, entry in entries:
            values[name] = entry(inner)
        return result(inner)

    return evaluate


def _invocation(node: Node, source: Source, place: Place) -> Closure:
    function = _wanted(node, source, place, what="the function to call")
    arguments: dict[str, Closure] = {}
    for binding in source.children(node, "binding"):
        parameter = source.first(binding, "parameter")
        name = "" if parameter is None else source.name(parameter)
        inside = place.inside(f"argument '{name}'", source.line(binding))
        closure = expression_in(binding, source, inside)
        arguments[name] = closure or (lambda scope: None)
    return call_named(function, arguments)


def _relation(node: Node, source: Source, place: Place) -> Closure:
    columns = list(source.children(node, "column"))
    rows = []
    for number, row in enumerate(source.children(node, "row"), 1):
        inside = place.inside(f"row {number}", source.line(row))
        cells = [boxed(each, source, inside) for each in _expressions(row, source)]
        if len(cells) != len(columns):
            source.refuse(
                row, "row_incomplete", f"Expected {len(columns)} entries in {inside.words}, but it has {len(cells)}."
            )
        rows.append(
            context_of(
                [
                    (source.name(column), source.typed(column, cell, inside))
                    for column, cell in zip(columns, cells, strict=False)
                ]
            )
        )
    return list_of(rows)


def _list(node: Node, source: Source, place: Place) -> Closure:
    return list_of([boxed(each, source, place) for each in _expressions(node, source)])


def _expressions(node: Node, source: Source) -> Iterator[Node]:
    return (each for each in source.children(node) if source.local(each) in _READERS)


def _function(node: Node, source: Source, place: Place) -> Closure:
    signature, body = function_parts(node, source, place)
    return lambda scope: Knowledge("function", signature, source.types, _calling(body, scope))


def function_parts(node: Node, source: Source, place: Place, *, result: str | None = None) -> tuple[Signature, Closure]:
    """Read the parameters and the body of a function definition or of a business knowledge model's logic."""
    kind = (node.get("kind") or "FEEL").strip()
    parameters = tuple((source.name(each), source.type_of(each)) for each in source.children(node, "formalParameter"))
    if kind.upper() != "FEEL":
        message = f"Expected a function in FEEL, but {place.words} is in {kind}, which is not run. Write it in FEEL."
        return Signature(parameters, result), source.refuse(node, "function_foreign", message)
    with source.binding(*(name for name, _ in parameters)):
        body = _wanted(node, source, place, what="the body of the function")
    return Signature(parameters, result), body


def _calling(body: Closure, scope: Scope) -> Callable[[Run, dict[str, Any]], Any]:
    return lambda run, arguments: body(Scope(arguments, run, scope))


def _conditional(node: Node, source: Source, place: Place) -> Closure:
    test, first, second = (
        _wanted(source.first(node, each), source, place.inside(f"'{each}'", source.line(node)), what=f"'{each}'")
        for each in ("if", "then", "else")
    )
    return lambda scope: first(scope) if test(scope) is True else second(scope)


def _filter(node: Node, source: Source, place: Place) -> Closure:
    items = _wanted(source.first(node, "in"), source, place, what="the list to filter")
    with source.binding(anything=True):  # the entries of the items can be named
        condition = _wanted(source.first(node, "match"), source, place, what="the condition")
    return filtered(items, condition, _WEIGHT)


def _for(node: Node, source: Source, place: Place) -> Closure:
    return collected([_iteration(node, source, place)], _turn(node, "return", source, place), _WEIGHT)


def _quantified(*, decisive: bool) -> Callable[[Node, Source, Place], Closure]:
    def read(node: Node, source: Source, place: Place) -> Closure:
        turns = [_iteration(node, source, place)]
        return quantified(turns, _turn(node, "satisfies", source, place), weight=_WEIGHT, decisive=decisive)

    return read


def _iteration(node: Node, source: Source, place: Place) -> Iteration:
    items = _wanted(source.first(node, "in"), source, place, what="the list to go through")
    return Iteration(_iterator(node), items, None)


def _turn(node: Node, local: str, source: Source, place: Place) -> Closure:
    inside = place.inside(f"'{local}'", source.line(node))
    with source.binding(_iterator(node), "partial"):
        return _wanted(source.first(node, local), source, inside, what=f"'{local}'")


def _iterator(node: Node) -> str:
    return (node.get("iteratorVariable") or "item").strip()


_READERS: dict[str, Callable[[Node, Source, Place], Closure]] = {
    "literalExpression": _literal,
    "decisionTable": read_table,
    "context": _context,
    "invocation": _invocation,
    "relation": _relation,
    "list": _list,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "some": _quantified(decisive=True),
    "every": _quantified(decisive=False),
}
