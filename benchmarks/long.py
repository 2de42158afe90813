"""Long instances and big variables, step by step through the store: what a step costs early and late.

Measured in turns, early and late rounds after each other, so that a slow minute of the machine hits both. Beside the
time on the clock there is the process's processor time, which waits for neither the disk nor other processes."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import func, select

from benchmarks.ours import LOOP
from runner import Handler, HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.jobs import claim_jobs, complete_job
from runner.runtime import Runtime
from runner.store.tables import steps

CHAIN, WARM, TURNS = 5_000, 10, 5
TOPICS = ("early", "late", "small", "big")
Figures = Iterator[tuple[str, float]]


class Cost(NamedTuple):
    """What one round took, in microseconds: on the clock, and of the processor."""

    wall: float
    cpu: float


class Walk:
    """One instance whose jobs are claimed and completed one by one; its topic is nobody else's."""

    def __init__(self, runner: Runner, key: str, topic: str, variables: dict[str, Any] | None = None) -> None:
        self._runner, self._topics = runner, frozenset({topic})
        self.id = runner.start(key, {"n": 0, **(variables or {})}).id
        self._round = 0

    def go(self, rounds: int) -> list[Cost]:
        """Give what each of so many rounds cost: to claim the job, and to complete it."""
        found = []
        for _ in range(rounds):
            began, used = time.perf_counter(), time.process_time()
            (job,) = claim_jobs(self._runner.runtime, self._topics, worker="benchmark", limit=1)
            complete_job(self._runner.runtime, job, {"n": self._round})
            found.append(Cost((time.perf_counter() - began) * 1e6, (time.process_time() - used) * 1e6))
            self._round += 1
        return found

    def end(self) -> None:
        """Cancel the instance: its last job must not be claimed in the name of the next one."""
        self._runner.instance(self.id).cancel()


def runner_for(url: str) -> Runner:
    """Give a runner without workers that has handlers for all topics here."""
    handlers = HandlerRegistry(Handler(topic, lambda: None) for topic in TOPICS)
    return Runner(database=url, handlers=[handlers], work=False)


def loops(runner: Runner) -> Iterator[tuple[str, float] | Walk]:
    """Give the figures of a gateway loop, then the long instance itself, at round 11,000."""
    for topic in TOPICS:
        diagram = LOOP.replace('"work"', f'"{topic}"').replace('id="loop"', f'id="{topic}_loop"')
        definitions.deploy(runner.runtime, diagram.encode(), source=f"{topic}_loop.bpmn")
    late = Walk(runner, "late_loop", "late")
    late.go(10_000)
    yield from _beside(runner, ("early_loop", late, 200), label="loop through the store", far="10,000")
    yield "loop through the store, bytes/round", log_bytes(runner.runtime, late.id)
    yield late


def big_variables(runner: Runner) -> Figures:
    """Give what rounds cost with 100 KB of variables of which one key changes, snapshots included, and without."""
    rest = {f"k{number}": "x" * 100 for number in range(1000)}
    costs: dict[str, list[Cost]] = {"small": [], "big": []}
    for _ in range(TURNS):
        for topic, variables in (("small", {}), ("big", {"rest": rest})):
            walk = Walk(runner, f"{topic}_loop", topic, variables)
            walk.go(WARM)
            costs[topic] += walk.go(1_200)
            if topic == "big":
                written = log_bytes(runner.runtime, walk.id)
            walk.end()
    for field in Cost._fields:
        small, big = (statistics.mean(getattr(cost, field) for cost in costs[topic]) for topic in ("small", "big"))
        yield f"loop, mean us/round ({field})", small
        yield f"loop with 100 KB of variables, mean us/round ({field})", big
        yield f"loop with 100 KB of variables / without ({field})", big / small
    yield "loop with 100 KB of variables, log bytes/round", written


def chains(runner: Runner) -> Figures:
    """Give what a step costs near the beginning and near the end of 5,000 tasks after each other."""
    for topic in ("early", "late"):
        definitions.deploy(runner.runtime, _chain(topic).encode(), source=f"{topic}_chain.bpmn")
    late = Walk(runner, "late_chain", "late")
    late.go(CHAIN - 100 * TURNS)
    yield from _beside(runner, ("early_chain", late, 100), label="chain", far="5,000")


def _beside(runner: Runner, measured: tuple[str, Walk, int], *, label: str, far: str) -> Figures:
    key, late, rounds = measured
    early_costs: list[Cost] = []
    late_costs: list[Cost] = []
    for _ in range(TURNS):
        early = Walk(runner, key, "early")
        early.go(WARM)
        early_costs += early.go(rounds)
        early.end()
        late_costs += late.go(rounds)
    for field in Cost._fields:
        near, end = (statistics.median(getattr(cost, field) for cost in costs) for costs in (early_costs, late_costs))
        yield f"{label}, us/round near round 10 ({field})", near
        yield f"{label}, us/round near round {far} ({field})", end
        yield f"{label}, round {far} / round 10 ({field})", end / near


def log_bytes(runtime: Runtime, id: str) -> float:
    """Give the mean bytes of an instance's log rows; its snapshot is not one of them."""
    with runtime.database.read() as connection:
        length = func.length(steps.c.delta) + func.length(steps.c.happenings)
        return float(connection.execute(select(func.avg(length)).where(steps.c.instance_id == id)).scalar_one())


def _chain(topic: str) -> str:
    ids = ["s", *(f"t{number}" for number in range(CHAIN)), "e"]
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(itertools.pairwise(ids))
    )
    tasks = "".join(f'<serviceTask id="{name}" runner:handler="{topic}"/>' for name in ids[1:-1])
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:runner="urn:bpmn-runner:1.0" '
        f'targetNamespace="benchmark"><process id="{topic}_chain" isExecutable="true"><startEvent id="s"/>{tasks}'
        f'<endEvent id="e"/>{flows}</process></definitions>'
    )
