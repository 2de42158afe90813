"""Real runner processes, each of which works on the samples until all are done, or until it kills itself at a point.

They are forked from a process that has everything imported and no thread, so that a life begins within milliseconds."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import random
import signal
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from durability import samples
from durability.endings import until_over
from durability.statements import witnessed
from waiting import until

from runner import Runner
from runner.app import RunnerInstance
from runner.commands.instances import list_instances
from runner.model import InstanceState
from runner.settings import Settings

# Where a life may end. A claim is a point of its own only where a job is claimed from its table.
CLAIMS = ("before a claim", "after a claim")
POINTS = (*CLAIMS, "in a handler", "after a handler", "inside a transaction", "before a commit", "after a commit")
KILLED = -signal.SIGKILL


class Mortal(Protocol):
    """What a process is to do."""

    def live(self) -> None:
        """Do it, in a process of its own."""


@dataclass(frozen=True)
class Life:
    """What a process does: opens `url`, deploys the samples, finishes what it finds there, starts one instance of each
    of `keys`, and works until none is active. The instances' business key is its `name`.

    With a `point`, it relies on an earlier life for the samples, and kills itself when it passes the point for the
    `passings`-th time after its first start. When it is `hasty`, this counts from the beginning; it deploys, starts all
    instances of a sample together, and finishes what it finds later. With `postponing`, each job is claimed from its
    table. With `topics`, it serves no others, and goes on until what all its `companions` start is over.

    Ids of acknowledged instances, and of jobs whose handler was called, are noted in files of `folder`.
    """

    url: str
    folder: Path
    keys: tuple[str, ...] = ()
    name: str | None = None
    point: str = ""
    passings: int = 1
    hasty: bool = False
    postponing: bool = False
    topics: tuple[str, ...] | None = None
    companions: int = 0
    patience: float = 60.0

    @property
    def acknowledged(self) -> list[str]:
        """Give the ids of instances that were acknowledged."""
        return _lines(self.folder / "acknowledged.txt")

    def live(self) -> None:
        """Do all this in a process of its own."""
        reaper = Reaper(self)
        samples.watch = samples.Watch(self.folder / "calls.txt", reaper.pass_by, self.postponing)
        settings = Settings(threads=2)
        with witnessed(reaper), Runner(self.url, [samples], settings=settings, topics=self.topics) as runner:
            if self.hasty or not self.point:
                samples.deploy(runner.runtime)
            if not self.hasty:
                self.finish(runner)
            reaper.armed = True
            self.start(runner)
            self.finish(runner)
        (self.folder / "passed.json").write_text(json.dumps(reaper.passed), encoding="utf-8")

    def start(self, runner: Runner) -> None:
        """Start what it starts; in haste, what is alike shares commits."""
        if self.hasty:
            for key, number in Counter(self.keys).items():
                self.note(runner.start_many(key, [samples.EVERY[key].variables] * number))
        else:
            for key in self.keys:
                self.note([runner.start(key, samples.EVERY[key].variables, business_key=self.name)])

    def finish(self, runner: Runner) -> None:
        """Wait until nothing is active."""
        until(lambda: len(self.acknowledged) >= len(self.keys) * self.companions, timeout=self.patience)
        for each in list_instances(runner.runtime, state=InstanceState.ACTIVE, limit=10_000).instances:
            ended = until_over(runner, runner.instance(each.id), patience=self.patience)
            assert ended, f"{each.key} {each.id} goes on and on"

    def note(self, started: Iterable[RunnerInstance]) -> None:
        """Write down that starts were acknowledged."""
        with (self.folder / "acknowledged.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{each.id}\n" for each in started)

    @property
    def calls(self) -> list[str]:
        """Give the job id of every call of a handler."""
        return _lines(self.folder / "calls.txt")

    @property
    def passed(self) -> dict[str, int]:
        """Give how often a life of this folder that was not killed passed each point."""
        found: dict[str, int] = json.loads((self.folder / "passed.json").read_text("utf-8"))
        return found


class Midwife:
    """A process that does nothing but bring lives into the world, and wait for their end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def attend(self, *lives: Mortal) -> list[int]:
        """Let lives be lived at the same time, and give their exit codes."""
        return self._ask(_bear, lives)

    def rehearse(self, life: Mortal) -> None:
        """Let her live a life herself, that is not to end early: those to come need not learn what she knows then."""
        assert self._ask(_rehearse, (life,)) == [0]

    def _ask(self, how: Callable[[Iterable[Mortal]], list[int]], lives: tuple[Mortal, ...]) -> list[int]:
        self._connection.send((how, lives))
        codes: list[int] = self._connection.recv()
        return codes


@contextmanager
def midwife() -> Iterator[Midwife]:
    """Give a midwife, and let her go afterwards."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(target=_attend, args=(theirs,))
    process.start()
    theirs.close()
    try:
        yield Midwife(ours)
    finally:
        ours.close()
        process.join()


def one_for_each_passing(attendant: Midwife, life: Life, key: str) -> Iterator[Life]:
    """Give lives of one instance of a sample that end at every passing of every point, after one that counts them."""
    for postponing in (False, True):
        counting = replace(life, keys=(key,), postponing=postponing)
        attendant.rehearse(counting)
        for point, times in counting.passed.items():
            if (point in CLAIMS) == postponing:
                mortal = replace(counting, point=point)
                yield from (replace(mortal, name=f"{key} {point} {n}", passings=n) for n in range(1, times + 1))


def hasty(life: Life, dice: random.Random) -> list[Life]:
    """Give lives of all samples that end at each point once, early or late, whatever they are doing."""
    keys = dice.sample(list(samples.SAMPLES), len(samples.SAMPLES))
    mortals = [replace(life, point=point, passings=dice.randint(1, 20), keys=tuple(keys) * 2) for point in POINTS]
    return [replace(each, hasty=True, postponing=dice.random() < 0.5) for each in mortals]


class Reaper:
    """Counts passings of points, and kills the process without any goodbye when its time has come.

    Jobs, steps and rows are counted, not statements: how many of them share one must not change the number.
    """

    def __init__(self, life: Life) -> None:
        self._point, self._last = life.point, life.passings
        self._lock = threading.Lock()
        self._claims = self._steps = 0
        self.passed: Counter[str] = Counter()
        self.armed = life.hasty

    def pass_by(self, point: str, times: int = 1) -> None:
        """Pass a point, perhaps for good."""
        if self.armed and times:
            with self._lock:
                self.passed[point] += times
                if point == self._point and self.passed[point] >= self._last:
                    os.kill(os.getpid(), signal.SIGKILL)

    def before(self, sql: str, rows: int) -> None:
        """See a statement that is about to be run."""
        if _claims(sql):
            self.pass_by("before a claim", rows)
        elif sql == "COMMIT":
            self.pass_by("before a commit", self._steps)

    def after(self, sql: str, rows: int) -> None:
        """See that a statement was run; only the writing thread runs these."""
        if sql.startswith(("INSERT INTO", "UPDATE", "DELETE")):
            self._claims += rows * _claims(sql)
            self._steps += rows * sql.startswith("INSERT INTO steps ")
            self.pass_by("inside a transaction", rows)
        elif sql in ("COMMIT", "ROLLBACK"):
            claims, steps, self._claims, self._steps = self._claims, self._steps, 0, 0
            if sql == "COMMIT":
                self.pass_by("after a claim", claims)
                self.pass_by("after a commit", steps)


def _claims(sql: str) -> bool:
    return sql.startswith("UPDATE jobs") and "claimed_by=" in sql


def _attend(requests: Connection) -> None:
    """Do the midwife's work until nobody can ask for it any more."""
    while True:
        try:
            how, lives = requests.recv()
        except EOFError:
            return
        requests.send(how(lives))


def _rehearse(lives: Iterable[Mortal]) -> list[int]:
    """Live lives one after the other in this process, and give their exit codes."""
    return [_exit_code(life) for life in lives]


def _bear(lives: Iterable[Mortal]) -> list[int]:
    """Fork for each life, and give the exit codes."""
    gc.freeze()  # what is there now is not to be looked through, and so copied, by each child's garbage collector
    births = []
    for life in lives:
        birth = os.fork()
        if birth == 0:
            os._exit(_exit_code(life))
        births.append(birth)
    return [os.waitstatus_to_exitcode(os.waitpid(birth, 0)[1]) for birth in births]


def _exit_code(life: Mortal) -> int:
    try:
        life.live()
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").split() if path.exists() else []
