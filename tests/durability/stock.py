"""Stock SpiffWorkflow, with its own parser, specs and workflow, running the same file by the same schedule.

Its service tasks are executed as manual ones, which wait for whoever completes them; nothing else is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from durability.courses import Ending, Offer, note_variables
from durability.models import Model
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.defaults import ManualTask
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.util.task import TaskState


class StockParser(BpmnParser):  # type: ignore[misc]
    """The stock parser; a service task waits."""

    OVERRIDE_PARSER_CLASSES = {full_tag("serviceTask"): (TaskParser, ManualTask)}  # noqa: RUF012  # the parser's way


class InStock:
    """One run of a model in stock SpiffWorkflow. A course, see `courses.py`; its tokens are numbers of the moment."""

    def __init__(self, model: Model) -> None:
        parser = StockParser()
        parser.add_bpmn_xml(etree.fromstring(model.xml))
        self._model = model
        self._completed: list[str] = []
        self._elements = set(model.drawing.ids())
        self._workflow = BpmnWorkflow(parser.get_spec("p"))
        self._workflow.task_tree.data.update(model.variables)
        self._run()

    def offers(self) -> list[Offer]:
        """Give the service tasks that wait."""
        return [Offer(task.task_spec.name, number) for number, task in enumerate(self._waiting())]

    def take(self, offer: Offer) -> None:
        """Complete a service task, or throw the error; the one event that catches its code takes the variables over."""
        task = self._waiting()[offer.token_id]
        variables, code = self._model.deeds[offer.element_id].answer(task.data)
        if code:
            self._workflow.catch(BpmnEvent(ErrorEventDefinition(code, code), payload=variables))
        else:
            task.data.update(variables)
            task.run()
            self._note(task)
        self._run()

    def is_stuck(self) -> bool:
        """Say no: stock SpiffWorkflow knows no incidents."""
        return False

    def retry(self, variables: Mapping[str, Any]) -> None:
        """Never be asked."""
        raise AssertionError("nothing is stuck")

    def cancel(self) -> None:
        """Give up."""
        self._workflow.cancel()

    def ending(self) -> Ending:
        """Tell the end; the history has what was completed and nothing else, the variables are those of the end."""
        state = "completed" if self._workflow.completed else "active"
        variables: list[str] = [""]
        note_variables(variables, self._workflow.data)
        return Ending(state, variables, [(name, "completed", {}) for name in self._completed])

    def _waiting(self) -> list[Any]:
        return list(self._workflow.get_tasks(state=TaskState.READY, manual=True))

    def _run(self) -> None:
        self._workflow.do_engine_steps(did_complete_task=self._note)

    def _note(self, task: Any) -> None:
        # The stock parser adds elements of its own: Start, End, BoundaryEventSplit, …
        if task.task_spec.name in self._elements:
            self._completed.append(task.task_spec.name)
