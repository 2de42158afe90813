"""Collects what reading a diagram notices, with the element and line it was noticed at.

What is worth a finding is decided by the readers and `check.py`."""

from __future__ import annotations

from lxml import etree

from runner.bpmn.xml import Document
from runner.errors import Finding

_ORDER = {"refused": 0, "warning": 1, "note": 2}


class Report:
    """The findings about one part of a document, in the order in which they were noticed."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._findings: list[Finding] = []
        self._unread: dict[str, list[etree._Element]] = {}

    def line(self, node: etree._Element) -> int:
        """Give the line that a tag begins in."""
        return self._document.line(node)

    def refuse(self, node: etree._Element, code: str, message: str) -> None:
        """Note a reason why the diagram cannot run."""
        self._add("refused", node, code, message)

    def warn(self, node: etree._Element, code: str, message: str) -> None:
        """Note something that runs, with a consequence that the author may not expect."""
        self._add("warning", node, code, message)

    def note(self, node: etree._Element, code: str, message: str) -> None:
        """Note something harmless that is worth a word."""
        self._add("note", node, code, message)

    def documentation_only(self, node: etree._Element, what: str) -> None:
        """Count an attribute or element that has no effect; the same `what` gives one note, however often it occurs."""
        self._unread.setdefault(what, []).append(node)

    def findings(self) -> tuple[Finding, ...]:
        """Give all that was noticed."""
        unread = (
            Finding("note", "documentation_only", self._unread_message(what, nodes), _id_of(nodes[0]), self.line(nodes[0]))
            for what, nodes in self._unread.items()
        )
        return (*self._findings, *unread)

    def _add(self, verdict: str, node: etree._Element, code: str, message: str) -> None:
        self._findings.append(Finding(verdict, code, message, _id_of(node), self.line(node)))

    def _unread_message(self, what: str, nodes: list[etree._Element]) -> str:
        places = f", {len(nodes)} times from this line on" if len(nodes) > 1 else ""
        return f"{what} has no effect on execution{places}; it is read as documentation."


def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Sort findings by line, the worst first within a line, each said once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda each: (each.line, _ORDER[each.verdict])))


def _id_of(node: etree._Element) -> str:
    """Give the id of an element, or of the nearest element around it that has one."""
    found: etree._Element | None = node
    while found is not None:
        identity = found.get("id")
        if identity:
            return str(identity)
        found = found.getparent()
    return ""
