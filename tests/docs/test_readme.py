"""What the README says is so: its commands, its code, its tables and its picture are tried."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from documents import README, ROOT, Session, blocks, files, rows, section, write_files

from runner import Runner, printing
from runner.bpmn.render import render_svg
from runner.cli import cli
from runner.commands import definitions
from runner.errors import DiagramRefused
from runner.model import Mark
from runner.settings import Settings, load_settings

PICTURE = ROOT / "docs" / "capture.svg"
DRAWN = (ROOT / "processes" / "capture.bpmn").read_bytes()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with what a command needs of the project."""
    for name in ("processes", "examples", "handlers"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_another(tag: str, name: str, topic: str = "") -> bytes:
    """Give the drawing of capture with one more task before its end, as a modeler saves it."""
    definition = f'<bpmn:extensionElements><zeebe:taskDefinition type="{topic}"/></bpmn:extensionElements>'
    ends = "<bpmn:incoming>to_pokemon_captured</bpmn:incoming><bpmn:outgoing>Flow_1</bpmn:outgoing>"
    task = f'<bpmn:{tag} id="Activity_1" name="{name}">{definition if topic else ""}{ends}</bpmn:{tag}>'
    flow = '<bpmn:sequenceFlow id="Flow_1" sourceRef="Activity_1" targetRef="pokemon_captured"/>'
    text = DRAWN.decode().replace(' targetRef="pokemon_captured"', ' targetRef="Activity_1"')
    text = text.replace("<bpmn:incoming>to_pokemon_captured<", "<bpmn:incoming>Flow_1<")
    return text.replace("</bpmn:process>", f"{task}{flow}</bpmn:process>").encode()


def test_picture_is_a_fresh_drawing_of_the_process(tmp_path: Path) -> None:
    done = ("pokemon_encountered", "to_paralyze", "paralyze", "to_attack")
    marks = {**dict.fromkeys(done, Mark("done")), "attack": Mark("active", tokens=1)}
    fresh = tmp_path / "capture.svg"
    fresh.write_text(render_svg(DRAWN, marks=marks, theme="light", title="Capture a Pokémon"), "utf-8")
    assert PICTURE.read_bytes() == fresh.read_bytes(), f"The picture is old: cp {fresh} {PICTURE}"


@pytest.mark.usefixtures("clone")
def test_commands_print_what_is_shown() -> None:
    session = Session()
    assert [session.missing(block) for block in blocks(README, "console")] == [[]]


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text("utf-8").splitlines()}
    commands = [line.split()[1] for line in blocks(README, "sh")[0].splitlines()]
    assert commands == ["run", "test"] and targets.issuperset(commands)


def test_python_example_prints_what_is_said(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "capture_mewtwo.py").write_text(files(README)["capture_mewtwo.py"], "utf-8")
    runpy.run_path(str(clone / "capture_mewtwo.py"))
    assert f"`{capsys.readouterr().out.strip()}`" in section(README, "From Python")


def test_handler_example_passes_its_own_tests(clone: Path) -> None:
    write_files(README, clone)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    tried = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=60, check=False)
    assert "2 passed" in tried.stdout, tried.stdout + tried.stderr


def test_handler_example_is_found_by_its_topic(clone: Path) -> None:
    write_files(README, clone)
    (clone / "processes" / "capture.bpmn").write_bytes(with_another("serviceTask", "Bed", topic="rest"))
    run = "from runner.cli import main; main()"
    command = [sys.executable, "-c", run, "run", "processes/capture.bpmn", "--vars", "examples/capture.json", "--json"]
    tried = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(tried.stdout)["variables"]["pokemon"]["current_health"] == 200


def test_task_that_is_drawn_finds_its_handler_by_its_name(runner: Runner) -> None:
    xml = with_another("serviceTask", "Paralyze")
    (deployed,) = definitions.deploy(runner.runtime, xml, source="capture.bpmn")
    instance = runner.start("capture", json.loads((ROOT / "examples" / "capture.json").read_text("utf-8")))
    assert deployed.definition.version == 2 and instance.wait(timeout=20)
    assert ("Activity_1", "completed") in [(entry.element_id, entry.event) for entry in instance.history]


def test_call_of_nothing_is_refused_with_element_and_line_and_the_old_version_stays(runner: Runner) -> None:
    with pytest.raises(DiagramRefused, match=r"capture\.bpmn:\d+ \[Activity_1\] refused"):
        definitions.deploy(runner.runtime, with_another("callActivity", "Paralyze"), source="capture.bpmn")
    assert definitions.find_definition(runner.runtime, "capture").version == 1


def test_every_command_is_in_the_table_and_no_other() -> None:
    named = [row[0].split()[1] for row in rows(section(README, "Commands")) if row[0].startswith("runner ")]
    assert sorted(named) == sorted(cli.commands)


def test_settings_table_is_true(tmp_path: Path) -> None:
    fields = Settings.model_fields
    defaults = load_settings(environment={}, folder=tmp_path)[0]
    values = {name: ", ".join(value) or "None" if isinstance(value, tuple) else str(value) for name, value in defaults}
    meanings = {name: str(field.description).replace("`", "") for name, field in fields.items()}
    expected = [[name, f"RUNNER_{name.upper()}", values[name], meanings[name]] for name in fields]
    assert rows(section(README, "Settings")) == expected


def test_json_example_has_the_shape_of_a_result(runner: Runner) -> None:
    (shown,) = map(json.loads, blocks(README, "json"))
    result = printing.result_json(runner.start("capture", {}).view())
    assert list(shown) == list(result)
    assert set(shown["history"][0]) == set(result["history"][0])


def test_every_dependency_is_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    required = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = [re.split(r"[^\w-]", each)[0] for each in required]
    text = section(README, "Dependencies")
    assert [name for name in names if name not in text] == []
