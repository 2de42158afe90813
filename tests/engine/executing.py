"""Driving the engine by hand in tests: a diagram's bytes in, an execution whose jobs the test answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from runner.bpmn.diagram import Process
from runner.bpmn.read import read_diagram
from runner.engine.advance import Advance, OpenedCall, OpenedUserTask, OpenedWait, SentMessage, SentSignal, Thrown
from runner.engine.build import Executable
from runner.engine.engine import Execution
from runner.engine.state import dumps, empty_state, fold

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]


def executable(xml: bytes) -> Executable:
    """Build the first process of a file."""
    return Executable(read_diagram(xml, source="test.bpmn").processes[0])


class Drive:
    """An instance whose jobs are answered oldest first; with `restoring`, it is put together anew after every step."""

    def __init__(self, drawn: bytes | Process, answer: Answer, *, restoring: bool = False) -> None:
        self.executable = Executable(drawn) if isinstance(drawn, Process) else executable(drawn)
        self.answer, self.restoring = answer, restoring
        self.execution = Execution(self.executable)
        self.state = empty_state()
        self.deltas: list[dict[str, Any]] = []
        self.open: list[tuple[int, str]] = []
        self.happenings: list[tuple[str, str]] = []
        self.called: list[str] = []
        self.incidents: list[tuple[int, str, str]] = []
        self.waits: dict[tuple[int, str, int], OpenedWait] = {}
        self.user_tasks: dict[str, OpenedUserTask] = {}
        self.calls: list[OpenedCall] = []
        self.messages: list[SentMessage] = []
        self.signals: list[SentSignal] = []
        self.thrown: list[Thrown] = []
        self.completed = False

    def start(self, variables: dict[str, Any] | None = None, *, event: str | None = None) -> Drive:
        """Begin, and leave the first jobs open."""
        self.take(self.execution.start(variables or {}, event=event))
        return self

    def answer_at(self, element_id: str, variables: dict[str, Any] | None = None) -> None:
        """Answer the oldest open job at an element."""
        job = next(job for job in self.open if job[1] == element_id)
        self.open.remove(job)
        self.called.append(element_id)
        self.take(self.execution.complete(job[0], variables or {}))

    def throw_at(self, element_id: str, code: str, variables: dict[str, Any] | None = None) -> None:
        """Throw a BPMN error out of the oldest open job at an element."""
        job = next(job for job in self.open if job[1] == element_id)
        self.take(self.execution.throw_error(job[0], code, variables or {}))

    def happen(self, element_id: str, variables: dict[str, Any] | None = None, *, index: int = 0) -> None:
        """Let the event happen that waits longest at an element."""
        wait = next(each for each in self.waits.values() if each.element_id == element_id and each.index == index)
        if wait.interrupting:
            del self.waits[wait.place]
        self.take(self.execution.trigger(*wait.place, variables or {}))

    def waiting(self) -> list[str]:
        """Give the elements that wait for the world outside."""
        return [wait.element_id for wait in self.waits.values()]

    def step(self) -> None:
        """Answer the oldest open job."""
        token_id, element_id = self.open.pop(0)
        self.called.append(element_id)
        self.take(self.execution.complete(token_id, self.answer(element_id, self.execution.variables_at(token_id))))

    def run(self, variables: dict[str, Any] | None = None) -> Drive:
        """Begin, and answer jobs until none is open."""
        return self.start(variables).run_on()

    def run_on(self) -> Drive:
        """Answer jobs until none is open."""
        while self.open:
            self.step()
        return self

    def take(self, advance: Advance) -> None:
        """Note what an advance says."""
        self.deltas.append(advance.delta)
        self.open += [(job.token_id, job.work) for job in advance.jobs]
        gone = {*advance.canceled, *advance.left, *(int(id) for id in advance.delta.get("gone", ()))}
        self.open = [job for job in self.open if job[0] not in gone]
        self.waits = {key: wait for key, wait in self.waits.items() if key[0] not in gone and key not in advance.closed}
        self.waits.update((wait.place, wait) for wait in advance.waits)
        self.user_tasks.update((each.element_id, each) for each in advance.user_tasks)
        self.calls += advance.calls
        self.messages += advance.messages
        self.signals += advance.signals
        self.thrown += advance.thrown
        self.happenings += [(each.element_id, each.event) for each in advance.happenings]
        self.incidents += [(each.token_id, each.element_id, each.kind.value) for each in advance.incidents]
        self.completed = self.completed or advance.completed
        fold(self.state, [json.loads(dumps(advance.delta))])
        if self.restoring:
            stored = dumps(self.state)
            assert json.loads(dumps(self.execution.snapshot())) == json.loads(stored)
            self.execution = Execution.restore(self.executable, json.loads(stored), [])

    @property
    def variables(self) -> dict[str, Any]:
        """Give the process's variables as the deltas tell them."""
        return dict(self.state["scopes"]["0"][2])

    def events(self, event: str) -> list[str]:
        """Give the elements that something happened to, in order."""
        return [element_id for element_id, happened in self.happenings if happened == event]


def nothing(_element: str, _variables: dict[str, Any]) -> dict[str, Any]:
    """Answer a job with no variables."""
    return {}
