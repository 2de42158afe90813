"""A template that is picked in the Modeler makes a task that calls its handler with what its fields show."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from modeler import many_types
from modeler.many_types import CALLS, Color, Person, Size

from runner.app import Runner
from runner.bpmn.diagram import Dialect
from runner.errors import DiagramRefused
from runner.handling import HandlerRegistry
from runner.templates.camunda import Template, draw_template
from runner.templates.fields import read_fields
from runner.templates.files import plan_files

HERE = Path(__file__).parent
Node = Callable[..., Any]
HANDLERS = [many_types.everything, many_types.required, many_types.nothing]
FILLED = {
    "color": ("red", "red"),
    "size": ("=2", "${2}"),
    "flag": (True, "${true}"),
    "number": (7, "7"),
    "share": (0.5, "${0.5}"),
    "text": ("hello", "hello"),
    "day": ("2026-01-31", "2026-01-31"),
    "mode": ("b", "b"),
    "either": ("=5", "${5}"),
}


@pytest.fixture
def runner() -> Iterator[Runner]:
    CALLS.clear()
    with Runner("sqlite://", handlers=HANDLERS) as opened:
        yield opened


def template_of(function: Any, dialect: Dialect = Dialect.CAMUNDA8, filled: dict[str, Any] | None = None) -> Template:
    """Give the template of a handler, with what a person fills in, by parameter."""
    (found,) = HandlerRegistry.load([function])
    fields = read_fields(found)
    template = draw_template(fields, dialect, version=1_000_000 + fields.fingerprint)
    for each in template["properties"]:
        name = each["binding"].get("name")
        if name in (filled or {}):
            each["value"] = (filled or {})[name]
    return template


def drawn(node: Node, folder: Path, *templates: Template) -> Path:
    """Let Camunda's own code apply templates to a task, one after the other."""
    places = [folder / f"template{number}.json" for number, _ in enumerate(templates)]
    for place, template in zip(places, templates, strict=True):
        place.write_text(json.dumps(template), "utf-8")
    (folder / "drawn.bpmn").write_text(node("apply.mjs", HERE / "blank.bpmn", "t", *places)["xml"], "utf-8")
    return folder / "drawn.bpmn"


def drawn_for_camunda7(folder: Path, template: Template) -> Path:
    """Write what the Modeler writes for Camunda 7 (Camunda 7 docs, Modeler > Element templates > Bindings)."""
    attributes, inside = "", ""
    for each in template["properties"]:
        name, value = each["binding"].get("name"), quoteattr(str(each.get("value", "")))[1:-1]
        kind = each["binding"]["type"]
        if kind == "property":
            attributes += f' {name}="{value}"'
        elif kind == "camunda:inputParameter":
            inside += f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>'
        else:
            source = each["binding"]["source"]
            inside += f'<camunda:outputParameter name="{value}">{source}</camunda:outputParameter>'
    mapped = f"<camunda:inputOutput>{inside}</camunda:inputOutput>"
    (folder / "drawn.bpmn").write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="p" isExecutable="true"><startEvent id="s"/>'
        f'<serviceTask id="t"{attributes}><extensionElements>{mapped}</extensionElements></serviceTask>'
        '<endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
        '<sequenceFlow id="g" sourceRef="t" targetRef="e"/></process></definitions>',
        "utf-8",
    )
    return folder / "drawn.bpmn"


def called_with(runner: Runner, file: Path, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    (deployed,) = runner.deploy(file)
    assert deployed.warnings == ()
    instance = runner.start(deployed.definition.key, variables or {})
    instance.wait_until_settled(10)
    assert instance.incidents == ()
    return CALLS[-1]


def defaults(function: Any) -> dict[str, Any]:
    return {name: each.default for name, each in inspect.signature(function).parameters.items()}


def test_what_is_left_as_it_is_shown_are_the_handler_s_defaults(node: Node, runner: Runner, tmp_path: Path) -> None:
    file = drawn(node, tmp_path, template_of(many_types.everything))
    assert called_with(runner, file) == defaults(many_types.everything)


def test_what_is_left_as_it_is_shown_are_the_defaults_in_camunda_7(runner: Runner, tmp_path: Path) -> None:
    file = drawn_for_camunda7(tmp_path, template_of(many_types.everything, Dialect.CAMUNDA7))
    assert called_with(runner, file) == defaults(many_types.everything)


EXPECTED = {
    "color": Color.RED,
    "size": Size.LARGE,
    "flag": True,
    "number": 7,
    "share": 0.5,
    "text": "hello",
    "person": Person(name="Bo"),
    "day": date(2026, 1, 31),
    "items": [1, 2],
    "mode": "b",
    "either": 5,
}


def test_what_a_person_fills_in_arrives_with_its_type(node: Node, runner: Runner, tmp_path: Path) -> None:
    filled = {name: each[0] for name, each in FILLED.items()}
    file = drawn(node, tmp_path, template_of(many_types.required, filled=filled))
    assert called_with(runner, file, {"person": {"name": "Bo"}, "items": [1, 2]}) == EXPECTED


def test_what_a_person_fills_in_arrives_with_its_type_in_camunda_7(runner: Runner, tmp_path: Path) -> None:
    filled = {name: each[1] for name, each in FILLED.items()}
    file = drawn_for_camunda7(tmp_path, template_of(many_types.required, Dialect.CAMUNDA7, filled))
    assert called_with(runner, file, {"person": {"name": "Bo"}, "items": [1, 2]}) == EXPECTED


def test_a_field_that_must_be_filled_and_is_not_is_refused(node: Node, runner: Runner, tmp_path: Path) -> None:
    file = drawn(node, tmp_path, template_of(many_types.required))
    with pytest.raises(DiagramRefused, match="target 'color'") as refusal:
        runner.deploy(file)
    assert "target 'flag'" not in str(refusal.value)  # a switch that is not touched is off


def test_results_go_where_the_fields_say(node: Node, runner: Runner, tmp_path: Path) -> None:
    template = template_of(many_types.everything)
    next(each for each in template["properties"] if each.get("id") == "output_total")["value"] = "sum"
    (deployed,) = runner.deploy(drawn(node, tmp_path, template))
    instance = runner.start(deployed.definition.key, {})
    instance.wait(10)
    assert instance.variables["sum"] == "1.5"


def test_an_older_template_is_warned_about_until_it_is_updated(node: Node, runner: Runner, tmp_path: Path) -> None:
    now = template_of(many_types.nothing)
    older = {**now, "version": now["version"] - 1}
    (deployed,) = runner.deploy(drawn(node, tmp_path, older))
    assert "template_old" in deployed.warnings[0]
    (updated,) = runner.deploy(drawn(node, tmp_path, older, now))
    assert updated.warnings == ()


def test_paralyze_is_picked_and_captures(node: Node, tmp_path: Path) -> None:
    files = plan_files(HandlerRegistry.load(["handlers"]), tmp_path)
    (text,) = [file.content for file in files if file.path.name == "paralyze.camunda8.json"]
    path = drawn(node, tmp_path, json.loads(text or "")[0])
    variables = json.loads((HERE.parents[1] / "examples" / "capture.json").read_text("utf-8"))
    with Runner("sqlite://", handlers=["handlers"]) as runner:
        runner.deploy(path)
        instance = runner.start("p", variables)
        assert instance.wait(10) and instance.variables["pokemon"]["status"] == "PAR"
