"""What happens to events that wait: which of several triggers have come (`parallelMultiple`, BPMN 2.0.2 §10.5.5), and
who in an instance hears a signal that the instance itself throws.

A signal reaches those who wait in the same instance at once, so that it interrupts before anything else moves; others
are told when the step is stored (`commands/waits.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.engine.tasks import Task
from runner.engine.waits import Waits

Place = tuple[int, str, int]
# What may happen again; a timer of several triggers has run down, and does not begin anew.
_AGAIN = frozenset({"message", "signal"})


def heard(workflow: Any, host: Task | None, spec: Any, index: int, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Note that one definition of an event happened; give what all have brought if that was the last, else None.

    `host` is the token that waits (None: the process). An event that interrupts nothing begins to wait anew.
    """
    if not spec.element.all_events:
        return dict(payload)
    token_id = 0 if host is None else host.id
    numbers = sorted({*seen(workflow, host, spec), index})
    together = {**workflow.memory(host).get(f"payload {spec.element.id}", {}), **payload}
    if len(numbers) < len(spec.definitions):
        workflow.remember(host, **{f"seen {spec.element.id}": numbers, f"payload {spec.element.id}": together})
        workflow.advance.note("closed", (token_id, spec.element.id, index))
        return None
    if not spec.element.interrupting:
        workflow.remember(host, **{f"seen {spec.element.id}": [], f"payload {spec.element.id}": {}})
        closed = {each.index for each in spec.definitions if each.kind in _AGAIN and each.index != index}
        waits = Waits(workflow, token_id, workflow.scopes[0] if host is None else host.scope)
        waits.add(spec, seen={each.index for each in spec.definitions} - closed)
        waits.open()
    return together


def seen(workflow: Any, host: Task | None, spec: Any) -> list[int]:
    """Give which definitions of an event with `parallelMultiple` have happened already."""
    numbers: list[int] = workflow.memory(host).get(f"seen {spec.element.id}", [])
    return numbers


def wait_again(workflow: Any) -> None:
    """Let a restored instance wait for conditions again; what comes from outside waits in the store."""
    for host, spec in _awaited(workflow):
        scope = workflow.scopes[0] if host is None else host.scope
        waits = Waits(workflow, 0 if host is None else host.id, scope)
        waits.restore(spec, seen=seen(workflow, host, spec))


def tell_inside(workflow: Any, name: str, payload: Mapping[str, Any]) -> tuple[Place, ...]:
    """Let a signal happen to all that wait for its name in the instance now, and give who that was.

    Names that are expressions were evaluated when the waiting began: the store knows them.
    """
    told = []
    for host, spec, index in list(_hearing(workflow, name)):
        if (host, spec) in list(_awaited(workflow)):  # unless an event before it has ended its waiting
            told.append((0 if host is None else host.id, spec.element.id, index))
            with workflow.amid():
                spec.triggered(workflow, host, index, payload)
    return tuple(told)


def _hearing(workflow: Any, name: str) -> Iterator[tuple[Task | None, Any, int]]:
    for host, spec in _awaited(workflow):
        for each in spec.definitions:
            named = each.kind == "signal" and each.naming is None and each.event.name == name
            if named and each.index not in seen(workflow, host, spec):
                yield host, spec, each.index


def _awaited(workflow: Any) -> Iterator[tuple[Task | None, Any]]:
    """Give the events that may happen now, each with the token that waits for it (None: the process)."""
    yield from ((None, spec) for spec in workflow.root_starts())
    for task in sorted(workflow.tasks.values(), key=_by_age):
        # Before its listeners have been called, an element has not begun to wait.
        if task.internal_data.get("listening") != "before":
            yield from ((task, spec) for spec in task.task_spec.awaited(task))


def _by_age(task: Task) -> int:
    return task.id
