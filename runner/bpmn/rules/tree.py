"""A file's tags as the rules see them that the neutral records do not serve: by id, with what each lies in.

Whatever lies in a part that is only drawn refuses nothing beside processes that are executed: they run all the same."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from runner.bpmn.diagram import Diagram
from runner.bpmn.findings import id_of
from runner.bpmn.rules.table import RULES
from runner.bpmn.verdicts import CONTAINERS
from runner.bpmn.xml import BPMN, local_id, name_of, parse, text_of
from runner.errors import Finding

# Children of <definitions> that only say how pools talk, or how things are filed; by a collaboration messages are sent.
_DRAWN = frozenset({"choreography", "globalConversation", "globalChoreographyTask", "category"})


class Tree:
    """The tags of a file that belong to BPMN, in document order."""

    def __init__(self, diagram: Diagram) -> None:
        self._document = parse(diagram.xml, source=diagram.source)
        self.root = self._document.root
        self.nodes: tuple[etree._Element, ...] = tuple(self.root.iter(f"{{{BPMN}}}*"))
        self.by_id: dict[str, etree._Element] = {}
        for node in self.nodes:
            if node.get("id"):
                self.by_id.setdefault(str(node.get("id")), node)
        self.dialect = diagram.dialect
        self._ids: dict[frozenset[str], tuple[str, ...]] = {}
        self.executed = frozenset(process.key for process in diagram.executable)

    def line(self, node: etree._Element) -> int:
        """Give the line that a tag begins in."""
        return self._document.line(node)

    def finding(self, node: etree._Element, code: str, *, message: str, verdict: str = "") -> Finding:
        """Give a finding about a tag, with the verdict of its rule unless another is named."""
        chosen = verdict or RULES[code].verdict.partition(" ")[0]
        if chosen == "refused" and self.executed and self.is_drawn_only(node):
            chosen = "warning"
        return Finding(chosen, code, message, id_of(node), self.line(node))

    def ids(self, kinds: frozenset[str]) -> tuple[str, ...]:
        """Give the ids of all tags of these kinds, or of any kind if there are none."""
        if kinds not in self._ids:
            found = (identity for identity, node in self.by_id.items() if not kinds or tag_of(node) in kinds)
            self._ids[kinds] = tuple(found)
        return self._ids[kinds]

    def is_drawn_only(self, node: etree._Element) -> bool:
        """Say whether nothing that is executed depends on a tag."""
        part = node
        while (above := part.getparent()) is not None and above is not self.root:
            part = above
        space, tag = name_of(part)
        if space != BPMN or tag in _DRAWN:
            return True
        return tag == "process" and part.get("id") not in self.executed


def container_of(node: etree._Element) -> etree._Element | None:
    """Give the process or sub-process that a tag lies in."""
    above = node.getparent()
    while above is not None and tag_of(above) not in (*CONTAINERS, "process"):
        above = above.getparent()
    return above


def events_of(node: etree._Element, tree: Tree) -> Iterator[etree._Element]:
    """Give the event definitions of an event, those it refers to as well."""
    for child in node.iterchildren(etree.Element):
        if tag_of(child) == "eventDefinitionRef":
            referred = tree.by_id.get(local_id(text_of(child)) or "")
            if referred is not None:
                yield referred
        elif tag_of(child).endswith("EventDefinition"):
            yield child


def tag_of(node: etree._Element) -> str:
    """Give the local name of a tag of BPMN, "" for one of another namespace."""
    space, tag = name_of(node)
    return tag if space == BPMN else ""
