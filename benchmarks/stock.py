"""The baselines: stock SpiffWorkflow, in memory and with its JSON stored after each task, and a bare commit loop."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.spiff.specs.defaults import ServiceTask
from SpiffWorkflow.util.task import TaskState

from benchmarks.work import HANDLERS, VARIABLES

STEPS = ("paralyze", "attack", "throw_pokeball")


def diagram() -> bytes:
    """Give the capture process in the form that stock SpiffWorkflow binds to Python."""
    names = ["start", *STEPS, "end"]
    tasks = "".join(
        f'<bpmn:serviceTask id="{name}"><bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="op.{name}" '
        'resultVariable="result"/></bpmn:extensionElements></bpmn:serviceTask>'
        for name in STEPS
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(itertools.pairwise(names))
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="benchmark">'
        f'<bpmn:process id="capture" isExecutable="true"><bpmn:startEvent id="start"/>{tasks}<bpmn:endEvent id="end"/>'
        f"{flows}</bpmn:process></bpmn:definitions>"
    ).encode()


class Environment(TaskDataEnvironment):  # type: ignore[misc]
    """Calls the benchmark's handlers in the engine, as stock SpiffWorkflow does."""

    def call_service(self, context: dict[str, Any], operation_name: str, **_: Any) -> str:
        """Call a handler and merge what it returns."""
        handler = HANDLERS[operation_name.removeprefix("op.")]
        result = handler(trainer=context["trainer"], pokemon=context["pokemon"])
        context.update(result)
        return json.dumps(result)


class Stock:
    """Stock SpiffWorkflow with the capture process."""

    def __init__(self) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_str(diagram())
        self.spec, self.subprocesses = parser.get_spec("capture"), parser.get_subprocess_specs("capture")
        self.engine = PythonScriptEngine(Environment())
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))

    def new(self) -> BpmnWorkflow:
        """Begin an instance."""
        workflow = BpmnWorkflow(self.spec, self.subprocesses, script_engine=self.engine)
        workflow.task_tree.data.update(json.loads(json.dumps(VARIABLES)))
        return workflow

    def in_memory(self) -> None:
        """Run an instance, keeping nothing."""
        workflow = self.new()
        workflow.do_engine_steps()
        assert workflow.completed

    def stored(self, connection: sqlite3.Connection, number: int) -> None:
        """Run an instance, storing its JSON after each service task."""
        workflow = self.new()
        statement = "INSERT INTO w VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state"
        while (task := workflow.get_next_task(state=TaskState.READY)) is not None:
            task.run()
            if isinstance(task.task_spec, ServiceTask):
                connection.execute(statement, (number, self.serializer.serialize_json(workflow)))
        assert workflow.completed


def rate(once: Callable[[int], None], seconds: float) -> float:
    """Give how often per second `once` runs."""
    number, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        once(number)
        number += 1
    return number / passed


def open_full(path: Path) -> sqlite3.Connection:
    """Open a new SQLite file that syncs every commit."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE w (id INTEGER PRIMARY KEY, state TEXT)")
    return connection


def measure_in_memory(seconds: float) -> float:
    """Give instances per second of stock SpiffWorkflow in memory."""
    stock = Stock()
    return rate(lambda _: stock.in_memory(), seconds)


def measure_stored(seconds: float, folder: Path) -> float:
    """Give instances per second of stock SpiffWorkflow with its JSON stored after each task."""
    stock, connection = Stock(), open_full(folder / f"stock-{time.time_ns()}.db")
    result = rate(lambda number: stock.stored(connection, number), seconds)
    connection.close()
    return result


def measure_commits(seconds: float, folder: Path) -> float:
    """Give commits per second of a loop that does nothing else."""
    connection = open_full(folder / f"bare-{time.time_ns()}.db")
    result = rate(lambda number: insert(connection, number), seconds)
    connection.close()
    return result


def insert(connection: sqlite3.Connection, number: int) -> None:
    """Commit one small row."""
    connection.execute("INSERT INTO w VALUES (?, '{}')", (number,))
