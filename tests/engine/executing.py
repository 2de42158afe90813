"""Driving the engine by hand in tests: a diagram's bytes in, an execution whose jobs the test answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.bpmn.read import read_diagram
from runner.engine.advance import Advance
from runner.engine.build import Executable
from runner.engine.engine import Execution
from runner.engine.state import empty_state, fold

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]


def executable(xml: bytes) -> Executable:
    """Build the first process of a file."""
    return Executable(read_diagram(xml, source="test.bpmn").processes[0])


class Drive:
    """An instance whose jobs are answered oldest first; with `restoring`, it is put together anew after every step."""

    def __init__(self, xml: bytes, answer: Answer, *, restoring: bool = False) -> None:
        self.executable, self.answer, self.restoring = executable(xml), answer, restoring
        self.execution = Execution(self.executable)
        self.deltas: list[dict[str, Any]] = []
        self.open: list[tuple[int, str]] = []
        self.happenings: list[tuple[str, str]] = []
        self.called: list[str] = []
        self.incidents: list[tuple[int, str, str]] = []
        self.completed = False

    def start(self, variables: dict[str, Any] | None = None) -> Drive:
        """Begin, and leave the first jobs open."""
        self.take(self.execution.start(variables or {}))
        return self

    def step(self) -> None:
        """Answer the oldest open job."""
        token_id, element_id = self.open.pop(0)
        self.called.append(element_id)
        self.take(self.execution.complete(token_id, self.answer(element_id, self.execution.variables_at(token_id))))

    def run(self, variables: dict[str, Any] | None = None) -> Drive:
        """Begin, and answer jobs until none is open."""
        self.start(variables)
        while self.open:
            self.step()
        return self

    def take(self, advance: Advance) -> None:
        """Note what an advance says."""
        self.deltas.append(advance.delta)
        self.open += [(job.token_id, job.element_id) for job in advance.jobs]
        self.open = [job for job in self.open if job[0] not in advance.canceled]
        self.happenings += [(each.element_id, each.event) for each in advance.happenings]
        self.incidents += [(each.token_id, each.element_id, each.kind.value) for each in advance.incidents]
        self.completed = self.completed or advance.completed
        if self.restoring:
            self.execution = Execution.restore(self.executable, None, self.deltas)

    @property
    def variables(self) -> dict[str, Any]:
        """Give the process's variables as the deltas tell them."""
        return dict(fold(empty_state(), self.deltas)["scopes"]["0"][2])

    def events(self, event: str) -> list[str]:
        """Give the elements that something happened to, in order."""
        return [element_id for element_id, happened in self.happenings if happened == event]


def nothing(_element: str, _variables: dict[str, Any]) -> dict[str, Any]:
    """Answer a job with no variables."""
    return {}
