"""The verdict table: which BPMN elements this version executes, reads past as documentation, or refuses, and in which
words. Supporting another element begins with its row here; `read.py` and `check.py` do the looking up.

Source of the names: BPMN 2.0.2, XML Schema `Semantic.xsd`; where an event may stand: §10.5, tables 10.83 to 10.93."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from runner.bpmn.diagram import Element


class Outcome(StrEnum):
    """What happens to a part of a diagram: emulated is what has its effect by other means than those drawn."""

    EXECUTED = "executed"
    EMULATED = "emulated"
    DOCUMENTATION = "documentation only"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: `what` names the thing as a product owner would, `advice` says what to do, or what it comes to.

    `how` says how it is executed, `section` where BPMN 2.0.2 has it. `legal` False: no version will execute it, because
    BPMN does not allow it.
    """

    outcome: Outcome
    what: str
    advice: str = ""
    legal: bool = True
    how: str = ""
    section: str = ""


def _executed(what: str, how: str, section: str, *, note: str = "") -> Verdict:
    return Verdict(Outcome.EXECUTED, what, note, how=how, section=section)


def _emulated(what: str, how: str, section: str) -> Verdict:
    return Verdict(Outcome.EMULATED, what, how=how, section=section)


def _refused(what: str, advice: str) -> Verdict:
    return Verdict(Outcome.REFUSED, what, advice)


_PASSES = "A token passes at once: nobody is asked and no handler is called."
_PASSED = "a token passes at once"

# Activities and gateways: BPMN tag -> verdict.
ELEMENTS: Mapping[str, Verdict] = {
    "serviceTask": _executed("a service task", "its handler does the work", "10.3.3"),
    "sendTask": _executed("a send task", "sends its message, or its handler does the work", "10.3.3"),
    "receiveTask": _executed("a receive task", "waits for its message", "10.3.3"),
    "userTask": _executed("a user task", "waits for a person", "10.3.4"),
    "scriptTask": _executed("a script task", "evaluates its expression, or its handler does the work", "10.3.3"),
    "businessRuleTask": _executed(
        "a business rule task", "evaluates its decision, or its handler does the work", "10.3.3"
    ),
    "task": _executed("an undefined task", _PASSED, "10.3.3", note=_PASSES),
    "manualTask": _executed("a manual task", _PASSED, "10.3.4", note=_PASSES),
    "callActivity": _executed("a call activity", "starts the process it calls, and waits for its end", "10.3.6"),
    "subProcess": _executed("a sub-process", "runs what is in it, in a scope of its own", "10.3.5"),
    "transaction": _executed("a transaction", "a sub-process that undoes what it did if it is canceled", "10.3.5"),
    "adHocSubProcess": _executed("an ad-hoc sub-process", "runs what is in it, each as often as it is begun", "10.3.5"),
    "exclusiveGateway": _executed("an exclusive gateway", "takes the first flow whose condition holds", "10.6.2"),
    "parallelGateway": _executed("a parallel gateway", "takes every flow; waits for one token of each", "10.6.4"),
    "inclusiveGateway": _executed(
        "an inclusive gateway", "takes each flow whose condition holds; waits for all tokens that can arrive", "10.6.3"
    ),
    "complexGateway": _executed("a complex gateway", "waits until its activation condition holds", "10.6.5"),
    "eventBasedGateway": _executed("an event-based gateway", "waits for the first of its events", "10.6.6"),
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
# Where BPMN 2.0.2 has events of a place; their definitions are in §10.5.5.
SECTIONS: Mapping[str, str] = {
    "startEvent": "10.5.2",
    "subProcessStart": "10.5.2",
    "eventSubProcessStart": "10.5.2",
    "intermediateCatchEvent": "10.5.3",
    "intermediateThrowEvent": "10.5.3",
    "boundaryEvent": "10.5.3",
    "endEvent": "10.5.4",
}
_BEGINS = "startEvent eventSubProcessStart"
_CATCHES = f"{_BEGINS} intermediateCatchEvent boundaryEvent"
_THROWS = "intermediateThrowEvent endEvent"


@dataclass(frozen=True, slots=True)
class EventVerdict:
    """One row for a kind of event: its name, the places where BPMN allows it, and those of them where it is executed.

    `advice` says what to draw where it is allowed and not executed; `caught` and `thrown` how it is executed.
    """

    what: str
    allowed_at: frozenset[str]
    executed_at: frozenset[str]
    advice: str
    caught: str
    thrown: str
    outcome: Outcome = Outcome.EXECUTED

    def how(self, place: str) -> str:
        """Say how an event is executed at a place, a key of `PLACES`."""
        return self.thrown if place in _THROWS.split() else self.caught


def _event(
    what: str,
    allowed_at: str,
    *,
    caught: str = "",
    thrown: str = "",
    without: str = "",
    advice: str = "",
) -> EventVerdict:
    allowed = frozenset(allowed_at.split())
    return EventVerdict(what, allowed, allowed - frozenset(without.split()), advice, caught, thrown)


# Events: kind (the event definition's tag without "EventDefinition") -> where it is allowed and executed.
EVENTS: Mapping[str, EventVerdict] = {
    "none": _event(
        "without a trigger",
        f"startEvent subProcessStart {_THROWS}",
        caught="begins what it lies in",
        thrown="a token passes, or ends",
    ),
    "message": _event(
        "for a message",
        f"{_CATCHES} {_THROWS}",
        caught="waits for a message of its name and key",
        thrown="sends its message, or its handler does the work",
    ),
    "timer": _event("with a timer", _CATCHES, caught="waits for a date, a duration, or each time of a cycle"),
    "signal": _event(
        "for a signal", f"{_CATCHES} {_THROWS}", caught="waits for a signal", thrown="tells all who wait for the signal"
    ),
    "conditional": _event(
        "with a condition",
        _CATCHES,
        caught="waits until its condition becomes true, looked at when a variable in its scope changes; at the start "
        "of a process, when variables are offered (`runner conditions`)",
    ),
    "error": _event(
        "for an error",
        "eventSubProcessStart boundaryEvent endEvent",
        caught="catches an error thrown inside, by its code",
        thrown="throws an error outward, up to the calling process",
    ),
    "escalation": _event(
        "for an escalation",
        f"eventSubProcessStart boundaryEvent {_THROWS}",
        caught="catches an escalation thrown inside, by its code",
        thrown="throws an escalation outward, up to the calling process",
    ),
    "compensate": _event(
        "for compensation",
        f"eventSubProcessStart boundaryEvent {_THROWS}",
        caught="names what undoes a completed activity",
        thrown="undoes an activity, or all of its scope, the last done first",
    ),
    "cancel": _event(
        "that cancels a transaction",
        "boundaryEvent endEvent",
        caught="goes on when its transaction has been canceled and undone",
        thrown="cancels its transaction: what was done in it is undone",
    ),
    "terminate": _event("that terminates", "endEvent", thrown="ends all tokens of its process or sub-process"),
    "link": replace(
        _event(
            "for a link",
            "intermediateCatchEvent intermediateThrowEvent",
            caught="is where the links of its name lead",
            thrown="the token goes on at the catching link of its name, as along a flow",
        ),
        outcome=Outcome.EMULATED,
    ),
    "multiple": _event(
        "with several triggers",
        f"{_CATCHES} {_THROWS}",
        caught="waits for one of its triggers, or for all of them",
        thrown="throws each of them",
    ),
}

# What an element can have beside its tag and its event: feature -> verdict.
FEATURES: Mapping[str, Verdict] = {
    "handler of an event": _executed("a message event done by a handler", "its handler does the work", "10.5.5"),
    "message sent": _executed("a task that sends a message", "sends it when its step is stored", "10.3.3"),
    "decision": _executed("a task that calls a decision", "evaluates it inside the step", "10.3.3"),
    "computed code": _executed("an event whose code is an expression", "the code is evaluated first", "10.5.5"),
    "loop": _executed("an activity with a loop marker", "runs again while its condition holds", "10.3.8"),
    "multi-instance": _executed(
        "an activity with a multi-instance marker", "runs once for each item or number", "10.3.8"
    ),
    "compensation handler": _executed("a compensation handler", "runs only to undo its activity", "10.7.1"),
    "quantity": _executed(
        "an activity that needs or produces several tokens", "waits for so many, and gives so many", "10.3"
    ),
    "event sub-process": _executed("an event sub-process", "begins when its start event happens", "10.3.5"),
    "instantiating": _executed("an element that creates an instance", "its event starts an instance", "10.6.6"),
    "mapped variables": _executed(
        "an element with input or output mappings", "has variables of its own, filled and read by them", "10.4.1"
    ),
    "data associations": _executed("an element with data associations", "values move as it begins and ends", "10.4.1"),
    "data store": _executed(
        "an element that reads or writes a data store", "reads and writes the store in its step", "10.4.1"
    ),
    "several starts": _executed("a second start event", "each begins the process by itself", "10.5.2"),
    "implicit start": _emulated(
        "a process without a start event", "tokens begin at each element that no flow leads to", "13.2"
    ),
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
    if later is not None:
        return _refused(what, later.advice)
    return Verdict(row.outcome, what, how=row.how(place), section=SECTIONS[place])


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
