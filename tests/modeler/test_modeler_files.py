"""Camunda's and bpmn.io's own tools take what we write for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from runner import handler
from runner.bpmn.dialects import plain
from runner.handling import HandlerRegistry
from runner.templates.files import FOLDER, plan_files, write_files

ROOT = Path(__file__).parents[2]
MODDLE = ROOT / "docs" / "runner-moddle.json"
Node = Callable[..., Any]


class Level(IntEnum):
    """Numbers with names."""

    ONE = 1
    TWO = 2


class Done(BaseModel):
    """What it gives."""

    text: str
    parts: list[int] = []


@handler("io.example:everything")
def everything(
    text: Annotated[str, Field(pattern="^a", min_length=1, max_length=5000)],
    anything: Any,
    parts: dict[str, list[int]],
    level: Level = Level.ONE,
    number: float | None = None,
    either: int | str = "=1 + 1",
    yes: bool = True,
    names: tuple[str, ...] = ("a",),
) -> Done | None:
    """Do everything. https://example.org/all"""
    return None


@handler("nothing")
def nothing() -> None:
    """Do nothing."""


def test_templates_are_valid_for_camunda(node: Node, tmp_path: Path) -> None:
    write_files(plan_files(HandlerRegistry.load(["handlers", everything, nothing]), tmp_path))
    files = sorted(tmp_path.iterdir())
    assert len(files) >= 20 and node("validate.mjs", *files) == []


def test_the_validator_says_what_is_wrong(node: Node, tmp_path: Path) -> None:
    for name in ("x.camunda7.json", "x.camunda8.json"):
        (tmp_path / name).write_text('[{"name": "x", "id": "x", "appliesTo": ["bpmn:Task"], "properties": [{}]}]')
    assert len({problem.split(": ")[0] for problem in node("validate.mjs", *sorted(tmp_path.iterdir()))}) == 2


def test_the_project_s_own_templates_are_up_to_date() -> None:
    planned = plan_files(HandlerRegistry.load(["handlers"]), ROOT / FOLDER)
    assert [file.path.name for file in planned if file.change != "unchanged"] == []


def test_the_moddle_file_knows_the_attributes_that_are_read() -> None:
    types = json.loads(MODDLE.read_text("utf-8"))["types"]
    named = {each["name"]: each for kind in types if "extends" in kind for each in kind["properties"]}
    elements = {kind["name"].lower() for kind in types if "superClass" in kind}
    assert set(named) | elements == set(plain.HONOURED)


def test_the_moddle_file_knows_where_attributes_have_an_effect() -> None:
    known: dict[str, set[str]] = {}
    for kind in json.loads(MODDLE.read_text("utf-8"))["types"]:
        for each in kind["properties"] if "extends" in kind else []:
            tags = {name.removeprefix("bpmn:") for name in kind["extends"]}
            known.setdefault(each["name"], set()).update(name[0].lower() + name[1:] for name in tags)
    assert {name: sorted(tags) for name, tags in known.items() if tags != plain.HONOURED[name]} == {}


def test_bpmn_io_reads_and_saves_our_attributes(node: Node, tmp_path: Path) -> None:
    drawing = tmp_path / "drawn.bpmn"
    drawing.write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:runner="urn:bpmn-runner:1.0" '
        'targetNamespace="t"><process id="p" runner:versionTag="v1"><serviceTask id="a" runner:handler="charge" '
        'runner:priority="5"><extensionElements><runner:input source="n + 1" target="m"/></extensionElements>'
        '</serviceTask><callActivity id="c" calledElement="q" runner:allInputs="false"/></process></definitions>'
    )
    found = node("reread.mjs", drawing, MODDLE)
    assert found["warnings"] == []
    expected = {"p": {"versionTag": "v1"}, "a": {"handler": "charge", "priority": "5"}, "c": {"allInputs": False}}
    assert found["read"] == expected
    assert '<runner:input source="n + 1" target="m" />' in found["xml"] and 'runner:handler="charge"' in found["xml"]
