"""The runner itself: throughput under load, latency when idle, and the engine alone."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import work
from benchmarks.work import VARIABLES
from runner import Runner
from runner.bpmn.read import read_diagram
from runner.collecting import collecting_seldom
from runner.engine.build import Executable
from runner.engine.engine import Execution
from runner.engine.state import dumps

ROOT = Path(__file__).parent.parent
CLIENTS, AT_ONCE = 2, 64
CAPTURE = ROOT / "tests" / "diagrams" / "capture_plain.bpmn"


@contextmanager
def opened(url: str, *, typed: bool = False) -> Iterator[Runner]:
    """Give a runner with the capture process, in a process that collects garbage as `runner worker` does.

    `typed` takes the project's own pydantic handlers and C8 drawing.
    """
    with Runner(database=url, handlers=["handlers"] if typed else [work]) as runner:
        runner.deploy(ROOT / "processes" / "capture.bpmn" if typed else CAPTURE)
        with collecting_seldom():
            yield runner


def throughput(url: str, *, instances: int, typed: bool = False) -> float:
    """Give instances per second with two clients that each start 64, wait until they have ended, and start more."""
    return throughput_and_cost(url, instances=instances, typed=typed)[0]


def throughput_and_cost(url: str, *, instances: int, typed: bool = False) -> tuple[float, float]:
    """Give the instances per second of `throughput`, and the microseconds of processor time that each one took."""
    with opened(url, typed=typed) as runner:
        _load(runner, 256)
        began, used = time.perf_counter(), time.process_time()
        _load(runner, instances)
        return instances / (time.perf_counter() - began), (time.process_time() - used) / instances * 1e6


def _load(runner: Runner, instances: int) -> None:
    def client() -> None:
        for _ in range(instances // CLIENTS // AT_ONCE):
            for instance in runner.start_many("capture", [VARIABLES] * AT_ONCE):
                assert instance.wait(60)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def latency(url: str, *, instances: int = 300) -> tuple[float, float]:
    """Give p50 and p99 in milliseconds from the start call to the end of a capture, one at a time."""
    taken = []
    with opened(url) as runner:
        for _ in range(instances):
            began = time.perf_counter()
            assert runner.start("capture", VARIABLES).wait(60)
            taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken[20:], n=100)
    return cuts[49], cuts[98]


def engine_step(*, encoded: bool, rounds: int = 2000) -> float:
    """Give microseconds per service step of the engine alone (three service steps an instance)."""
    executable = Executable(read_diagram(CAPTURE.read_bytes(), source=CAPTURE.name).processes[0])
    began = time.perf_counter()
    for _ in range(rounds):
        execution = Execution(executable)
        advance = execution.start(VARIABLES)
        while not advance.completed:
            if encoded:
                dumps(advance.delta)
            advance = execution.complete(advance.jobs[0].token_id, {"pokemon": VARIABLES["pokemon"]})
    return (time.perf_counter() - began) / rounds / 3 * 1e6


LOOP = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="benchmark">
<process id="loop" isExecutable="true"><startEvent id="s"/><exclusiveGateway id="again"/><serviceTask id="work"/>
<exclusiveGateway id="more" default="out"/><endEvent id="e"/>
<sequenceFlow id="a" sourceRef="s" targetRef="again"/><sequenceFlow id="b" sourceRef="again" targetRef="work"/>
<sequenceFlow id="c" sourceRef="work" targetRef="more"/><sequenceFlow id="out" sourceRef="more" targetRef="e"/>
<sequenceFlow id="d" sourceRef="more" targetRef="again"><conditionExpression>n &lt; 1000000</conditionExpression>
</sequenceFlow></process></definitions>"""


def bytes_per_step(url: str) -> float:
    """Give the mean bytes that a step of a capture writes into the log."""
    with opened(url) as runner:
        assert runner.start("capture", VARIABLES).wait(60)
        with runner.runtime.database.read() as connection:
            rows = connection.exec_driver_sql("SELECT length(delta) + length(happenings) FROM steps").scalars().all()
    return float(statistics.mean(rows))
