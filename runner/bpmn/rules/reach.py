"""What can be reached: elements without a way to them, calls of what is not there, errors that nothing catches.

A sub-process is reached with what begins in it; a boundary event, an event sub-process and a compensation handler are
reached by themselves (BPMN 2.0.2 §13.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from runner.bpmn.diagram import Element, Process
from runner.bpmn.findings import refused, warning
from runner.bpmn.rules.sub_processes import begins
from runner.errors import Finding


def check_reach(process: Process, unsound: Collection[str]) -> Iterator[Finding]:
    """Give each element that is never reached, and a warning for each error that nothing catches.

    `unsound` are the ids of elements of which it is enough that they are refused.
    """
    for element in _lost(process):
        if element.parent in unsound:
            continue
        label = element.name or element.id
        message = f"Expected a way from the start to '{label}', but no flow leads there. Draw one, or remove it."
        yield refused(element, "unreachable", message=message)
    caught = _caught(process)
    for element in process.elements.values():
        if element.type == "endEvent" and element.id not in unsound:
            for event in element.events:
                if event.kind == "error" and event.code and not _is_caught(element, event.code, process, caught=caught):
                    yield _uncaught(element, event.code)


def check_calls(process: Process, drawn: Collection[str]) -> Iterator[Finding]:
    """Warn of calls of processes that the file has, but that are only `drawn` there (their keys)."""
    for element in process.elements.values():
        called = element.called
        if element.type == "callActivity" and called is not None and called.id.text in drawn:
            message = (
                f"'{element.name or element.id}' calls '{called.id.text}', which is not marked executable here: "
                "unless another file has it nothing can be called. Tick 'Executable' of that process."
            )
            yield warning(element, "called_not_executable", message=message)


def _lost(process: Process) -> Iterator[Element]:
    """Give what is not reached: of what follows each other, and lies in each other, the first."""
    reached = _walk(process, _entered([each for each in process.elements.values() if each.parent == process.key]))
    # Where nothing begins at all that is said of the container.
    begun = {process.elements[each].parent for each in reached}
    lost = [
        element
        for element in process.elements.values()
        if element.id not in reached and element.parent in begun and not element.for_compensation
    ]
    behind: set[str] = set()
    for element in sorted(lost, key=lambda each: bool(each.incoming or each.attached_to)):
        if element.id not in behind:
            behind |= _walk(process, [element.id])
            # Of links and boundary events it is said elsewhere why they are not reached.
            if element.type != "boundaryEvent" and all(event.kind != "link" for event in element.events):
                yield element


def _walk(process: Process, begin: list[str]) -> set[str]:
    """Give what is reached from some elements."""
    inside: dict[str, list[Element]] = {}
    attached: dict[str, list[str]] = {}
    for element in process.elements.values():
        inside.setdefault(element.parent, []).append(element)
        if element.attached_to:
            attached.setdefault(element.attached_to, []).append(element.id)
    links = {
        (element.parent, event.name): element.id
        for element in process.elements.values()
        for event in element.events
        if event.kind == "link" and element.type == "intermediateCatchEvent"
    }
    open_ends = list(begin)
    reached: set[str] = set()
    while open_ends:
        element_id = open_ends.pop()
        if element_id in reached or element_id not in process.elements:
            continue
        reached.add(element_id)
        element = process.elements[element_id]
        open_ends += attached.get(element_id, ())
        open_ends += (process.flows[flow].target for flow in element.outgoing)
        open_ends += _entered(inside.get(element_id, []))
        open_ends += [element.undone_by] if element.undone_by else []
        open_ends += (links.get((element.parent, event.name), "") for event in element.events if event.kind == "link")
    return reached


def _entered(contents: list[Element]) -> list[str]:
    """Give what begins when a container is entered, and its event sub-processes."""
    return [each.id for each in (*begins(contents), *(each for each in contents if each.event_subprocess))]


def _uncaught(element: Element, code: str) -> Finding:
    """Warn of an error that no scope around its thrower catches; a calling process may (BPMN 2.0.2 §10.5.7)."""
    message = (
        f"Nothing around '{element.name or element.id}' in the process catches error '{code}': when it is reached, the "
        "instance stops there with an incident, unless a calling process catches it."
    )
    return warning(element, "error_uncaught", message=message)


def _caught(process: Process) -> dict[tuple[str, str | None], set[str]]:
    """Give by scope and error code (None: all) what catches there: an event sub-process, or the scope's own border."""
    caught: dict[tuple[str, str | None], set[str]] = {}
    for element in process.elements.values():
        parent = process.elements.get(element.parent)
        for event in element.events if element.type in ("boundaryEvent", "startEvent") else ():
            if event.kind == "error" and element.attached_to:
                caught.setdefault((element.attached_to, event.code), set()).add(element.attached_to)
            elif event.kind == "error" and parent is not None and parent.event_subprocess:
                caught.setdefault((parent.parent, event.code), set()).add(parent.id)
    return caught


def _is_caught(
    element: Element, code: str, process: Process, *, caught: Mapping[tuple[str, str | None], set[str]]
) -> bool:
    scope: str | None = element.parent
    left: str | None = None
    while scope is not None:
        # An event sub-process does not catch what is thrown in itself.
        if any(by != left for each in (None, code) for by in caught.get((scope, each), ())):
            return True
        left = scope
        # An element may wrongly bear the id of the process, where the search ends.
        around = None if scope == process.key else process.elements.get(scope)
        scope = None if around is None else around.parent
    return False
