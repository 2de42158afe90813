"""Checks what holds for events: what they are attached to, what they wait for or throw, links.

Source: BPMN 2.0.2 §10.5.4 to §10.5.6. Where each kind may stand at all is `verdicts.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from runner.bpmn.diagram import Element, EventDefinition, Process
from runner.bpmn.findings import refused, warning
from runner.bpmn.verdicts import ACTIVITIES
from runner.errors import Finding, ScheduleInvalid
from runner.expressions.language import Language
from runner.schedules import Schedule, first_due

_THROWING = frozenset({"intermediateThrowEvent", "endEvent"})
# What is caught once in a place, and in which words if no code is named.
_ONCE = {
    "error": "all errors",
    "escalation": "all escalations",
    "compensate": "compensation",
    "cancel": "cancelling",
}
_ENDING = {"error": "An error", "cancel": "Cancelling a transaction"}


def check_events(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    """Give what is wrong with the events, receive and send tasks, and event-based gateways among these elements."""
    elements = list(executed)
    for element in elements:
        if element.type == "boundaryEvent":
            yield from _boundary(element, process)
        if element.type == "receiveTask" and not element.events:
            yield _unnamed(element, "message")
        for event in element.events:
            yield from _named(element, event)
        yield from _behavior(element)
    yield from _same_catch(elements, process)
    yield from _links(elements)


def check_dates(process: Process, now: datetime) -> Iterator[Finding]:
    """Warn of timers with a fixed date that is more than a day past: they fire at once (BPMN 2.0.2 §10.5.5)."""
    before = now - timedelta(days=1)
    for element in process.elements.values():
        for timer in (event.timer for event in element.events if event.timer is not None):
            if timer.kind != "date" or timer.value.language is not Language.TEXT:
                continue
            try:
                past = first_due(Schedule("date", timer.value.text), now=before).at <= before
            except ScheduleInvalid:
                continue  # refused where all times are read
            if past:
                message = (
                    f"The date of '{element.name or element.id}', {timer.value.text}, is past: the timer fires at once."
                )
                yield warning(element, "timer_past", message=message)


def _boundary(element: Element, process: Process) -> Iterator[Finding]:
    host = process.elements.get(element.attached_to or "")
    if host is None or host.type not in ACTIVITIES:
        return
    if host.event_subprocess:
        message = (
            f"Expected boundary event '{element.id}' to be attached to an activity beside it, but '{host.id}' is an "
            "event sub-process. Drop it on a task's border."
        )
        yield refused(element, "boundary_misplaced", message=message)
    elif host.type in ("task", "manualTask") and not any(event.kind == "compensate" for event in element.events):
        message = (
            f"Expected boundary event '{element.id}' at an activity that takes time, but a token passes '{host.id}' at "
            "once, so the event never fires."
        )
        yield warning(element, "never_fires", message=message)
    for event in element.events:
        if event.kind in _ENDING and not element.interrupting:
            message = (
                f"Expected {event.kind} boundary event '{element.id}' to interrupt, but it is drawn non-interrupting. "
                f"{_ENDING[event.kind]} always ends the activity: draw it with a solid border."
            )
            yield refused(element, f"{event.kind}_not_interrupting", message=message)


def _named(element: Element, event: EventDefinition) -> Iterator[Finding]:
    """Refuse an event that does not say what it waits for or throws."""
    if element.service is not None:
        return
    unnamed = event.name is None and event.name_expression is None
    if event.kind in ("message", "signal", "link"):
        # A reference that leads nowhere has been refused already.
        if unnamed and event.reference is None:
            yield _unnamed(element, event.kind)
        elif unnamed:
            yield from _nameless(element, event)
    throws = element.type in _THROWING
    if event.kind in ("error", "escalation") and throws and event.code is None and event.code_expression is None:
        message = (
            f"Expected {event.kind} event '{element.id}' to throw an {event.kind} with a code, but none is named. "
            "Choose one."
        )
        yield refused(element, f"{event.kind}_code_missing", message=message)


def _unnamed(element: Element, kind: str) -> Finding:
    does = "throws" if element.type in _THROWING or element.type == "sendTask" else "waits for"
    message = (
        f"Expected the name of the {kind} that '{element.name or element.id}' {does}, but none is named. Choose one in "
        "the modeler's properties panel."
    )
    return refused(element, f"{kind}_missing", message=message)


def _behavior(element: Element) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.3.8: a multi-instance that is to throw events says which."""
    repetition = element.repetition
    if repetition is not None and repetition.behavior in ("None", "One", "Complex") and not repetition.thrown:
        message = (
            f"Multi-instance '{element.name or element.id}' is to throw events (behavior {repetition.behavior}), but "
            "names none: nothing is thrown. Name one, or set the behavior All."
        )
        yield warning(element, "behavior_without_event", message=message)


def _nameless(element: Element, event: EventDefinition) -> Iterator[Finding]:
    message = (
        f"Expected a name of {event.kind} '{event.reference}', which '{element.name or element.id}' refers to, but it "
        "has none. Name it."
    )
    yield refused(element, f"{event.kind}_missing", message=message)


def _same_catch(elements: Iterable[Element], process: Process) -> Iterator[Finding]:
    """Refuse a second event that would catch the same in one place."""
    caught: dict[tuple[str | None, str, str | None], Element] = {}
    for element in elements:
        parent = process.elements.get(element.parent)
        if element.type == "boundaryEvent":
            place = element.attached_to
        elif element.type == "startEvent" and parent is not None and parent.event_subprocess:
            place = parent.parent
        else:
            continue
        for event in element.events:
            key = (place, event.kind, event.code)
            first = caught.setdefault(key, element)
            if event.kind in _ONCE and first is not element and first.type == element.type:
                what = f"{event.kind} '{event.code}'" if event.code else _ONCE[event.kind]
                message = f"Expected one event for {what} at '{place}', but '{element.id}' is another. Remove one."
                yield refused(element, f"{event.kind}_caught_twice", message=message)


def _links(elements: Iterable[Element]) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.5.6: several throw a link, one of that name catches it, on one level of the process."""
    catching: dict[tuple[str, str | None], Element] = {}
    throwing: list[tuple[Element, str | None]] = []
    for element in elements:
        for event in element.events:
            if event.kind != "link" or event.name is None:
                continue
            if element.type == "intermediateThrowEvent":
                throwing.append((element, event.name))
            elif catching.setdefault((element.parent, event.name), element) is not element:
                message = (
                    f"Expected one event that catches link '{event.name}', but '{element.id}' is another. Remove one."
                )
                yield refused(element, "link_caught_twice", message=message)
    for element, name in throwing:
        if (element.parent, name) not in catching:
            message = (
                f"Expected an event that catches link '{name}' beside '{element.id}', but there is none. Draw one, or "
                "give both the same name."
            )
            yield refused(element, "link_unpaired", message=message)
    thrown = {(element.parent, name) for element, name in throwing}
    for key, element in catching.items():
        if key not in thrown:
            message = (
                f"Expected an event that throws link '{key[1]}' beside '{element.id}', but there is none. Draw one."
            )
            yield refused(element, "link_unpaired", message=message)
