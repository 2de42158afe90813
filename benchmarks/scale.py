"""`python -m benchmarks --scale`: the runner on a store that has seen much, beside an empty one; long instances and
big variables. `filling.py` makes the stores, `long.py` walks the instances."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks import long, ours, work
from benchmarks.filling import fill, fill_timers, registry
from benchmarks.ours import CAPTURE
from runner import Runner
from runner.commands.definitions import list_definitions
from runner.commands.instances import find_instance, list_instances, view_instance
from runner.commands.jobs import claim_jobs
from runner.commands.upkeep import count
from runner.commands.verification import verify
from runner.runtime import Runtime
from web import create_app

Figures = dict[str, list[float]]
ENDED, WAITING, TIMERS, ROUNDS = 100_000, 10_000, 100_000, 20_000
LISTS: dict[str, dict[str, Any]] = {
    "all": {},
    "by key": {"key": "capture"},
    "active": {"state": "active"},
    "completed": {"state": "completed"},
    "by key, completed": {"key": "capture", "state": "completed"},
    "incident": {"problem": "incident"},
    "retrying": {"problem": "retrying"},
    "page 2": {"offset": 25},
    "the last page": {"offset": ENDED},
}


def measure(rounds: int, postgresql: str | None) -> dict[str, dict[str, Any]]:
    """Measure on SQLite and, if its address is given, on PostgreSQL (in schemas of its own, dropped afterwards)."""
    found: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        _measure_on("SQLite", lambda place: f"sqlite:///{name}/{place}.db", rounds, found)
    if postgresql:
        with _schemas(postgresql) as url:
            _measure_on("PostgreSQL", url, rounds, found)
    return {label: {"median": statistics.median(values), "all": values} for label, values in found.items()}


def _measure_on(name: str, url: Callable[[str], str], rounds: int, found: Figures) -> None:
    def note(label: str, value: float) -> None:
        found.setdefault(f"{name}: {label}", []).append(round(value, 3))
        print(f"{name}: {label} {value:.3f}", file=sys.stderr, flush=True)  # it takes minutes until the table comes

    note("filling, s", _seconds(lambda: fill(url("full"), ended=ENDED, waiting=WAITING)))
    note("filling with timers, s", _seconds(lambda: fill_timers(url("timers"), TIMERS)))
    _load_in_turns(url, rounds, note)
    _restart(url("full"))  # the first one compiles the modules, as installing them does
    for _ in range(max(rounds, 3)):
        seconds, processor = _restart(url("full"))
        note("start of a process to the end of its first job, s", seconds)
        note("start of a process to the end of its first job, processor s", processor)
    with Runner(database=url("full"), handlers=[registry()], work=False) as runner:
        for label, ask in _questions(runner.runtime):
            note(f"{label}, ms", _median(ask) * 1000)
            note(f"{label}, processor ms", _median(ask, clock=time.process_time) * 1000)
        note("stats, s", _seconds(lambda: count(runner.runtime)))
        note("verify, s", _seconds(lambda: verify(runner.runtime)))
    note("resident memory of a process that lists and works, MB", _memory(url("full")))
    for label, value in _long_instances(url("long")):
        note(label, value)


def _load_in_turns(url: Callable[[str], str], rounds: int, note: Callable[[str, float], None]) -> None:
    """Load an empty store, the full one and the one with timers in turns, and compare the medians of all rounds."""
    found: dict[str, list[tuple[float, float]]] = {"empty": [], "full": [], "timers": []}
    for number in range(rounds):
        for store, figures in found.items():
            place = f"empty{number}" if store == "empty" else store
            figures.append(ours.throughput_and_cost(url(place), instances=1600))
            note(f"throughput {store}, instances/s", figures[-1][0])
            note(f"processor time {store}, us/instance", figures[-1][1])
    empty, full, timers = (list(map(statistics.median, zip(*figures, strict=True))) for figures in found.values())
    for store, (speed, cost) in (("full", full), ("timers", timers)):
        note(f"throughput {store} / empty", speed / empty[0])
        note(f"processor time empty / {store}", empty[1] / cost)
    note("processor time of 10 s beside waiting timers, ms", _idle(url("timers")) * 1000)
    note("processor time of 10 s in an empty store, ms", _idle(url("empty0")) * 1000)


def _idle(url: str) -> float:
    """Give the processor time that a runner with a worker and a scheduler takes in 10 s in which nothing is due."""
    with ours.opened(url):
        time.sleep(1)
        used = time.process_time()
        time.sleep(10)
        return time.process_time() - used


# -- questions ----------------------------------------------------------------------------------------------------


def _questions(runtime: Runtime) -> Iterator[tuple[str, Callable[[], object]]]:
    for label, wanted in LISTS.items():
        yield f"list {label}", partial(list_instances, runtime, **{"limit": 25, **wanted})
    middle = list_instances(runtime, offset=ENDED // 2, limit=1).instances[0].id
    yield "find by the beginning of an id", lambda: find_instance(runtime, middle[:20])
    yield "count by process", lambda: list_definitions(runtime)
    topics = frozenset(work.HANDLERS)
    yield "claim when nothing is due", lambda: claim_jobs(runtime, topics, worker="benchmark", limit=8)
    client = create_app(runtime).test_client()
    for page in ("/processes", "/processes/capture", "/instances", f"/instances?page={ENDED // 25}"):
        yield f"page {page}", partial(client.get, page)
    yield "page of an instance", lambda: client.get(f"/instances/{middle}")


def _median(ask: Callable[[], object], times: int = 15, clock: Callable[[], float] = time.perf_counter) -> float:
    return statistics.median(_seconds(ask, clock) for _ in range(times))


def _seconds(do: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    do()
    return clock() - began


# -- processes of their own ---------------------------------------------------------------------------------------


def _restart(url: str) -> tuple[float, float]:
    with Runner(database=url, handlers=[work], work=False) as runner:
        runner.deploy(CAPTURE)
        waiting = runner.start("capture", work.VARIABLES).id
    began = time.time()
    ended, processor = map(float, _alone("restart", url, waiting).split())
    return ended - began, processor


def _memory(url: str) -> float:
    return float(_alone("memory", url, ""))


def _alone(what: str, url: str, instance: str) -> str:
    command = [sys.executable, "-m", "benchmarks.scale", what, url, instance]
    # Modules are compiled once, as by pip when it installs them, wherever these here come from.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(_compiled())}
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ours.ROOT, env=environment)
    return run.stdout.strip()


@cache
def _compiled() -> Path:
    folder = tempfile.mkdtemp(prefix="benchmark-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _print_first_job(url: str, waiting: str) -> None:
    with Runner(database=url, handlers=[work]) as runner:
        while runner.instance(waiting).view().instance.seq < 1:
            time.sleep(0.002)
        print(time.time(), time.process_time())


def _print_memory(url: str) -> None:
    with ours.opened(url) as runner:
        client = create_app(runner.runtime).test_client()
        for page in range(1, 100):
            client.get(f"/instances?page={page}")
        client.get("/processes")
        for _ in range(10):
            for instance in runner.start_many("capture", [work.VARIABLES] * 128):
                assert instance.wait(60)
        lines = Path("/proc/self/status").read_text().splitlines()
        print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")))


# -- long instances -----------------------------------------------------------------------------------------------


def _long_instances(url: str) -> Iterator[tuple[str, float]]:
    with long.runner_for(url) as runner:
        for found in long.loops(runner):
            if isinstance(found, long.Walk):
                found.go(ROUNDS - 11_000)
                yield from _views(runner.runtime, found.id)
            else:
                yield found
        yield from long.big_variables(runner)
        yield from long.chains(runner)


def _views(runtime: Runtime, id: str) -> Iterator[tuple[str, float]]:
    client = create_app(runtime).test_client()
    asked: dict[str, Callable[[], object]] = {
        "whole view": lambda: view_instance(runtime, id),
        "newest 100": lambda: view_instance(runtime, id, newest=100),
        "as of step 10,000": lambda: view_instance(runtime, id, at=10_000, newest=100),
        "page": lambda: client.get(f"/instances/{id}"),
        "older part": lambda: client.get(f"/instances/{id}?until=9000"),
    }
    for label, ask in asked.items():
        yield f"20,000 steps: {label}, ms", _median(ask, 5) * 1000


@contextmanager
def _schemas(server: str) -> Iterator[Callable[[str], str]]:
    import psycopg

    made: set[str] = set()
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:

        def url(place: str) -> str:
            name = f"benchmark_{place}"
            if name not in made:
                connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
                connection.execute(f"CREATE SCHEMA {name}")
                made.add(name)
            return plain.replace("postgresql://", "postgresql+psycopg://") + f"?options=-csearch_path%3D{name}"

        yield url
        for name in sorted(made):
            connection.execute(f"DROP SCHEMA {name} CASCADE")


if __name__ == "__main__":
    if sys.argv[1] == "restart":
        _print_first_job(*sys.argv[2:])
    elif sys.argv[1] == "memory":
        _print_memory(sys.argv[2])
    else:
        print(json.dumps(measure(1, None), indent=2))
