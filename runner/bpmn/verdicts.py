"""The verdict table: which BPMN elements this version executes, reads past as documentation, or refuses, and in which
words. Supporting another element begins with its row here; `read.py` and `check.py` do the looking up.

Source of the names: BPMN 2.0.2, XML Schema `Semantic.xsd`; where an event may stand: §10.5, tables 10.83 to 10.93."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from runner.bpmn.diagram import Element


class Outcome(StrEnum):
    """What happens to a part of a diagram."""

    EXECUTED = "executed"
    DOCUMENTATION = "documentation"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: `what` names the thing as a product owner would, `advice` says what to do, or what it comes to.

    `legal` False: no version will execute it, because BPMN does not allow it.
    """

    outcome: Outcome
    what: str
    advice: str = ""
    legal: bool = True


def _executed(what: str, note: str = "") -> Verdict:
    return Verdict(Outcome.EXECUTED, what, note)


def _refused(what: str, advice: str) -> Verdict:
    return Verdict(Outcome.REFUSED, what, advice)


_PASSES = "A token passes at once: nobody is asked and no handler is called."

# Activities and gateways: BPMN tag -> verdict.
ELEMENTS: Mapping[str, Verdict] = {
    "serviceTask": _executed("a service task"),
    "sendTask": _executed("a send task"),
    "receiveTask": _executed("a receive task"),
    "userTask": _executed("a user task"),
    "scriptTask": _executed("a script task"),
    "businessRuleTask": _executed("a business rule task"),
    "task": _executed("an undefined task", _PASSES),
    "manualTask": _executed("a manual task", _PASSES),
    "callActivity": _executed("a call activity"),
    "subProcess": _executed("a sub-process"),
    "transaction": _executed("a transaction"),
    "adHocSubProcess": _executed("an ad-hoc sub-process"),
    "exclusiveGateway": _executed("an exclusive gateway"),
    "parallelGateway": _executed("a parallel gateway"),
    "inclusiveGateway": _executed("an inclusive gateway"),
    "complexGateway": _executed("a complex gateway"),
    "eventBasedGateway": _executed("an event-based gateway"),
}

EVENT_TAGS = frozenset({"startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"})
# Where an event can stand. A start event differs by what it starts.
PLACES: Mapping[str, str] = {
    "startEvent": "a start event",
    "subProcessStart": "a start event of a sub-process",
    "eventSubProcessStart": "a start event of an event sub-process",
    "intermediateCatchEvent": "an intermediate catch event",
    "intermediateThrowEvent": "an intermediate throw event",
    "boundaryEvent": "a boundary event",
    "endEvent": "an end event",
}
_BEGINS = "startEvent eventSubProcessStart"
_CATCHES = f"{_BEGINS} intermediateCatchEvent boundaryEvent"
_THROWS = "intermediateThrowEvent endEvent"


@dataclass(frozen=True, slots=True)
class EventVerdict:
    """One row for a kind of event: its name, the places where BPMN allows it, and those of them where it is executed.

    `advice` says what to draw where it is allowed and not executed.
    """

    what: str
    allowed_at: frozenset[str]
    executed_at: frozenset[str]
    advice: str


def _event(what: str, allowed_at: str, *, without: str = "", advice: str = "") -> EventVerdict:
    allowed = frozenset(allowed_at.split())
    return EventVerdict(what, allowed, allowed - frozenset(without.split()), advice)


# Events: kind (the event definition's tag without "EventDefinition") -> where it is allowed and executed.
EVENTS: Mapping[str, EventVerdict] = {
    "none": _event("without a trigger", f"startEvent subProcessStart {_THROWS}"),
    "message": _event("for a message", f"{_CATCHES} {_THROWS}"),
    "timer": _event("with a timer", _CATCHES),
    "signal": _event("for a signal", f"{_CATCHES} {_THROWS}"),
    "conditional": _event(
        "with a condition",
        _CATCHES,
        without="startEvent",
        advice="Before a process has started there are no variables to look at: start it with a message.",
    ),
    "error": _event("for an error", "eventSubProcessStart boundaryEvent endEvent"),
    "escalation": _event("for an escalation", f"eventSubProcessStart boundaryEvent {_THROWS}"),
    "compensate": _event("for compensation", f"eventSubProcessStart boundaryEvent {_THROWS}"),
    "cancel": _event("that cancels a transaction", "boundaryEvent endEvent"),
    "terminate": _event("that terminates", "endEvent"),
    "link": _event("for a link", "intermediateCatchEvent intermediateThrowEvent"),
    "multiple": _event("with several triggers", f"{_CATCHES} {_THROWS}"),
}

# What an element can have beside its tag and its event: feature -> verdict.
FEATURES: Mapping[str, Verdict] = {
    "handler of an event": _executed("a message event done by a handler"),
    "message sent": _executed("a task that sends a message"),
    "decision": _executed("a task that calls a decision"),
    "computed code": _executed("an event whose code is an expression"),
    "loop": _executed("an activity with a loop marker"),
    "multi-instance": _executed("an activity with a multi-instance marker"),
    "compensation handler": _executed("a compensation handler"),
    "quantity": _executed("an activity that needs or produces several tokens"),
    "event sub-process": _executed("an event sub-process"),
    "instantiating": _executed("an element that creates an instance"),
    "mapped variables": _executed("an element with input or output mappings"),
    "data associations": _executed("an element with data associations"),
    "data store": _executed("an element that reads or writes a data store"),
    "several starts": _executed("a second start event"),
    "implicit start": _executed("a process without a start event"),
}

CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
FLOW_NODES = frozenset(ELEMENTS) | EVENT_TAGS
ACTIVITIES = frozenset(tag for tag in ELEMENTS if not tag.endswith("Gateway"))


def verdicts_of(element: Element, parent: Element | None) -> tuple[Verdict, ...]:
    """Give the verdict on an element and on each feature it has; `parent` is the sub-process it lies in, if any.

    What the table does not know is refused, so nothing falls through.
    """
    own = _event_verdict(element, parent) if element.type in EVENT_TAGS else ELEMENTS.get(element.type)
    own = own or _refused(f"a <{element.type}>", "Choose another element in the modeler.")
    if own.outcome is Outcome.REFUSED:
        return (own,)
    return (own, *(FEATURES[feature] for feature in _features(element)))


def is_executed(element: Element, parent: Element | None) -> bool:
    """Say whether an element runs, with all that it has."""
    return all(verdict.outcome is not Outcome.REFUSED for verdict in verdicts_of(element, parent))


def kind_of(element: Element) -> str:
    """Give the kind of an event: that of its definition, "none" or "multiple"."""
    return "multiple" if len(element.events) > 1 else element.events[0].kind if element.events else "none"


def place_of(element: Element, parent: Element | None) -> str:
    """Give the place of an event, a key of `PLACES`."""
    if element.type != "startEvent" or parent is None:
        return element.type
    return "eventSubProcessStart" if parent.event_subprocess else "subProcessStart"


def _event_verdict(element: Element, parent: Element | None) -> Verdict:
    kind, place = kind_of(element), place_of(element, parent)
    row = EVENTS.get(kind)
    if row is None:
        return _refused(f"{PLACES[place]} of the unknown kind '{kind}'", "Choose another event in the modeler.")
    what = f"{PLACES[place]} {row.what}"
    # Of several triggers each has to be allowed and executed there.
    rows = (row, *(EVENTS[event.kind] for event in element.events if event.kind in EVENTS))
    for each in rows:
        if place not in each.allowed_at:
            allowed = " or ".join(label for key, label in PLACES.items() if key in each.allowed_at)
            return Verdict(Outcome.REFUSED, what, f"BPMN allows an event {each.what} as {allowed} only.", legal=False)
    later = next((each for each in rows if place not in each.executed_at), None)
    return _executed(what) if later is None else _refused(what, later.advice)


def _features(element: Element) -> list[str]:
    repetition, moves = element.repetition, (*element.data_inputs, *element.data_outputs)
    has = {
        "handler of an event": element.service is not None and element.type in EVENT_TAGS,
        "message sent": element.service is None and element.type == "sendTask",
        "decision": element.service is None and element.type == "businessRuleTask",
        "computed code": any(event.code_expression is not None for event in element.events),
        "loop": repetition is not None and repetition.kind == "loop",
        "multi-instance": repetition is not None and repetition.kind != "loop",
        "compensation handler": element.for_compensation,
        "quantity": (element.start_quantity, element.completion_quantity) != (1, 1),
        "event sub-process": element.event_subprocess,
        "instantiating": element.creates_instance,
        "mapped variables": bool(element.inputs or element.outputs),
        "data associations": bool(moves),
        "data store": any(move.store for move in moves),
    }
    return [feature for feature, had in has.items() if had]


# Children of a process or a flow node that are neither flow nodes nor sequence flows: tag -> verdict. Documentation
# with a note is drawn by people who may expect an effect; without one it needs no word.
_DRAWN = Verdict(Outcome.DOCUMENTATION, "")
_UNMOVED = Verdict(
    Outcome.DOCUMENTATION,
    "a data association",
    "it is documentation and moves no data, as in Camunda, or because an end is missing",
)

CHILDREN: Mapping[str, Verdict] = {
    **dict.fromkeys(
        ("documentation", "extensionElements", "incoming", "outgoing", "association", "textAnnotation", "group"), _DRAWN
    ),
    **dict.fromkeys(("auditing", "monitoring", "categoryValueRef", "supportedInterfaceRef", "supports"), _DRAWN),
    **dict.fromkeys(("dataObject", "dataObjectReference", "dataStoreReference", "flowNodeRef", "artifact"), _DRAWN),
    **dict.fromkeys(("ioSpecification", "property", "dataInput", "dataOutput"), _DRAWN),
    **dict.fromkeys(("inputSet", "outputSet", "ioBinding", "rendering", "correlationSubscription"), _DRAWN),
    **dict.fromkeys(("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"), _DRAWN),
    **dict.fromkeys(("script", "completionCondition", "activationCondition"), _DRAWN),
    "laneSet": Verdict(
        Outcome.DOCUMENTATION, "a lane", "it is the candidate group of the user tasks in it, and decides nothing else"
    ),
    **dict.fromkeys(("dataInputAssociation", "dataOutputAssociation"), _UNMOVED),
    **dict.fromkeys(
        ("resourceRole", "performer", "humanPerformer", "potentialOwner"),
        Verdict(Outcome.DOCUMENTATION, "a resource role", "it is documentation: only user tasks are work for people"),
    ),
}

# Attributes of flow nodes, flows and processes in the standard: those that are honoured, or have no effect by design.
STANDARD_ATTRIBUTES = frozenset(
    {
        *("id", "name", "default", "sourceRef", "targetRef", "isImmediate", "attachedToRef", "cancelActivity"),
        *("isInterrupting", "parallelMultiple", "gatewayDirection", "eventGatewayType", "instantiate"),
        *("implementation", "operationRef", "messageRef", "scriptFormat", "calledElement", "triggeredByEvent"),
        *("method", "ordering", "cancelRemainingInstances", "activationCondition", "scriptLanguage"),
        *("isExecutable", "isClosed", "processType", "definitionalCollaborationRef"),
        *("isForCompensation", "startQuantity", "completionQuantity"),
    }
)
