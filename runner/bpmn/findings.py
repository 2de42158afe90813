"""Collects what reading a diagram notices, with the element and line it was noticed at.

What is worth a finding is decided by the readers and `check.py`."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from runner.bpmn.diagram import Element, Flow
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

    def refuse(self, node: etree._Element, code: str, *, message: str) -> None:
        """Note a reason why the diagram cannot run."""
        self._add("refused", node, code=code, message=message)

    def warn(self, node: etree._Element, code: str, *, message: str) -> None:
        """Note something that runs, with a consequence that the author may not expect."""
        self._add("warning", node, code=code, message=message)

    def note(self, node: etree._Element, code: str, *, message: str) -> None:
        """Note something harmless that is worth a word."""
        self._add("note", node, code=code, message=message)

    def documentation(self, node: etree._Element, message: str) -> None:
        """Note something that is read past; the same message gives one finding, however often it occurs."""
        self._unread.setdefault(message, []).append(node)

    def extend(self, other: Report) -> None:
        """Take in what another report about the same document has."""
        self._findings.extend(other._findings)
        for message, nodes in other._unread.items():
            self._unread.setdefault(message, []).extend(nodes)

    def findings(self) -> tuple[Finding, ...]:
        """Give all that was noticed."""
        return (*self._findings, *(self._once(message, nodes) for message, nodes in self._unread.items()))

    def _add(self, verdict: str, node: etree._Element, *, code: str, message: str) -> None:
        self._findings.append(Finding(verdict, code, message, id_of(node), self.line(node)))

    def _once(self, message: str, nodes: list[etree._Element]) -> Finding:
        places = f" ({len(nodes)} times, first here)" if len(nodes) > 1 else ""
        first = nodes[0]
        return Finding("note", "documentation_only", message + places, id_of(first), self.line(first))


def refused(element: Element | Flow, code: str, *, message: str) -> Finding:
    """Give the finding that an element or flow is refused."""
    return Finding("refused", code, message, element.id, element.line)


def warning(element: Element | Flow, code: str, *, message: str) -> Finding:
    """Give the finding that an element or flow runs with a consequence."""
    return Finding("warning", code, message, element.id, element.line)


def note(element: Element | Flow, code: str, *, message: str) -> Finding:
    """Give the finding that something about an element or flow is worth a word."""
    return Finding("note", code, message, element.id, element.line)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by line, the worst first within a line, each said once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda each: (each.line, _ORDER[each.verdict])))


def id_of(node: etree._Element) -> str:
    """Give the id of an element, or of the nearest element around it that has one."""
    found: etree._Element | None = node
    while found is not None:
        identity = found.get("id")
        if identity:
            return str(identity)
        found = found.getparent()
    return ""
