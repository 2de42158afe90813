"""The verdict table: which BPMN elements this version executes, reads past as documentation, or refuses, and in which
words. Supporting another element begins with its row here; `read.py` and `check.py` do the looking up.

Source of the names: BPMN 2.0.2, XML Schema `Semantic.xsd`."""

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
    """One row: `what` names the thing as a product owner would, `advice` says what to do, or what it comes to."""

    outcome: Outcome
    what: str
    advice: str = ""


def _executed(what: str, note: str = "") -> Verdict:
    return Verdict(Outcome.EXECUTED, what, note)


def _refused(what: str, advice: str) -> Verdict:
    return Verdict(Outcome.REFUSED, what, advice)


_BY_TOPIC = "Give it a job topic (zeebe:taskDefinition or a Camunda external task), or draw a service task."
_LATER_GATEWAY = "Draw it with exclusive or parallel gateways."
_FLATTEN = "Draw its elements directly in the process."
_PASSES = "A token passes at once: nobody is asked and no handler is called."

# Activities and gateways: BPMN tag -> verdict.
ELEMENTS: Mapping[str, Verdict] = {
    "serviceTask": _executed("a service task"),
    "sendTask": _refused("a send task without a job topic", _BY_TOPIC),
    "businessRuleTask": _refused("a business rule task that calls a decision", _BY_TOPIC),
    "task": _executed("an undefined task", _PASSES),
    "manualTask": _executed("a manual task", _PASSES),
    "userTask": _refused("a user task (work for a person)", "Draw a service task, or a manual task to pass at once."),
    "receiveTask": _refused("a receive task (it waits for a message)", "Draw a service task that fetches the answer."),
    "scriptTask": _refused("a script task", "Draw a service task and put the script into its handler."),
    "callActivity": _refused("a call activity", "Draw the called process's elements directly in this one."),
    "subProcess": _refused("a sub-process", _FLATTEN),
    "transaction": _refused("a transaction", _FLATTEN),
    "adHocSubProcess": _refused("an ad-hoc sub-process", "Draw the order of its tasks in the process."),
    "exclusiveGateway": _executed("an exclusive gateway"),
    "parallelGateway": _executed("a parallel gateway"),
    "inclusiveGateway": _refused("an inclusive gateway", _LATER_GATEWAY),
    "complexGateway": _refused("a complex gateway", _LATER_GATEWAY),
    "eventBasedGateway": _refused("an event-based gateway", "Ask in a service task, decide at an exclusive gateway."),
}

# Executed only if it names a topic of its own: the tag alone would mean sending a message or taking a decision.
BY_TOPIC = frozenset({"sendTask", "businessRuleTask"})

EVENT_TAGS: Mapping[str, str] = {
    "startEvent": "a start event",
    "endEvent": "an end event",
    "intermediateThrowEvent": "an intermediate throw event",
    "intermediateCatchEvent": "an intermediate catch event",
    "boundaryEvent": "a boundary event",
}


@dataclass(frozen=True, slots=True)
class EventVerdict:
    """One row for a kind of event: its name, the tags at which it is executed, and what to draw elsewhere."""

    what: str
    executed_at: frozenset[str]
    advice: str


def _event(what: str, executed_at: str = "", *, advice: str) -> EventVerdict:
    return EventVerdict(what, frozenset(executed_at.split()), advice)


# Events: kind (the event definition's tag without "EventDefinition") -> where it is executed.
EVENTS: Mapping[str, EventVerdict] = {
    "none": _event(
        "without a trigger",
        "startEvent endEvent intermediateThrowEvent",
        advice="Choose in the modeler what triggers it, or remove it.",
    ),
    "error": _event(
        "for an error",
        "endEvent boundaryEvent",
        advice="Errors are caught by a boundary event and thrown by an end event.",
    ),
    "terminate": _event("that terminates", "endEvent", advice="Only an end event can terminate the process."),
    "timer": _event("with a timer", advice="Wait outside the process, or let a handler postpone its job."),
    "message": _event("for a message", advice="Let a service task send or fetch it; start with a none event."),
    "signal": _event("for a signal", advice="Let a service task publish or fetch it."),
    "conditional": _event("with a condition", advice="Decide at an exclusive gateway."),
    "escalation": _event("for an escalation", advice="Use an error, or decide at an exclusive gateway."),
    "compensate": _event("for compensation", advice="Draw the undoing as service tasks after an error boundary event."),
    "cancel": _event("that cancels a transaction", advice="Use an error boundary event."),
    "link": _event("for a link", advice="Connect the two places with a sequence flow."),
    "multiple": _event("with several triggers", advice="Draw one event for each trigger."),
}

CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
FLOW_NODES = frozenset(ELEMENTS) | frozenset(EVENT_TAGS)
ACTIVITIES = frozenset(tag for tag in ELEMENTS if not tag.endswith("Gateway"))


def verdict_of(element: Element) -> Verdict:
    """Look an element up. What the table does not know is refused, so nothing falls through."""
    if element.type in EVENT_TAGS:
        kind = "multiple" if len(element.events) > 1 else element.events[0].kind if element.events else "none"
        place, row = EVENT_TAGS[element.type], EVENTS.get(kind)
        if row is None:
            return _refused(f"{place} of the unknown kind '{kind}'", "Choose another event in the modeler.")
        outcome = Outcome.EXECUTED if element.type in row.executed_at else Outcome.REFUSED
        return Verdict(outcome, f"{place} {row.what}", row.advice if outcome is Outcome.REFUSED else "")
    if element.type in BY_TOPIC and element.service is not None:
        return _executed(f"a {'send' if element.type == 'sendTask' else 'business rule'} task done by a handler")
    return ELEMENTS.get(element.type) or _refused(f"a <{element.type}>", "Choose another element in the modeler.")


# Children of a process or a flow node that are neither flow nodes nor sequence flows: tag -> verdict. Documentation
# with a note is drawn by people who may expect an effect; without one it needs no word.
_DRAWN = Verdict(Outcome.DOCUMENTATION, "")
_UNUSED = "it is documentation: variables are shared by the whole process and mapped by input and output mappings"
_PEOPLE = "it is documentation: nobody is asked to do anything yet"

CHILDREN: Mapping[str, Verdict] = {
    **dict.fromkeys(
        ("documentation", "extensionElements", "incoming", "outgoing", "association", "textAnnotation", "group"), _DRAWN
    ),
    **dict.fromkeys(("auditing", "monitoring", "categoryValueRef", "supportedInterfaceRef", "supports"), _DRAWN),
    **dict.fromkeys(("dataObject", "dataObjectReference", "dataStoreReference", "flowNodeRef", "artifact"), _DRAWN),
    "laneSet": Verdict(Outcome.DOCUMENTATION, "a lane", "it says who is responsible, but decides nothing"),
    **dict.fromkeys(
        ("ioSpecification", "dataInputAssociation", "dataOutputAssociation", "property", "dataInput", "dataOutput"),
        Verdict(Outcome.DOCUMENTATION, "a data input, output or property", _UNUSED),
    ),
    **dict.fromkeys(("inputSet", "outputSet", "ioBinding"), _DRAWN),
    **dict.fromkeys(
        ("resourceRole", "performer", "humanPerformer", "potentialOwner"),
        Verdict(Outcome.DOCUMENTATION, "a resource role", _PEOPLE),
    ),
    "correlationSubscription": _refused("a correlation subscription", "Remove it: no message is received here."),
    "multiInstanceLoopCharacteristics": _refused(
        "a multi-instance marker", "Draw a loop with an exclusive gateway, or let the handler loop."
    ),
    "standardLoopCharacteristics": _refused("a loop marker", "Draw a loop with an exclusive gateway."),
}

# Attributes of a flow node without a namespace that change how it runs, unless they have these values.
REFUSED_ATTRIBUTES: Mapping[str, tuple[frozenset[str], Verdict]] = {
    "isForCompensation": (
        frozenset({"false", "0"}),
        _refused("a compensation handler", "Draw the undoing after an error boundary event."),
    ),
    "startQuantity": (frozenset({"1"}), _refused("an activity that needs several tokens", "Use a parallel gateway.")),
    "completionQuantity": (
        frozenset({"1"}),
        _refused("an activity that produces several tokens", "Use a parallel gateway."),
    ),
}

# Attributes of flow nodes, flows and processes in the standard: those that are honoured, or have no effect by design.
STANDARD_ATTRIBUTES = frozenset(
    {
        *("id", "name", "default", "sourceRef", "targetRef", "isImmediate", "attachedToRef", "cancelActivity"),
        *("isInterrupting", "parallelMultiple", "gatewayDirection", "eventGatewayType", "instantiate"),
        *("implementation", "operationRef", "messageRef", "scriptFormat", "calledElement", "triggeredByEvent"),
        *("method", "ordering", "cancelRemainingInstances", "activationCondition"),
        *("isExecutable", "isClosed", "processType", "definitionalCollaborationRef"),
    }
)
