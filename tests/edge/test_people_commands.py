"""The command line for people: the list of user tasks, claiming, completing, resolving, undoing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import chain
from click.testing import CliRunner, Result
from commands.drawings import caller, work
from commands.test_resolving import undoable

from runner import handler
from runner.app import Runner
from runner.cli import cli
from runner.commands.jobs import claim_jobs, complete_job


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder with a database, in which three processes are deployed."""
    for name, xml in {
        "work": work(),
        "undo": undoable().replace(b'id="p"', b'id="undo"'),
        "call": caller(key="calling"),
    }.items():
        (tmp_path / f"{name}.bpmn").write_bytes(xml)
    with opened(tmp_path) as runner:
        runner.deploy(*sorted(tmp_path.glob("*.bpmn")))
    return tmp_path


def opened(place: Path) -> Runner:
    return Runner(
        f"sqlite:///{place}/runner.db", handlers=[handler(topic)(lambda: None) for topic in "abc"], work=False
    )


def call(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--database", f"sqlite:///{place}/runner.db"])


def started(place: Path, key: str) -> str:
    with opened(place) as runner:
        return runner.start(key).id


def listed(place: Path, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(call(place, "tasks", "--json", *arguments).stdout)["user_tasks"]
    return found


def test_a_user_task_is_listed_claimed_and_completed(place: Path) -> None:
    id = started(place, "p")
    (task,) = listed(place, "--instance", id)
    short = str(task["id"])[:20]

    assert call(place, "claim", short, "--user", "ash").stdout == f"{task['id']} is with ash.\n"
    assert [each["assignee"] for each in listed(place, "--assignee", "ash")] == ["ash"]
    refused = call(place, "complete", short, "--user", "misty")
    assert (refused.exit_code, "'ash'" in refused.stderr) == (2, True)
    assert call(place, "complete", short, "--user", "ash", "--var", "ok=true").stdout == f"{task['id']} is completed.\n"
    assert listed(place) == []


def test_show_says_which_user_task_is_waited_for(place: Path) -> None:
    id = started(place, "p")

    assert f"user task {listed(place)[0]['id']}" in "".join(call(place, "show", id).stdout.split("\n"))


def test_a_person_can_throw_an_error_from_the_command_line(place: Path) -> None:
    started(place, "p")

    result = call(place, "complete", str(listed(place)[0]["id"]), "--error", "BAD")

    assert (result.exit_code, result.stdout.endswith("is error thrown.\n")) == (0, True)


def test_a_failed_call_is_resolved_once_its_process_is_there(place: Path) -> None:
    id = started(place, "calling")
    with opened(place) as runner:
        (place / "child.bpmn").write_bytes(chain(["a"], key="child"))
        runner.deploy(place / "child.bpmn")

    assert call(place, "resolve", id).exit_code == 0
    with opened(place) as runner:
        (token,) = runner.instance(id).tokens
        child = runner.instance(str(token.called_id))
    assert f"called by instance {id}" in call(place, "show", child.id).stdout


def test_an_incident_is_skipped_with_a_result(place: Path) -> None:
    id = started(place, "calling")

    assert call(place, "resolve", id, "--skip", "--var", "given=1").stdout == f"{id} goes on without it.\n"
    assert call(place, "resolve", id).exit_code == 2


def test_cancel_with_compensation_says_that_it_is_being_undone(place: Path) -> None:
    id = started(place, "undo")
    with opened(place) as runner:
        complete_job(runner.runtime, claim_jobs(runner.runtime, frozenset("a"), worker="w", limit=1)[0], {})

    assert call(place, "cancel", id, "--compensate").stdout == f"{id} is being undone; then it is terminated.\n"


def test_check_names_the_steps_that_have_no_undo(place: Path) -> None:
    result = CliRunner().invoke(cli, ["check", str(place / "undo.bpmn"), "--undo", "--json"])

    notes = [each for each in _findings(json.loads(result.stdout)) if each["code"] == "no_undo"]
    assert [each["element_id"] for each in notes] == ["b"]


def _findings(value: object) -> list[dict[str, object]]:
    if isinstance(value, dict):
        own = [value] if "code" in value else []
        return own + [each for inner in value.values() for each in _findings(inner)]
    return [each for inner in value for each in _findings(inner)] if isinstance(value, list) else []
