"""Checks where a process and its sub-processes begin, and what holds for event, ad-hoc and transaction sub-processes
and for compensation (BPMN 2.0.2 §10.3.5, §10.5.2, §10.7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from runner.bpmn.diagram import Element, Process
from runner.bpmn.findings import refused, warning
from runner.bpmn.verdicts import ACTIVITIES, CONTAINERS, FEATURES, Outcome
from runner.errors import Finding


def check_sub_processes(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    """Give what is wrong with the containers among these elements, and with the process as the outermost one."""
    elements = list(executed)
    inside: dict[str, list[Element]] = {}
    for element in process.elements.values():
        inside.setdefault(element.parent, []).append(element)
    yield from _process_starts(process, inside.get(process.key, []))
    for element in elements:
        contents = inside.get(element.id, [])
        if element.event_subprocess:
            yield from _event_sub_process(element, contents)
        elif element.type == "adHocSubProcess":
            yield from _ad_hoc(element, contents)
        elif element.type in CONTAINERS:
            yield from _embedded(element, contents)
        if element.creates_instance:
            yield from _instantiating(element, process)
        if any(event.kind == "cancel" for event in element.events):
            yield from _cancel(element, process)
    yield from _compensation(process, elements)


def begins(contents: Iterable[Element]) -> list[Element]:
    """Give the elements of one container where a token appears when it is entered: its start events, or without any
    those that nothing leads to (BPMN 2.0.2 §13.2)."""
    contents = list(contents)
    starts = [each for each in contents if each.type == "startEvent" or each.creates_instance]
    return starts or [each for each in contents if _is_free(each)]


def _is_free(element: Element) -> bool:
    """Say whether an element begins by itself where there is no start event."""
    linked = element.type == "intermediateCatchEvent" and any(event.kind == "link" for event in element.events)
    aside = element.type == "boundaryEvent" or element.event_subprocess or element.for_compensation
    return not (element.incoming or linked or aside)


def _process_starts(process: Process, contents: list[Element]) -> Iterator[Finding]:
    starts = [each for each in contents if each.type == "startEvent"]
    found = begins(contents)
    if not found or (not starts and not any(each.creates_instance for each in found) and not _now("implicit start")):
        message = f"Expected a start event in process '{process.key}', but it has none. Draw one."
        yield Finding("refused", "start_missing", message, process.key, process.line)
    if not _now("several starts"):
        for second in starts[1:]:
            message = (
                f"Expected one start event in process '{process.key}', but '{second.id}' is another beside "
                f"'{starts[0].id}'. Start in one place and decide at a gateway."
            )
            yield refused(second, "start_repeated", message=message)


def _now(feature: str) -> bool:
    return FEATURES[feature].outcome is not Outcome.REFUSED


def _embedded(element: Element, contents: list[Element]) -> Iterator[Finding]:
    label = element.name or element.id
    if not contents:
        message = f"Nothing is drawn in sub-process '{label}': a token passes it at once."
        yield warning(element, "sub_process_empty", message=message)
    elif not begins(contents):
        message = f"Expected a start event in sub-process '{label}', but nothing in it can begin. Draw one."
        yield refused(element, "start_missing", message=message)
    starts = [each for each in contents if each.type == "startEvent"]
    for second in starts[1:]:
        message = (
            f"Expected one start event in sub-process '{label}', but '{second.id}' is another beside '{starts[0].id}'. "
            "Keep one."
        )
        yield refused(second, "start_repeated", message=message)


def _event_sub_process(element: Element, contents: list[Element]) -> Iterator[Finding]:
    starts = [each for each in contents if each.type == "startEvent"]
    if len(starts) != 1:
        message = (
            f"Expected one start event with a trigger in event sub-process '{element.name or element.id}', but it has "
            f"{len(starts) or 'none'}. {'Keep one.' if starts else 'Draw one.'}"
        )
        yield refused(element, "event_sub_process_start", message=message)
    for start in starts:
        for event in start.events:
            if event.kind in ("error", "compensate") and not start.interrupting:
                message = (
                    f"Expected {event.kind} start event '{start.id}' to interrupt, but it is drawn non-interrupting. "
                    "Draw it with a solid border."
                )
                yield refused(start, f"{event.kind}_not_interrupting", message=message)


def _ad_hoc(element: Element, contents: list[Element]) -> Iterator[Finding]:
    label = element.name or element.id
    if not any(each.type in ACTIVITIES for each in contents):
        message = f"Expected an activity in ad-hoc sub-process '{label}', but it has none. Draw one."
        yield refused(element, "ad_hoc_empty", message=message)
    for each in contents:
        if each.type in ("startEvent", "endEvent"):
            message = (
                f"Expected no start or end event in ad-hoc sub-process '{label}', but '{each.id}' is one. Remove it: "
                "what no flow leads to begins by itself."
            )
            yield refused(each, "event_misplaced", message=message)


def _instantiating(element: Element, process: Process) -> Iterator[Finding]:
    if element.incoming or element.parent != process.key:
        place = "a flow leads to it" if element.incoming else "it lies in a sub-process"
        message = (
            f"Expected nothing before '{element.name or element.id}', because it creates an instance, but {place}. "
            "Remove the mark 'instantiate'."
        )
        yield refused(element, "instantiating_misplaced", message=message)


def _cancel(element: Element, process: Process) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.3.5, Transaction: only there something is cancelled."""
    label = element.name or element.id
    if element.type == "boundaryEvent":
        host = process.elements.get(element.attached_to or "")
        if host is not None and host.type != "transaction":
            message = (
                f"Expected cancel event '{label}' at a transaction, but '{host.id}' is a {host.type}. Use an error."
            )
            yield refused(element, "cancel_misplaced", message=message)
        return
    scope, around = element.parent, None
    # An element may wrongly bear the id of the process, where the search ends.
    while scope != process.key and (around := process.elements.get(scope)) is not None:
        if around.type == "transaction":
            break
        scope, around = around.parent, None
    if around is None:
        message = f"Expected cancel end event '{label}' inside a transaction, but none is around it. Throw an error."
        yield refused(element, "cancel_misplaced", message=message)


def _compensation(process: Process, elements: list[Element]) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.7: a boundary event is associated with one activity that is marked for compensation."""
    undoing = {element.undone_by for element in process.elements.values() if element.undone_by}
    attached = {each.attached_to for each in process.elements.values() if each.undone_by and each.attached_to}
    for element in elements:
        compensates = any(event.kind == "compensate" for event in element.events)
        if element.type == "boundaryEvent" and compensates:
            yield from _handler(element, process)
        elif compensates and element.type != "startEvent":
            yield from _thrown(element, process, undoing=attached)
        if element.for_compensation and not element.event_subprocess and element.id not in undoing:
            message = (
                f"Nothing is undone by '{element.name or element.id}', though it is marked for compensation: associate "
                "a compensation boundary event with it."
            )
            yield warning(element, "compensation_unused", message=message)


def _handler(element: Element, process: Process) -> Iterator[Finding]:
    handler = process.elements.get(element.undone_by or "")
    if handler is None or handler.type not in ACTIVITIES or handler.parent != element.parent:
        message = (
            f"Expected compensation event '{element.id}' to be associated with the activity that undoes "
            f"'{element.attached_to}', but it is associated with none beside it. Draw the association."
        )
        yield refused(element, "compensation_missing", message=message)
    elif not handler.for_compensation:
        message = (
            f"Expected '{handler.name or handler.id}' to be marked for compensation, because '{element.id}' is "
            "associated with it, but it is not. Set isForCompensation."
        )
        yield refused(handler, "compensation_unmarked", message=message)


def _thrown(element: Element, process: Process, *, undoing: Collection[str]) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.7.2: compensated is what lies beside the thrower, or around its event sub-process."""
    for event in element.events:
        named = process.elements.get(event.activity or "")
        if event.kind != "compensate" or named is None or named.type not in ACTIVITIES:
            continue
        if named.parent not in _levels(element, process):
            message = (
                f"Expected '{element.name or element.id}' to compensate an activity on its own level, but '{named.id}' "
                f"lies in '{named.parent}'. Throw the compensation there, or compensate the sub-process."
            )
            yield refused(element, "compensation_out_of_scope", message=message)
        elif named.id not in undoing and named.type not in CONTAINERS and named.type != "callActivity":
            message = (
                f"'{element.name or element.id}' compensates '{named.name or named.id}', which nothing undoes: attach "
                "a compensation event to it and associate the task that undoes it."
            )
            yield warning(element, "compensation_without_handler", message=message)


def _levels(element: Element, process: Process) -> Iterator[str]:
    """Give the scopes whose activities an event may compensate: its own, and what event sub-processes lie in."""
    scope = element.parent
    yield scope
    while scope != process.key and (around := process.elements.get(scope)) is not None and around.event_subprocess:
        scope = around.parent
        yield scope
