"""What events and tasks send to the world outside: messages and signals."""

from __future__ import annotations

from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.advance import SentMessage, SentSignal
from runner.engine.definitions import Definition
from runner.engine.elements.element import handed_over
from runner.engine.hearing import tell_inside
from runner.engine.scopes import Scope


def send_message(workflow: Any, element: Element, definition: Definition, scope: Scope) -> None:
    """Send a message, with what is mapped into it or else all that can be seen here. Raises ExpressionFailed."""
    payload = definition.payload_in(scope) if definition.payload else _all_of(workflow, element, scope)
    name, key = definition.name_in(scope), definition.key_in(scope)
    workflow.advance.note("messages", SentMessage(element.id, name, key, payload))


def send_signal(workflow: Any, element: Element, definition: Definition, scope: Scope) -> None:
    """Broadcast a signal, with what is mapped into it; its sender may be interrupted by it. Raises ExpressionFailed."""
    payload, name = definition.payload_in(scope), definition.name_in(scope)
    if element.data_inputs:
        payload = {**_all_of(workflow, element, scope), **payload}
    told = tell_inside(workflow, name, payload)
    workflow.advance.note("signals", SentSignal(element.id, name, payload, told))


def _all_of(workflow: Any, element: Element, scope: Scope) -> dict[str, Any]:
    """Give what a throwing element has been given by data associations (BPMN 2.0.2 §10.5.1), else all that it sees."""
    return dict(scope.variables) if element.data_inputs else handed_over(workflow, scope)
