"""One DMN file while it is read: its tags by local name, its names and types, and what is found wrong with it.

XML itself is `bpmn/xml.py`'s."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from runner.bpmn.xml import Document, Node, name_of, tags, text_of
from runner.decisions.graph import Graph, Reference
from runner.decisions.texts import Place, compile_tests, compile_text, failing
from runner.decisions.types import Types
from runner.errors import ExpressionInvalid, Finding, near_hint
from runner.expressions.feel.program import KnownNames, Reading
from runner.expressions.language import Language
from runner.expressions.run import Closure, Scope

CAMUNDA7 = "http://camunda.org/schema/1.0/dmn"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
MODELER = "http://camunda.org/schema/modeler/1.0"
_DMN_1_1 = "/20151101/"
_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/\S{0,40}")


class Use(NamedTuple):
    """A name in a text of element `owner` that is to be known from outside of it; `at` is its place in the text."""

    owner: str
    node: Node
    place: Place
    name: str
    at: int


class Source:
    """A parsed file. `target` is the namespace of its elements; `camunda7` and `camunda` say whose Modeler wrote it;
    `types` are the types that it defines, `item_values` the values that they allow, in order; `graph` is what is read,
    `uses` the names in the texts of decisions and knowledge models; `owner` is the one that is being read;
    `entries` counts what has been compared.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.names = KnownNames()
        self.owner = ""
        self.entries = 0
        self.uses: list[Use] = []
        self._bound: set[str] = set()
        self._anything_bound = False
        root = document.root
        self.namespace = name_of(root)[0]
        known = {str(name) for name in root.nsmap.values()}
        platform = root.get(f"{{{MODELER}}}executionPlatform") or ""
        self.camunda7 = CAMUNDA7 in known or platform == "Camunda Platform"
        self.camunda = self.camunda7 or ZEEBE in known or platform.startswith("Camunda")
        self.target = (root.get("namespace") or "").strip()
        self.types = Types(strict=not self.camunda)
        self.graph = Graph(self.types, camunda7=self.camunda7)
        self.item_values: dict[str, Closure] = {}
        self.findings: list[Finding] = []
        self._default = self._default_language()

    def _default_language(self) -> Language:
        """Give the language of texts that do not say: JUEL in Camunda 7's DMN 1.1 files (Camunda 7 docs, DMN Engine >
        Expressions), FEEL in all others."""
        old = self.camunda7 and _DMN_1_1 in self.namespace
        return self.language(self.document.root.get("expressionLanguage"), Language.JUEL if old else Language.FEEL) or (
            Language.FEEL
        )

    # -- the tree -------------------------------------------------------------------------------------------------

    def local(self, node: Node) -> str:
        """Give the local name of a DMN tag; "" for one of another namespace."""
        namespace, local = name_of(node)
        return local if namespace == self.namespace else ""

    def children(self, node: Node, local: str | None = None) -> Iterator[Node]:
        """Give the DMN children of a tag, all or those of one name."""
        for child in tags(node):
            found = self.local(child)
            if found and local in (None, found):
                yield child

    def first(self, node: Node, local: str) -> Node | None:
        """Give the first child of that name, or None."""
        return next(self.children(node, local), None)

    def text(self, node: Node) -> str:
        """Give what stands in a tag's <text>, or ""."""
        found = self.first(node, "text")
        return "" if found is None else text_of(found)

    def line(self, node: Node) -> int:
        """Give the line of a tag."""
        return self.document.line(node)

    @staticmethod
    def name(node: Node) -> str:
        """Give a tag's name with single blanks, as FEEL reads it."""
        return " ".join((node.get("name") or "").split())

    def reference(self, node: Node) -> Reference:
        """Give what a tag's href names; what is imported by nobody counts as an element of this file."""
        namespace, _, id = (node.get("href") or "").strip().rpartition("#")
        way = None if namespace in ("", self.target) else self.graph.way_to(namespace)
        return Reference(way or (), id)

    # -- texts ----------------------------------------------------------------------------------------------------

    def language(self, written: str | None, default: Language | None = None) -> Language | None:
        """Give the language that an expressionLanguage attribute names; None if it is none of ours."""
        text = (written or "").strip().lower()
        if not text:
            return self._default if default is None else default
        if "feel" in text:
            return Language.FEEL
        return Language.JUEL if text == "juel" else None

    def expression(self, node: Node, place: Place) -> Closure:
        """Compile a tag's <text>; an empty one is null."""
        text = self.text(node)
        language = self._language_of(node)
        if language is None:
            return self._foreign(node, place)
        if not text:
            return lambda scope: None
        try:
            return self._kept(compile_text(text, language, self.names, place), node, place)
        except ExpressionInvalid as error:
            return self.refuse(node, error.code, str(error))

    def tests(self, node: Node, place: Place, *, default: Language | None = None) -> Closure | None:
        """Compile a tag's <text> as unary tests; None if every value passes."""
        language = self._language_of(node, default)
        if language is None:
            return self._foreign(node, place)
        try:
            reading = compile_tests(self.text(node), language, self.names, place)
            return None if reading is None else self._kept(reading, node, place)
        except ExpressionInvalid as error:
            return self.refuse(node, error.code, str(error))

    def _kept(self, reading: Reading, node: Node, place: Place) -> Closure:
        if self.owner and not self._anything_bound:
            unbound = {name: at for name, at in reading.names.items() if name not in self._bound}
            self.uses += [Use(self.owner, node, place, name, at) for name, at in unbound.items()]
        return reading.closure

    @contextmanager
    def binding(self, *names: str, anything: bool = False) -> Iterator[None]:
        """Read texts in which these names (or `anything`) have a meaning of their own."""
        outer = self._bound, self._anything_bound
        self._bound, self._anything_bound = {*self._bound, *names}, self._anything_bound or anything
        try:
            yield
        finally:
            self._bound, self._anything_bound = outer

    def values(self, node: Node, place: Place) -> Closure | None:
        """Compile a tag's <text> as a list of values and ranges, such as output values; None if it is empty."""
        text = self.text(node)
        if not text:
            return None
        try:
            return compile_text(f"[{text}]", Language.FEEL, self.names, place).closure
        except ExpressionInvalid as error:
            return self.refuse(node, error.code, str(error))

    def typed(self, node: Node, closure: Closure, place: Place) -> Closure:
        """Give a closure whose value is of the type that a tag names with typeRef."""
        ref = self.type_of(node)
        if not ref:
            return closure
        types = self.types

        def evaluate(scope: Scope) -> Any:
            return types.checked(ref, closure(scope), scope.run, what=place.words)

        return evaluate

    def type_of(self, node: Node) -> str | None:
        """Give the type that a tag names, None for any; an unknown one is warned about and means any."""
        return self.type_named(node.get("typeRef") or "", node)

    def type_named(self, written: str, node: Node) -> str | None:
        """Give a type by what a tag writes: a name, `import.name`, or in DMN 1.1 `prefix:name`."""
        ref = " ".join(written.split())
        prefix, colon, local = ref.partition(":")
        if colon and not self.types.knows(ref):
            imported = self.graph.imports.get(str(node.nsmap.get(prefix)))
            ref = f"{imported.name}.{local}" if imported and imported.name else local
        if self.types.knows(ref):
            return ref or None
        near = near_hint(ref, self.types.items)
        message = f"Expected a type that the file defines, but there is no type '{ref}': any value is taken.{near}"
        self.warn(node, "type_unknown", message)
        return None

    def _language_of(self, node: Node, default: Language | None = None) -> Language | None:
        return self.language(node.get("expressionLanguage"), default)

    def _foreign(self, node: Node, place: Place) -> Closure:
        written = node.get("expressionLanguage")
        message = (
            f"Expected FEEL or JUEL in {place.words}, but it is in '{written}', which is not run. Write it in FEEL."
        )
        return self.refuse(node, "language_foreign", message)

    def restrictions(self, ref: str | None) -> tuple[str | None, str]:
        """Give the built-in type behind a type, and the text of the values that it allows ("" for all)."""
        found = self.types.find(ref) if ref else None
        if found is None:
            return (None if ref is None else ref.rpartition(":")[2]), ""
        item = found[1]
        if item.collection or item.components or item.function:
            return None, ""
        base, allowed = self.restrictions(item.base) if item.base != ref else (None, "")
        return base, item.text or allowed

    # -- findings -------------------------------------------------------------------------------------------------

    def refuse(self, node: Node, code: str, message: str) -> Closure:
        """Report why the file cannot be deployed; gives a closure that fails with the same message."""
        self._find("refused", node, code, message)
        return failing(message)

    def warn(self, node: Node, code: str, message: str) -> None:
        """Report something with a consequence that the author may not expect."""
        self._find("warning", node, code, message)

    def note(self, node: Node, code: str, message: str) -> None:
        """Report something harmless that is worth a word."""
        self._find("note", node, code, message)

    def missing(self, node: Node | None, place: Place, *, what: str) -> Closure:
        """Report that an expression is missing; its value is null (DMN 1.3 §7.3.1)."""
        message = f"Expected {what} in {place.words}, but there is none. Write it."
        self._find("refused", self.document.root if node is None else node, "expression_missing", message)
        return lambda scope: scope.run.null(message)

    def _find(self, verdict: str, node: Node, code: str, message: str) -> None:
        self.findings.append(Finding(verdict, code, message, _id_of(node), self.line(node)))


def is_dmn(root: Node) -> bool:
    """Tell whether a root element is that of a DMN file, of any version."""
    namespace, local = name_of(root)
    return local == "definitions" and _NAMESPACE.fullmatch(namespace) is not None


def _id_of(node: Node) -> str:
    found: Node | None = node
    while found is not None:
        if found.get("id"):
            return str(found.get("id"))
        found = found.getparent()
    return ""
