"""How a process is begun by something other than a command: which events start it, and where a token begins then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.bpmn.diagram import Element, EventDefinition, Process
from runner.engine.advance import OpenedWait
from runner.engine.definitions import compile_definitions
from runner.engine.elements.element import ElementSpec
from runner.engine.elements.events import StartEvent
from runner.engine.hearing import heard
from runner.engine.waits import FROM_OUTSIDE, WAITING, opened_wait
from runner.errors import ExpressionFailed
from runner.expressions.language import Compiled


def start_waits(process: Process) -> list[OpenedWait]:
    """Give what starts a process from outside, each with token 0: its start events with a trigger, and receive tasks
    and event-based gateways that create an instance (BPMN 2.0.2 §10.5.2, §10.3.3.3, §10.6.6).

    There are no variables yet; the key of a message is not asked for, since it can be any (Camunda 8 docs, Messages >
    Message start event). Raises ExpressionFailed or ScheduleInvalid.
    """
    return [
        opened_wait(0, element, replace(definition, key=None), {})
        for element in _starting(process)
        for definition in compile_definitions(element.events)
        if definition.kind in FROM_OUTSIDE
    ]


def true_starts(process: Process, variables: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Give the start events of a process whose condition is true of variables, with the index of the definition.

    A condition that cannot be evaluated, because a variable is missing, is not true.
    """
    return [
        (element.id, definition.index)
        for element in _starting(process)
        if element.type == "startEvent"
        for definition in compile_definitions(element.events)
        if definition.condition is not None and _holds(definition.condition, variables)
    ]


def _holds(condition: Compiled, variables: Mapping[str, Any]) -> bool:
    try:
        return condition.evaluate(variables) is True
    except ExpressionFailed:
        return False


def triggers(process: Process) -> tuple[str, ...]:
    """Say what begins a process that nobody can start by hand ("the message 'PaymentReceived'"); () if somebody can."""
    starts = [each for each in process.elements.values() if each.type == "startEvent" and each.parent == process.key]
    if any(not each.events for each in starts):
        return ()
    begins = [event for each in _starting(process) for event in each.events if event.kind in WAITING]
    return tuple(dict.fromkeys(_in_words(event) for event in begins))


def _in_words(event: EventDefinition) -> str:
    if event.condition is not None:
        return f"the condition `{event.condition.text}` (`runner conditions`)"
    return f"the {event.kind} '{event.name}'" if event.name else f"a {event.kind}"


def _starting(process: Process) -> list[Element]:
    found = []
    for element in process.elements.values():
        if element.parent != process.key:
            continue
        if element.type == "startEvent" or (element.type == "receiveTask" and element.creates_instance):
            found.append(element)
        elif element.type == "eventBasedGateway" and element.creates_instance:
            found += [process.elements[process.flows[flow].target] for flow in element.outgoing]
    return found


def begin_at(workflow: Any, spec: ElementSpec, payload: Mapping[str, Any], *, index: int = 0) -> None:
    """Put the first token where definition `index` of an event has started the process, with what its trigger brought.

    Behind a parallel event-based gateway the token begins at the gateway, which waits for the other events; a parallel
    multiple start event waits for its other triggers itself.
    """
    scope = workflow.scopes[0]
    gateway = _gateway_before(workflow, spec)
    if spec.element.all_events and len(spec.definitions) > 1 and isinstance(spec, StartEvent):
        heard(workflow, workflow.add_task(spec, scope), spec, index, payload)
    elif gateway is None:
        workflow.add_task(spec, scope).remember(payload=dict(payload))
    else:
        task = workflow.add_task(gateway, scope)
        task.remember(brought=dict(payload))
        workflow.ready.remove(task)
        workflow.run_one(task)
        spec.triggered(workflow, task, index, payload)


def _gateway_before(workflow: Any, spec: ElementSpec) -> ElementSpec | None:
    for flow_id in spec.element.incoming:
        source: ElementSpec = workflow.executable.element(workflow.executable.process.flows[flow_id].source)
        if source.element.type == "eventBasedGateway" and source.element.all_events:
            return source
    return None
