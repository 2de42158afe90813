"""`serve` and `worker` processes on one database share its work; killing some loses nothing and doubles nothing, and a
machine whose clock is wrong does its share and takes nothing from others."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from acceptance import noting_handlers
from acceptance.noting_handlers import CALLS, HOURS, Call, read_calls
from builders import chain
from command_line import COMMAND, ROOT, environment
from durability.invariants import violations
from sqlalchemy import select
from waiting import until

from runner import Runner
from runner.commands.instances import list_instances
from runner.settings import Settings
from runner.store.tables import jobs

TOPICS = ["one", "two", "three"]
TOPICS_TEXT = ",".join(TOPICS)
# Calls that each process must have made before it is killed, or before all is over.
SHARE = 5


@dataclass
class Crew:
    """Processes of the runner on one database, and what they note in a folder."""

    url: str
    folder: Path
    members: list[subprocess.Popen[bytes]]

    def hire(self, *arguments: str, hours: int = 0) -> subprocess.Popen[bytes]:
        """Start a process on a machine whose clock is wrong by so many hours."""
        variables = {
            "RUNNER_DATABASE": self.url,
            "RUNNER_HANDLERS": str(noting_handlers.__file__),
            "RUNNER_PROCESSES": str(self.folder / "processes"),
            CALLS: str(self.folder / "calls.txt"),
            HOURS: str(hours),
        }
        with self._log(len(self.members)).open("wb") as out:
            command = [*COMMAND, *arguments, "--threads", "4"]
            process = subprocess.Popen(command, cwd=ROOT, env=environment(**variables), stdout=out, stderr=out)
        self.members.append(process)
        return process

    def get_ready(self) -> None:
        """Wait until all that were hired are ready for work."""
        for number in range(len(self.members)):
            until(lambda number=number: b"(Ctrl-C stops)" in self._log(number).read_bytes(), timeout=60)

    @property
    def calls(self) -> list[Call]:
        """Give every call of a handler so far."""
        return read_calls(self.folder / "calls.txt")

    def kill(self, member: subprocess.Popen[bytes]) -> None:
        """Kill a process once it has done a share of the work."""
        until(lambda: sum(call.pid == member.pid for call in self.calls) >= SHARE)
        member.kill()
        member.wait()

    def dismiss(self) -> list[int]:
        """Ask all that are left to stop, and give their exit statuses."""
        left = [member for member in self.members if member.poll() is None]
        for member in left:
            member.terminate()
        return [member.wait(30) for member in left]

    def _log(self, number: int) -> Path:
        return self.folder / f"log{number}.txt"


@dataclass
class Story:
    """What became of a database after two of its processes were killed and one was started anew.

    `attempts` has the number of the last attempt by job, `ends` the state and variables of some instances, those with a
    repeated job among them.
    """

    calls: list[Call]
    killed: set[int]
    statuses: list[int]
    versions: set[int]
    attempts: dict[str, int]
    ends: set[tuple[str, tuple[str, ...]]]
    wrong: list[str]


@pytest.fixture
def story(database_url: str, tmp_path: Path) -> Story:
    """Let three processes work; kill two on the way, and start another one."""
    is_file = database_url == "sqlite://"
    url = f"sqlite:///{tmp_path}/runner.db" if is_file else database_url
    # A file is used by one machine, which has one clock; a server tells the time itself.
    number, wrong_by = (60, 0) if is_file else (200, 1)
    (tmp_path / "processes").mkdir()
    (tmp_path / "processes" / "p.bpmn").write_bytes(chain(TOPICS))
    with crew_on(url, tmp_path) as crew, Runner(url, [noting_handlers], settings=Settings(), work=False) as starting:
        crew.hire("serve", "--port", "0")
        doomed = [crew.hire("worker", hours=wrong_by), crew.hire("worker", "--topics", TOPICS_TEXT, hours=-wrong_by)]
        crew.get_ready()
        starting.start_many("p", [{"seen": []}] * number)
        for member in doomed:
            crew.kill(member)
        crew.hire("worker")
        crew.get_ready()
        starting.start_many("p", [{"seen": []}] * (number // 2))
        ended = partial(list_instances, starting.runtime, state="completed", limit=1)
        until(lambda: ended().total == number * 3 // 2, timeout=120)
        return told(starting, crew, {member.pid for member in doomed})


def told(runner: Runner, crew: Crew, killed: set[int]) -> Story:
    """Dismiss who is left and read what there is to say."""
    statuses = crew.dismiss()
    with runner.runtime.database.read() as connection:
        rows = connection.execute(select(jobs.c.id, jobs.c.instance_id, jobs.c.attempt)).all()
    known = list_instances(runner.runtime, limit=10_000).instances
    looked_at = {row.instance_id for row in rows if row.attempt > 1} | {each.id for each in known[:10]}
    views = [runner.instance(id).view() for id in looked_at]
    return Story(
        crew.calls,
        killed,
        statuses,
        versions={each.version for each in known},
        attempts={row.id: row.attempt for row in rows},
        ends={(view.instance.state.value, tuple(view.variables["seen"])) for view in views},
        wrong=violations(runner.runtime),
    )


@contextmanager
def crew_on(url: str, folder: Path) -> Iterator[Crew]:
    """Give a crew of nobody, and leave no process behind."""
    crew = Crew(url, folder, [])
    try:
        yield crew
    finally:
        for member in crew.members:
            member.kill()
            member.wait()


def test_processes_share_their_work_and_kills_lose_and_double_nothing(story: Story) -> None:
    assert (story.ends, story.wrong, story.versions) == ({("completed", tuple(TOPICS))}, [], {1})
    by_process = Counter(call.pid for call in story.calls)
    assert len(by_process) == 4 and min(by_process.values()) >= SHARE
    assert story.statuses == [0, 0]
    calls = Counter(call.job_id for call in story.calls)
    assert calls.keys() == story.attempts.keys()
    assert [id for id, times in calls.items() if times > story.attempts[id]] == []
    first = {call.job_id: call.pid for call in reversed(story.calls)}
    assert {first[id] for id, times in calls.items() if times > 1} <= story.killed
