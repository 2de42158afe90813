"""Workers in several processes never run two jobs with the same lock at once, also when one of them is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acceptance import locking_handlers
from acceptance.locking_handlers import NOTES
from builders import BPMN, chain
from command_line import COMMAND, ROOT, environment
from waiting import until

from runner import Runner
from runner.commands.instances import list_instances
from runner.settings import Settings

COUNT = 40


@contextmanager
def workers(url: str, folder: Path, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Let so many processes work on a database, and stop them in the end."""
    variables = {
        "RUNNER_DATABASE": url,
        "RUNNER_HANDLERS": str(locking_handlers.__file__),
        "RUNNER_PROCESSES": str(folder),
        NOTES: str(folder / "notes"),
    }
    with (folder / "log").open("wb") as log:
        command = [*COMMAND, "worker", "--threads", "4"]
        started = [
            subprocess.Popen(command, cwd=ROOT, env=environment(**variables), stdout=log, stderr=log)
            for _ in range(number)
        ]
    yield started
    for process in started:
        process.kill()
        process.wait()


def notes(folder: Path) -> list[list[str]]:
    """Give what the handlers noted: process, whether it was alone, job."""
    file = folder / "notes"
    return [line.split() for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def test_no_two_handlers_with_one_lock_meet_when_a_worker_is_killed(database_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/runner.db" if database_url == "sqlite://" else database_url
    xml = chain(["throw"]).decode().replace(f'xmlns="{BPMN}"', f'xmlns="{BPMN}" xmlns:runner="urn:bpmn-runner:1.0"', 1)
    file = tmp_path / "p.bpmn"
    file.write_text(xml.replace('<serviceTask id="throw"', '<serviceTask id="throw" runner:lock="=ball"'))
    with Runner(url, [locking_handlers], settings=Settings(), work=False) as runner, workers(url, tmp_path, 3) as crew:
        runner.deploy(file)
        runner.start_many("p", [{"ball": ("red", "blue")[each % 2]} for each in range(COUNT)])
        until(lambda: len(notes(tmp_path)) >= COUNT // 4, timeout=60)
        crew[0].kill()
        until(lambda: list_instances(runner.runtime, state="completed").total == COUNT, timeout=120)
    assert {met for _, met, _ in notes(tmp_path)} == {"alone"}
    assert len({job for _, _, job in notes(tmp_path)}) == COUNT
