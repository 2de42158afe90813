"""Runs any diagram with handlers that do nothing, until it ends or nothing is left that could move it on: people
complete their tasks, time passes, messages and signals come, variables are guessed from the expressions that need them.

`python tests/stubbed.py FOLDER` prints what comes of each file in a folder."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from builders import FakeClock, chain

from runner import HandlerRegistry
from runner.app import Runner, RunnerInstance
from runner.bpmn.bindings import listeners_of
from runner.bpmn.check import check_diagram
from runner.bpmn.diagram import Diagram, Process, TimerDefinition
from runner.bpmn.read import read_file
from runner.commands.decisions import deploy_decisions
from runner.commands.definitions import deploy
from runner.commands.instances import list_instances
from runner.commands.jobs import claim_jobs, complete_job
from runner.commands.messages import deliver_messages, undelivered_messages
from runner.commands.verification import verify
from runner.errors import FormInvalid, RunnerError
from runner.expressions.language import Expression, Language
from runner.handling import Handler
from runner.model import InstanceView, Wait
from runner.work.timekeeper import Timekeeper

DECISION = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="stub">'
    '<decision id="{key}" name="{key}"><variable name="{key}"/>'
    "<literalExpression><text>&quot;text&quot;</text></literalExpression></decision></definitions>"
)
# Rounds in which something moves: enough for every diagram that is not meant to go on for ever.
ROUNDS = 200
_LITERAL = r"""("[^"]*"|'[^']*'|\d+(?:\.\d+)?|true|false)"""
_COMPARED = re.compile(rf"([a-zA-Z_]\w*(?:\.\w+)*)\s*(?:==|=|>=|<=|eq)\s*{_LITERAL}")
_ALONE = re.compile(r"[$#]\{\s*!?\s*([a-zA-Z_][\w.]*)\s*\}|^\s*(?:not\()?([a-zA-Z_][\w.]*)\)?\s*$")
# A value for a variable that stands alone in a field of a record.
_FITTING: dict[str, Any] = {
    "collection": ["one", "two"],
    "cardinality": 2,
    "duration": "PT1M",
    "cycle": "R1/PT1M",
    "date": "2026-02-01T00:00:00Z",
    "due": "2026-02-01T00:00:00Z",
    "follow_up": "2026-02-01T00:00:00Z",
    "priority": 1,
    "condition": True,
    "completion": True,
    "correlation_key": "key",
}


@dataclass(frozen=True)
class Outcome:
    """What came of a file: `verdict` is unreadable, refused, accepted; `end` how its run ended, or why it stands.

    `incidents` are kinds and messages.
    """

    file: str
    verdict: str
    reasons: tuple[str, ...] = ()
    end: str = ""
    incidents: tuple[tuple[str, str], ...] = ()


def run_file(path: Path) -> Iterator[Outcome]:
    """Judge a file, and run each of its processes that can be begun by hand."""
    try:
        diagram = read_file(path)
    except RunnerError as error:
        yield Outcome(path.name, "unreadable", (str(error),))
        return
    refused = [each for each in check_diagram(diagram, None) if each.verdict == "refused"]
    if refused:
        yield Outcome(path.name, "refused", tuple(f"{each.code}: {each.message}" for each in refused))
        return
    for process in diagram.executable:
        yield run_process(path, diagram, process)


def run_process(path: Path, diagram: Diagram, process: Process) -> Outcome:
    """Run one process of an accepted file."""
    clock = FakeClock()
    registry = HandlerRegistry(Handler(topic, dict) for topic in sorted(topics_of(diagram)))
    with Runner(database="sqlite://", handlers=registry, clock=clock, work=False) as runner:
        for key in called_by(diagram, "callActivity"):
            deploy(runner.runtime, chain([], key=key), source=f"{key}.bpmn")
        for key in called_by(diagram, "businessRuleTask"):
            deploy_decisions(runner.runtime, DECISION.format(key=key).encode(), source=f"{key}.dmn")
        deploy(runner.runtime, diagram.xml, source=path.name)
        try:
            instance = begin(runner, process)
        except RunnerError as error:
            return Outcome(path.name, "accepted", end=f"not begun: {error}")
        drive(runner, clock, instance)
        assert verify(runner.runtime).violations == []
        view = instance.view()
        incidents = tuple((str(each.kind), each.message) for each in view.incidents if each.resolved_at is None)
        return Outcome(path.name, "accepted", end=standing(view), incidents=incidents)


def begin(runner: Runner, process: Process) -> RunnerInstance:
    """Start a process by hand, or by the message or signal that starts it."""
    variables = guessed(process)
    starts = [each for each in process.elements.values() if each.type == "startEvent" and each.parent == process.key]
    if not starts or any(not each.events for each in starts):
        return runner.start(process.key, variables)
    event = starts[0].events[0]
    if event.kind == "message" and event.name:
        publish(runner, event.name, variables=variables)
    elif event.kind == "signal" and event.name:
        runner.broadcast_signal(event.name, variables)
    else:
        runner.runtime.clock.move(10 * 366 * 86400)  # type: ignore[attr-defined]
        Timekeeper(runner.runtime).fire_due()
    found = list_instances(runner.runtime, key=process.key).instances
    if not found:
        raise RunnerError(f"nothing began '{process.key}'")
    return runner.instance(found[0].id)


def drive(runner: Runner, clock: FakeClock, instance: RunnerInstance) -> None:
    """Do all that anybody could do for an instance and those it called, again and again."""
    for _ in range(ROUNDS):
        if instance.view().instance.ended_at is not None or not any([*moved(runner, clock, instance)]):
            return


def publish(runner: Runner, name: str, key: str = "", variables: dict[str, Any] | None = None) -> None:
    """Publish a message and deliver it."""
    runner.publish_message(name, key, variables)
    deliver_messages(runner.runtime, undelivered_messages(runner.runtime, limit=50))


def moved(runner: Runner, clock: FakeClock, instance: RunnerInstance) -> Iterator[bool]:
    """Do one thing of each kind, and tell of each whether there was something to do."""
    runtime = runner.runtime
    jobs = claim_jobs(runtime, runtime.handlers.topics, worker="stub", limit=50)
    for job in jobs:
        complete_job(runtime, job, {})
    yield bool(jobs)
    tasks = [complete(runner, task.id) for task in runner.user_tasks()]
    yield any(tasks)
    if not jobs and not any(tasks):
        yield any([happen(runner, clock, wait) for wait in instance.view().waits])


def complete(runner: Runner, task_id: str) -> bool:
    """Complete a user task, trying other values for the fields of its form that are not filled in as it asks."""
    values: dict[str, Any] = {}
    for value in (None, 1, True, "text", "2026-02-01", "12:00", ["text"]):
        try:
            runner.complete_user_task(task_id, values)
        except FormInvalid as error:
            values |= {flaw.field.removeprefix("/"): value for flaw in error.flaws if flaw.field.count("/") == 1}
        else:
            return True
    return False


def happen(runner: Runner, clock: FakeClock, wait: Wait) -> bool:
    """Let what is waited for happen, unless it could go on for ever."""
    if wait.kind == "message":
        publish(runner, wait.name, wait.key)
    elif wait.kind == "signal":
        runner.broadcast_signal(wait.name)
    elif wait.due_at is not None:
        clock.move(max(0.0, (wait.due_at - clock.now()) / timedelta(seconds=1)))
        Timekeeper(runner.runtime).fire_due()
    return wait.interrupting


def standing(view: InstanceView) -> str:
    """Say how an instance ended, or what its tokens wait for."""
    if view.instance.ended_at is not None:
        return str(view.instance.state)
    return "waits: " + ", ".join(sorted({f"{token.waiting_for} at {token.element_type}" for token in view.tokens}))


def topics_of(diagram: Diagram) -> set[str]:
    """Give a topic for each element and listener that needs a handler."""
    found: set[str] = set()
    for process in diagram.executable:
        found |= {topic for each in process.elements.values() if each.service for topic in each.service.candidates[:1]}
        found |= {
            topic for _, _, each in listeners_of(process) if each.service for topic in each.service.candidates[:1]
        }
    return found


def called_by(diagram: Diagram, tag: str) -> set[str]:
    """Give the processes or decisions that a file calls by name and does not have."""
    called = {
        element.called.id.text
        for process in diagram.executable
        for element in process.elements.values()
        if element.type == tag and element.called is not None and element.called.id.language is Language.TEXT
    }
    return called - {process.key for process in diagram.processes}


def guessed(process: Process) -> dict[str, Any]:
    """Give variables for which most expressions of a process have a value: what they are compared with, else one that
    fits the place."""
    variables: dict[str, Any] = {}
    placed = [each for each in expressions_in(process) if each[1].language is not Language.TEXT]
    for _, expression in placed:
        for path, literal in _COMPARED.findall(expression.text):
            _put(variables, path.split("."), _value(literal))
    for place, expression in sorted(
        placed, key=lambda each: list(_FITTING).index(each[0]) if each[0] in _FITTING else 99
    ):
        for names in _ALONE.findall(expression.text):
            _put(variables, next(filter(None, names)).split("."), _FITTING.get(place, "text"))
    return {name: value for name, value in variables.items() if name not in ("execution", "task", "true", "false")}


def expressions_in(part: Any, place: str = "") -> Iterator[tuple[str, Expression]]:
    """Give every expression in a record of a diagram, with the name of the field it is in."""
    if isinstance(part, Expression):
        yield place, part
    elif is_dataclass(part):
        kind = part.kind if isinstance(part, TimerDefinition) else ""
        for each in fields(part):
            yield from expressions_in(getattr(part, each.name), kind or each.name)
    elif isinstance(part, dict):
        yield from expressions_in(tuple(part.values()), place)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from expressions_in(each, place)


def _put(variables: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = variables.setdefault(name, {})
        variables = inner if isinstance(inner, dict) else {}
    variables.setdefault(path[-1], value)


def _value(literal: str) -> Any:
    if literal in ("true", "false"):
        return literal == "true"
    return literal[1:-1] if literal[0] in "\"'" else float(literal) if "." in literal else int(literal)


def drawings(folder: Path) -> list[Path]:
    """Give the diagrams in a folder and those in it."""
    return sorted(path for path in folder.rglob("*") if path.suffix in (".bpmn", ".xml") and path.is_file())


def main(folders: Iterable[str]) -> None:
    """Print a line for each process of each file, and what they come to in all."""
    counts: Counter[str] = Counter()
    for path in (path for folder in folders for path in drawings(Path(folder))):
        for outcome in run_file(path):
            what = outcome.end or outcome.verdict
            counts[what.partition(":")[0] + (", with incidents" if outcome.incidents else "")] += 1
            print(f"{path.parent.name}/{outcome.file}: {what}")
            for reason in (*outcome.reasons, *(f"{kind}: {message}" for kind, message in outcome.incidents)):
                print(f"    {reason[:300]}")
    print(dict(counts))


if __name__ == "__main__":
    main(sys.argv[1:])
