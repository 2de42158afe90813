"""Errors and escalations travel from the thrower outward: the border of its activity, event sub-processes of its scope,
the border of the sub-process around it, and so on; never to a neighbour (BPMN 2.0.2 §10.5.7, §13.5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runner.engine.advance import Thrown
from runner.engine.faults import ErrorUncaught
from runner.engine.tasks import Task


@dataclass(frozen=True, slots=True)
class Catch:
    """Who catches: an event's spec, which of its definitions, and the token it belongs to.

    That is its host, or the owner of its scope; None is the process.
    """

    spec: Any
    index: int
    host: Task | None


def find_catch(workflow: Any, origin: Task, kind: str, code: str | None) -> Catch | None:
    """Find the nearest event that catches an error, escalation or cancellation thrown at a token.

    At each place an event with the code comes before one for all codes.
    """
    task: Task | None = origin
    while task is not None:
        for specs, host in (
            (getattr(task.task_spec, "boundaries", ()), task),
            # What an interrupting event sub-process throws goes outward: it has replaced all else in its scope.
            (() if task.internal_data.get("interrupted") else workflow.event_starts(task.home), None),
        ):
            found = _matching(specs, kind, code)
            if found is not None:
                return Catch(*found, host or workflow.owner_of(task.home))
        task = workflow.owner_of(task.home)
    return None


def _matching(specs: Iterable[Any], kind: str, code: str | None) -> tuple[Any, int] | None:
    for wanted in (code, None):
        for spec in specs:
            for definition in spec.definitions:
                if definition.kind == kind and definition.event.code == wanted:
                    return spec, definition.index
    return None


def throw_error(workflow: Any, task: Task, code: str, variables: dict[str, Any], *, message: str = "") -> None:
    """Throw a BPMN error outward from a token, which ends by it. Raises ErrorUncaught, with nothing changed."""
    catch = find_catch(workflow, task, "error", code)
    if catch is None:
        raise ErrorUncaught(task.task_spec.element.id, code)
    workflow.record(task.task_spec, "error_thrown", {"code": code})
    if task.own is not None:
        workflow.cancel_tokens(task.own.tokens.values())  # listeners that are told of an assignment
    workflow.remove_task(task)
    _happen(workflow, catch, code, variables, message=message)


def throw_escalation(workflow: Any, task: Task, code: str, variables: dict[str, Any]) -> None:
    """Throw an escalation outward from a token; uncaught, it goes to the calling process, or comes to nothing."""
    workflow.record(task.task_spec, "escalation_thrown", {"code": code})
    catch = find_catch(workflow, task, "escalation", code)
    if catch is not None:
        _happen(workflow, catch, code, variables)
    else:
        element_id = task.task_spec.element.id
        workflow.advance.note("thrown", Thrown("escalation", task.id, element_id, code, variables))


def _happen(workflow: Any, catch: Catch, code: str, variables: dict[str, Any], *, message: str = "") -> None:
    """Let the catching event happen; it may name variables for the code and the message."""
    event = catch.spec.definitions[catch.index].event
    named = {event.code_variable: code, event.message_variable: message}
    payload = variables | {name: value for name, value in named.items() if name}
    catch.spec.triggered(workflow, catch.host, catch.index, payload)
