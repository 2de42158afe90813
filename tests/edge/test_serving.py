"""`runner serve` watches its folder, says where it serves, and stops cleanly; the folder never loses a version."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx
import pytest
from builders import chain
from command_line import command, started
from waiting import until

from runner import Runner, handler
from runner.commands import definitions
from runner.watching import FolderWatch


@handler("a")
def a() -> None:
    """Do nothing."""


@handler("b")
def b() -> None:
    """Do nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.bpmn").write_bytes(chain(["a"]))
    return tmp_path


def test_what_is_saved_becomes_a_version_and_what_is_refused_does_not(folder: Path) -> None:
    said: list[str] = []
    with Runner(database="sqlite://", handlers=[a, b], work=False) as runner:
        watch = FolderWatch(runner.runtime, folder, said.append)
        watch.start()
        (folder / "p.bpmn").write_bytes(chain(["a", "b"]))
        until(lambda: definitions.find_definition(runner.runtime, "p").version == 2)
        (folder / "p.bpmn").write_bytes(chain(["a", "nobody"]))
        until(lambda: runner.runtime.refusals)
        watch.stop()
        overview = definitions.list_definitions(runner.runtime)[0]

    assert (overview.definition.version, "nobody" in str(overview.refused)) == (2, True)
    assert said[:2] == ["deployed: p version 1 from p.bpmn", "deployed: p version 2 from p.bpmn"]


def test_a_repaired_file_is_no_longer_refused(folder: Path) -> None:
    with Runner(database="sqlite://", handlers=[a], work=False) as runner:
        watch = FolderWatch(runner.runtime, folder, lambda _: None)
        (folder / "p.bpmn").write_text("half a file")
        watch.deploy(folder / "p.bpmn")
        refused = dict(runner.runtime.refusals)
        (folder / "p.bpmn").write_bytes(chain(["a"]))
        watch.deploy(folder / "p.bpmn")

        assert list(refused) == ["p.bpmn"] and runner.runtime.refusals == {}


def test_serve_answers_and_stops_on_sigterm(tmp_path: Path) -> None:
    with started("serve", "--port", "0", RUNNER_DATABASE=f"sqlite:///{tmp_path}/x.db") as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "Serving on" in line)
        healthy = httpx.get(line.split()[2] + "/healthz", trust_env=False).status_code
        process.send_signal(signal.SIGTERM)

        assert (healthy, process.wait(20)) == (200, 0)


def test_a_port_in_use_is_a_sentence_and_exit_2(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = command("serve", "--port", str(port), folder=tmp_path)

    assert done.returncode == 2
    assert done.stderr.strip() == (
        f"runner: Expected to listen on 127.0.0.1:{port}, but something else listens there: choose another with --port."
    )
    assert not (tmp_path / "runner.db").exists()


def test_a_worker_of_some_topics_leaves_the_others(tmp_path: Path, folder: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    with Runner(database=url, handlers=[a, b], topics=["a"]) as runner:
        (folder / "p.bpmn").write_bytes(chain(["a", "b"]))
        runner.deploy(folder / "p.bpmn")
        instance = runner.start("p")
        until(lambda: [token.element_id for token in instance.tokens] == ["b"])
        assert instance.tokens[0].job is not None and instance.tokens[0].job.state == "ready"

    with Runner(database=url, handlers=[a, b], topics=["b"]) as runner:
        assert runner.instance(instance.id).wait(10)
