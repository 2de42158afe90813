"""The Python API works in a script: no server, no port, handlers in any form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from builders import chain

import handlers
from runner import BpmnError, HandlerRegistry, Job, PermanentFailure, Runner, handler
from runner.commands import instances
from runner.errors import DefinitionNotFound, HandlersInvalid
from runner.model import InstanceState

ROOT = Path(__file__).parents[2]


@handler("double")
def double(n: int) -> dict[str, int]:
    """Double a number."""
    return {"n": n * 2}


@handler("whoami")
def whoami(job: Job) -> dict[str, object]:
    """Tell the job."""
    return {"id": job.id, "attempt": job.attempt, "element": job.element_id, "key": job.business_key}


@pytest.fixture
def doubling(tmp_path: Path) -> Path:
    path = tmp_path / "p.bpmn"
    path.write_bytes(chain(["double"]))
    return path


def test_a_script_deploys_starts_waits_and_reads(doubling: Path) -> None:
    with Runner(database="sqlite://", handlers=[double]) as runner:
        runner.deploy(doubling)
        instance = runner.start("p", {"n": 4})

        assert instance.wait(timeout=10)
        assert instance.state is InstanceState.COMPLETED and instance.state == "completed"
        assert instance.variables == {"n": 8}
        assert (instance.incidents, instance.tokens) == ((), ())
        assert [entry.event for entry in instance.history if entry.element_id == "double"] == ["entered", "completed"]


def test_handlers_are_modules_names_files_functions_or_a_registry(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text('from runner import handler\n@handler("filed")\ndef filed(): pass\n')

    assert "attack" in HandlerRegistry.load([handlers]).topics
    assert "attack" in HandlerRegistry.load(["handlers"]).topics
    assert HandlerRegistry.load([str(file), double]).topics == {"filed", "double"}
    with Runner(database="sqlite://", handlers=HandlerRegistry.load([double])) as runner:
        assert runner.runtime.handlers.topics == {"double"}


def test_two_functions_for_one_topic_are_refused() -> None:
    @handler("double")
    def other() -> None:
        return None

    with pytest.raises(HandlersInvalid, match=r"'double' is claimed by .*double and .*other"):
        HandlerRegistry.load([double, other])


def test_a_job_carries_its_idempotency_key_and_place(tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(chain(["whoami"]))
    with Runner(database="sqlite://", handlers=[whoami]) as runner:
        runner.deploy(tmp_path / "p.bpmn")
        instance = runner.start("p", business_key="order-7")
        assert instance.wait(10)
        found = instance.variables

    assert found == {"id": f"{instance.id}-2", "attempt": 1, "element": "whoami", "key": "order-7"}


def test_wait_gives_false_when_time_is_up_and_an_incident_can_be_retried(tmp_path: Path) -> None:
    broken = [True]

    @handler("flaky")
    def flaky() -> None:
        if broken:
            raise PermanentFailure("not yet")

    (tmp_path / "p.bpmn").write_bytes(chain(["flaky"]))
    with Runner(database="sqlite://", handlers=[flaky]) as runner:
        runner.deploy(tmp_path / "p.bpmn")
        instance = runner.start("p")
        assert instance.wait_until_settled(10) and not instance.wait(0)
        assert [incident.message for incident in instance.incidents] == ["PermanentFailure: not yet"]

        broken.clear()
        instance.retry()
        assert instance.wait(10) and instance.incidents == ()


def test_many_are_started_together(doubling: Path) -> None:
    with Runner(database="sqlite://", handlers=[double]) as runner:
        runner.deploy(doubling)
        started = runner.start_many("p", [{"n": number} for number in range(50)])

        assert all(instance.wait(20) for instance in started)
        assert [instance.variables["n"] for instance in started] == [number * 2 for number in range(50)]
        with pytest.raises(DefinitionNotFound):
            runner.start_many("q", [{}])


def test_the_same_code_on_a_file_goes_on_where_another_runner_stopped(doubling: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    with Runner(database=url, handlers=[double], work=False) as first:
        first.deploy(doubling)
        instance_id = first.start("p", {"n": 1}).id

    with Runner(database=url, handlers=[double]) as second:
        assert second.instance(instance_id).wait(10)
        assert second.instance(instance_id).variables == {"n": 2}


def test_who_waits_for_what_was_started_here_asks_the_database_nothing(
    doubling: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Runner(database="sqlite://", handlers=[double]) as runner:
        runner.deploy(doubling)
        instance = runner.start("p", {"n": 4})
        monkeypatch.setattr("runner.instance.MOMENT_SECONDS", 10)
        monkeypatch.setattr(instances, "standing", None)
        assert instance.wait(10)


@pytest.mark.parametrize("timeout", [0, 10])
def test_what_another_runner_has_ended_is_noticed_at_once_by_who_started_it(
    doubling: Path, tmp_path: Path, timeout: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    with Runner(database=url, handlers=[double], work=False) as first:
        first.deploy(doubling)
        instance = first.start("p", {"n": 1})
        assert not instance.wait(0)
        with Runner(database=url, handlers=[double]) as second:
            assert second.instance(instance.id).wait(10)

        monkeypatch.setattr("runner.instance.LOOK_AGAIN_SECONDS", None)  # it is not needed
        assert instance.wait(timeout)


def test_a_handler_module_loads_neither_engine_nor_database() -> None:
    code = (
        "import sys; from runner import handler, Job, BpmnError, PermanentFailure, Postpone, RetryPolicy; "
        "print(sorted(name for name in ('SpiffWorkflow', 'sqlalchemy', 'lxml', 'flask') if name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_a_bpmn_error_says_code_and_message() -> None:
    assert str(BpmnError("POKEMON_ESCAPED", "it broke out")) == "POKEMON_ESCAPED: it broke out"
