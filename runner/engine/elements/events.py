"""Events that do more than let a token pass: the end events."""

from __future__ import annotations

from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.elements.element import ElementSpec
from runner.engine.faults import ErrorUncaught
from runner.engine.tasks import Task


class EndEvent(ElementSpec):
    """Takes its token away; a terminate end takes all of them, an error end throws (BPMN 2.0.2 §10.5.3, §13.5.6)."""

    def __init__(self, process_spec: Any, element: Element) -> None:
        super().__init__(process_spec, element)
        self.kind = element.events[0].kind if element.events else "none"

    def _run_hook(self, task: Task) -> bool | None:
        if self.kind == "error":
            raise ErrorUncaught(self.name, self.element.events[0].code or "")
        return super()._run_hook(task)

    def _on_complete(self, task: Task) -> None:
        super()._on_complete(task)
        if self.kind == "terminate":
            task.workflow.cancel_all()
