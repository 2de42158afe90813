"""A file part by part: whether each BPMN element and each vendor attribute is executed, emulated, refused or
documentation only, and why.

What each comes to is looked up (`verdicts.py`, `parts.py`, `dialects/`); why one is refused, the checks have found. The
drawing itself (BPMN DI) is the renderer's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from runner.bpmn.diagram import Diagram, Element, Process
from runner.bpmn.dialects.reading import vendor_parts
from runner.bpmn.dialects.vendor import Consequence
from runner.bpmn.events import DEFINITION
from runner.bpmn.findings import id_of
from runner.bpmn.parts import CHILDREN, NESTED, ROOTS, Part, is_listed
from runner.bpmn.verdicts import EVENT_TAGS, EVENTS, FEATURES, FLOW_NODES, Outcome, place_of, verdicts_of
from runner.bpmn.xml import BPMN, Document, local_id, name_of, parse
from runner.errors import Finding

# A part's row by its tag: what is inside a process, and what is beside.
PARTS: Mapping[str, Part] = {**ROOTS, **NESTED, **CHILDREN}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome} | {"unknown": Outcome.REFUSED}
_DRAWING = "http://www.omg.org/spec/"
# What in them looks like a process is none: the flows and events of a choreography belong to no pool.
_TALKS = frozenset({"choreography", "globalChoreographyTask"})
_MOVES = frozenset({"dataInputAssociation", "dataOutputAssociation", "assignment", "transformation", "from", "to"})
_ROLES = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner", "resourceAssignmentExpression"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the listing: an element by its tag, or a vendor's attribute or element by its prefixed name.

    `kind` is "element" or "attribute"; `element_id` its own id, else that of the nearest element around it.
    """

    outcome: Outcome
    kind: str
    name: str
    element_id: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: in which process and flow node, and why nothing here runs, if so.

    `idle` is what says that a process is documentation; `refused` names the nearest flow node that is refused.
    """

    process: Process | None = None
    element: Element | None = None
    idle: str = ""
    refused: str = ""


def list_parts(diagram: Diagram, findings: Iterable[Finding]) -> tuple[Listed, ...]:
    """Give a line for each element and each vendor attribute of a file, in document order.

    `findings` are all that `check_diagram` gives for it: they say what is refused.
    """
    document = parse(diagram.xml, source=diagram.source)
    refused = [finding for finding in findings if finding.verdict == "refused"]
    return tuple(_Walk(diagram, document, refused).below(document.root, _Place()))


def count(listed: Iterable[Listed]) -> dict[str, int]:
    """Give how many parts there are of each outcome, all four named."""
    found = Counter(each.outcome for each in listed)
    return {outcome.value: found[outcome] for outcome in Outcome}


class _Walk:
    """Goes through a document and looks up what each part comes to."""

    def __init__(self, diagram: Diagram, document: Document, refused: Sequence[Finding]) -> None:
        self._document = document
        # By element, of several refusals the first; and where they are, for what has no id.
        self._refusals = {finding.element_id: finding for finding in reversed(refused)}
        self._refused_at = {(finding.element_id, finding.line) for finding in refused}
        self._processes = {process.key: process for process in diagram.processes}
        self._undoing = {
            frozenset((element.id, element.undone_by))
            for process in diagram.processes
            for element in process.elements.values()
            if element.undone_by is not None
        }
        self._stores = _stores(diagram, document)

    def below(self, node: etree._Element, place: _Place) -> Iterator[Listed]:
        """Give the lines for a BPMN element's vendor attributes and for all inside it."""
        yield from self._vendors(node, place)
        for child in node.iterchildren(etree.Element):
            namespace, tag = name_of(child)
            if namespace == BPMN:
                inner = self._enter(child, tag, place)
                if is_listed(tag):
                    yield self._listed(child, tag, inner)
                yield from self.below(child, inner) if tag != "extensionElements" else ()
            elif not namespace.startswith(_DRAWING) and name_of(node)[1] != "extensionElements":
                reason = "stands where BPMN has no place for it: nothing reads it"
                yield self._line(child, "attribute", str(tag), (Outcome.DOCUMENTATION, reason))

    def _enter(self, node: etree._Element, tag: str, place: _Place) -> _Place:
        """Give the place inside an element."""
        identity = node.get("id") or ""
        if tag in _TALKS:
            return _Place(idle=ROOTS[tag].how)
        if tag == "process" or tag.startswith("global"):
            process = self._processes.get(identity)
            idle = "" if process is None or process.executable else f"process '{identity}' is not executable"
            return _Place(process, None if process is None or tag == "process" else _task(process), idle)
        if place.process is None or tag not in FLOW_NODES:
            return place
        refused = identity if identity in self._refusals else place.refused
        return replace(place, element=place.process.elements.get(identity), refused=refused)

    def _listed(self, node: etree._Element, tag: str, place: _Place) -> Listed:
        refusal = self._refusals.get(node.get("id") or "-")
        if refusal is not None:
            return self._line(node, "element", tag, (Outcome.REFUSED, refusal.message))
        if place.idle:
            return self._line(node, "element", tag, (Outcome.DOCUMENTATION, place.idle))
        return self._line(node, "element", tag, _unless_refused(self._come_to(node, tag, place), place))

    def _come_to(self, node: etree._Element, tag: str, place: _Place) -> tuple[Outcome, str]:
        """Give what an element comes to, and how."""
        if (tag in FLOW_NODES or tag == "sequenceFlow") and not node.get("id"):
            return Outcome.REFUSED, "has no id"
        if tag in FLOW_NODES and place.element is not None:
            own = verdicts_of(place.element, _parent(place))[0]
            return own.outcome, own.how or own.what
        if tag.endswith(DEFINITION):
            return _event(tag.removesuffix(DEFINITION), place)
        if tag == "process" and place.process is not None and not _starts(place.process):
            return FEATURES["implicit start"].outcome, FEATURES["implicit start"].how
        part = PARTS.get(tag)
        if part is None and (id_of(node), self._document.line(node)) in self._refused_at:
            return Outcome.REFUSED, "is no element of BPMN 2.0 that can stand here"
        if part is None:
            return Outcome.DOCUMENTATION, "is no element of BPMN 2.0 that has an effect here"
        if part.otherwise and not self._has_effect(node, tag, place):
            return Outcome.DOCUMENTATION, part.otherwise
        return part.outcome, part.how

    def _has_effect(self, node: etree._Element, tag: str, place: _Place) -> bool:
        if tag == "association":
            ends = frozenset(local_id(node.get(end)) or "" for end in ("sourceRef", "targetRef"))
            return ends in self._undoing
        if tag == "participant":
            process = self._processes.get(local_id(node.get("processRef")) or "")
            return process is not None and process.executable
        if tag in ("dataStore", "dataStoreReference"):
            return node.get("id") in self._stores
        if tag in _MOVES:
            return place.element is not None and bool(place.element.data_inputs or place.element.data_outputs)
        return tag not in _ROLES or (place.element is not None and place.element.type == "userTask")

    def _vendors(self, node: etree._Element, place: _Place) -> Iterator[Listed]:
        tag = name_of(node)[1]
        element = place.element if tag in FLOW_NODES or tag.startswith("global") else None
        has_handler = element is None or element.service is not None or element.type == "userTask"
        for part in vendor_parts(node, has_handler=has_handler):
            comes_to = _unless_refused(_vendor_outcome(part.consequence), place)
            if place.idle and comes_to[0] is not Outcome.REFUSED:
                comes_to = (Outcome.DOCUMENTATION, place.idle)
            yield self._line(part.node, "attribute", part.label, comes_to)

    def _line(self, node: etree._Element, kind: str, name: str, comes_to: tuple[Outcome, str]) -> Listed:
        return Listed(comes_to[0], kind, name, id_of(node), self._document.line(node), comes_to[1])


def _stores(diagram: Diagram, document: Document) -> set[str]:
    """Give the ids of the data stores that are read or written, and of the references to them."""
    found = set()
    for process in diagram.processes:
        elements = process.elements.values()
        names = {move.store for each in elements for move in (*each.data_inputs, *each.data_outputs)}
        found |= {id for id, store in process.data_stores.items() if store.name in names}
    references = document.root.iter(f"{{{BPMN}}}dataStoreReference")
    return found | {local_id(node.get("dataStoreRef")) or "" for node in references if node.get("id") in found}


def _unless_refused(comes_to: tuple[Outcome, str], place: _Place) -> tuple[Outcome, str]:
    """Give what a part comes to where the flow node that it belongs to, or lies in, is perhaps refused."""
    if place.refused and comes_to[0] in (Outcome.EXECUTED, Outcome.EMULATED):
        return Outcome.REFUSED, f"belongs to '{place.refused}', which is refused"
    return comes_to


def _vendor_outcome(consequence: Consequence) -> tuple[Outcome, str]:
    outcome = _OUTCOMES.get(consequence.verdict, Outcome.DOCUMENTATION)
    if consequence.verdict == "unknown":
        return outcome, f"is no attribute of ours.{consequence.message}"
    return outcome, consequence.message


def _event(kind: str, place: _Place) -> tuple[Outcome, str]:
    """Give what an event definition comes to in the event that it is in, or beside all of them."""
    row, element = EVENTS.get(kind), place.element
    if row is None:
        return Outcome.REFUSED, f"is of the unknown kind '{kind}'"
    if element is None:
        return Outcome.EXECUTED, "is what the events wait for, or throw, that refer to it"
    if element.type not in EVENT_TAGS:
        return row.outcome, row.thrown
    return row.outcome, row.how(place_of(element, _parent(place)))


def _task(process: Process) -> Element | None:
    """Give the one task of a global task's process."""
    return next((each for each in process.elements.values() if each.type not in EVENT_TAGS), None)


def _parent(place: _Place) -> Element | None:
    if place.process is None or place.element is None:
        return None
    return place.process.elements.get(place.element.parent)


def _starts(process: Process) -> bool:
    """Say whether a process has a start event, or something else that creates an instance."""
    own = [element for element in process.elements.values() if element.parent == process.key]
    return any(element.type == "startEvent" or element.creates_instance for element in own)
