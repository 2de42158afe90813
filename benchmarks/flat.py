"""What a step of a long instance costs the engine alone, early and late: loop, repetitions, chain, big variables.

The early steps of one instance and the late ones of another are measured in turns, one of each, so that a slow moment
of the machine hits both. Each step's delta is encoded."""

from __future__ import annotations

import itertools
import statistics
import time
from collections import deque
from typing import Any

from benchmarks.ours import LOOP
from runner.bpmn.read import read_diagram
from runner.engine.build import Executable
from runner.engine.engine import Execution
from runner.engine.state import dumps

STEPS, CHAIN, WARM, WINDOW = 10_000, 5_000, 10, 500
_HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="benchmark">'


def figures() -> dict[str, float]:
    """Give microseconds per step near step 10 and near the last one, for each kind of long instance."""
    kinds: dict[str, tuple[str, int, dict[str, Any]]] = {
        "loop": (LOOP, STEPS, {}),
        "loop with 100 KB of variables": (LOOP, STEPS, {"rest": {f"k{number}": "x" * 100 for number in range(1000)}}),
        "sequential multi-instance": (_repeated(sequential=True), STEPS, {}),
        "parallel multi-instance": (_repeated(sequential=False), STEPS, {}),
        "chain": (_chain(), CHAIN, {}),
    }
    found = {}
    for name, (drawing, steps, variables) in kinds.items():
        early, late = _early_and_late(drawing, steps, variables)
        found[f"engine, {name}, us/step near step 10"] = early
        found[f"engine, {name}, us/step near step {steps:,}"] = late
    return found


class _Walk:
    """One instance whose jobs are completed one by one, oldest first."""

    def __init__(self, executable: Executable, variables: dict[str, Any]) -> None:
        self._execution = Execution(executable)
        self._jobs = deque(self._execution.start({"n": 0, **variables}).jobs)
        self._number = 0

    def step(self) -> float:
        """Complete the oldest job, and give the seconds that took."""
        self._number += 1
        job = self._jobs.popleft()
        began = time.perf_counter()
        advance = self._execution.complete(job.token_id, {"n": self._number})
        dumps(advance.delta)
        taken = time.perf_counter() - began
        self._jobs.extend(advance.jobs)
        return taken


def _early_and_late(drawing: str, steps: int, variables: dict[str, Any]) -> tuple[float, float]:
    executable = Executable(read_diagram(drawing.encode(), source="long.bpmn").processes[0])
    early, late = _Walk(executable, variables), _Walk(executable, variables)
    for _ in range(WARM):
        early.step()
    for _ in range(steps - WINDOW):
        late.step()
    pairs = [(early.step(), late.step()) for _ in range(WINDOW)]
    first, last = (statistics.median(each) * 1e6 for each in zip(*pairs, strict=True))
    return first, last


def _repeated(*, sequential: bool) -> str:
    return (
        f'{_HEAD}<process id="all" isExecutable="true"><startEvent id="s"/><serviceTask id="work">'
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><loopCardinality>{STEPS}'
        '</loopCardinality></multiInstanceLoopCharacteristics></serviceTask><endEvent id="e"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="work"/><sequenceFlow id="b" sourceRef="work" targetRef="e"/>'
        "</process></definitions>"
    )


def _chain() -> str:
    names = ["s", *(f"t{number}" for number in range(CHAIN)), "e"]
    tasks = "".join(f'<serviceTask id="{name}"/>' for name in names[1:-1])
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{one}" targetRef="{other}"/>'
        for number, (one, other) in enumerate(itertools.pairwise(names))
    )
    return (
        f'{_HEAD}<process id="chain" isExecutable="true"><startEvent id="s"/>{tasks}<endEvent id="e"/>{flows}</process>'
        "</definitions>"
    )
