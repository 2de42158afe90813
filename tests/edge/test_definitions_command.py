"""`runner definitions`: what is deployed, of all kinds, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from documents import ROOT
from unit.forms.filling_in import field, source

from runner import PermanentFailure, handler
from runner.app import Runner
from runner.cli import cli


@handler("z")
def breaks() -> None:
    raise PermanentFailure("never")


def call(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["definitions", *arguments, "--database", f"sqlite:///{place}/runner.db"])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder with a database: two versions of a process with an incident, a form, a file of decisions."""
    (tmp_path / "f.form").write_bytes(source(field("number", "n")))
    (tmp_path / "p.bpmn").write_bytes(PROCESS)
    with Runner(f"sqlite:///{tmp_path}/runner.db", handlers=[breaks]) as runner:
        runner.deploy(tmp_path / "p.bpmn", tmp_path / "f.form", ROOT / "examples" / "battle.dmn")
        (tmp_path / "p.bpmn").write_bytes(PROCESS.replace(b'name="Old"', b'name="New [1]"'))
        runner.deploy(tmp_path / "p.bpmn")
        runner.start("p").wait(20)
    return tmp_path


PROCESS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
<process id="p" name="Old" isExecutable="true"><startEvent id="s"/><serviceTask id="z"/><endEvent id="e"/>
<sequenceFlow id="a" sourceRef="s" targetRef="z"/><sequenceFlow id="b" sourceRef="z" targetRef="e"/></process>
</definitions>"""


def test_newest_versions_of_all_kinds_are_listed_as_json(place: Path) -> None:
    found = json.loads(call(place, "--json").output)["definitions"]

    process, *others = found
    assert (process["kind"], process["key"], process["version"], process["name"]) == ("process", "p", 2, "New [1]")
    assert process["instances"] == {"active": 1, "completed": 0, "incidents": 1}
    assert {each["kind"]: each["source"] for each in others} == {"decision": "battle.dmn", "form": "f.form"}
    assert not any("instances" in each for each in others)


def test_one_kind_is_listed_alone_and_for_people(place: Path) -> None:
    lines = call(place, "--kind", "process").output.splitlines()

    assert len(lines) == 2 and "New [1]" in lines[1] and "1 with an incident" in lines[1]
    assert "f.form" in call(place, "--kind", "form").output


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    assert call(tmp_path).output == "No process, decision or form is deployed yet: runner deploy FILE\n"
    assert json.loads(call(tmp_path, "--json").output) == {"definitions": []}


def test_a_database_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    refused = call(tmp_path / "nowhere", "--json")

    assert refused.exit_code == 2 and "error" in json.loads(refused.output.splitlines()[0])
