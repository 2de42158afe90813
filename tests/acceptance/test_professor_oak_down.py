"""While Professor Oak's API is down, helloworld waits durably, says so, and completes by itself when it comes up."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from command_line import ROOT, answer, command, environment, started
from waiting import until

from runner import Runner
from runner.app import RunnerInstance

HELLOWORLD = ("processes/helloworld.bpmn", "--vars", "examples/helloworld.json")


@pytest.fixture
def port() -> int:
    """Give a port on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def stopped_at_the_end(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    with process:
        yield process
        process.terminate()


def test_helloworld_survives_a_restart_between_attempts_and_completes_when_oak_is_up(tmp_path: Path, port: int) -> None:
    database, oak = f"sqlite:///{tmp_path / 'runner.db'}", f"http://127.0.0.1:{port}"
    first = command("run", *HELLOWORLD, "--database", database, "--timeout", "0.3", "--json", OAK_URL=oak)
    assert first.returncode == 3
    with (
        Runner(database, [], work=False) as watching,
        stopped_at_the_end(started("worker", "--database", database, OAK_URL=oak)),
    ):
        instance = watching.instance(json.loads(first.stdout)["instance_id"])
        until(lambda: _attempts(instance) >= 2)
        with stopped_at_the_end(services(port)):
            assert instance.wait(timeout=30)

        assert instance.variables["greeting"] == "Hello Blue! Hello Rattata! Hello Professor Oak!"
        assert len({job.id for job in instance.view().jobs if job.topic == "hello_professor_oak"}) == 1


def test_a_retrying_instance_says_attempt_next_time_and_error(tmp_path: Path, port: int) -> None:
    database, oak = f"sqlite:///{tmp_path / 'runner.db'}", f"http://127.0.0.1:{port}"
    run = ("run", *HELLOWORLD, "--database", database, "--timeout", "0.3")
    found = answer(*run, OAK_URL=oak)

    shown = answer("show", found["instance_id"], "--database", database)

    (token,) = shown["tokens"]
    job = token["job"]
    assert (shown["state"], shown["incidents"]) == ("active", [])
    assert (token["element_id"], job["attempt"], job["state"]) == ("hello_professor_oak", 1, "ready")
    assert datetime.fromisoformat(job["due_at"]) > datetime.fromisoformat(shown["history"][-1]["at"])
    assert oak in job["error"] and "ConnectError" in job["error"]


def services(port: int) -> subprocess.Popen[str]:
    """Start Professor Oak's API (and the three teams' services) on `port`."""
    command = [sys.executable, "-m", "handlers.services", "--port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=environment(), text=True, stdout=subprocess.DEVNULL)


def _attempts(instance: RunnerInstance) -> int:
    (token,) = instance.tokens
    return token.job.attempt if token.job is not None and token.job.state == "ready" else 0
