"""Element templates say what a handler's signature says, in a stable form, with a version of the schema."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from runner import Job, handler
from runner.bpmn.diagram import Dialect
from runner.handling import Handler, HandlerRegistry
from runner.templates.camunda import draw_template
from runner.templates.fields import GENERATION, read_fields
from runner.templates.files import TemplatesUnreadable, plan_files, template_fits, write_files


class Urgency(Enum):
    """How urgent a letter is."""

    LOW = "low"
    HIGH = "high"


class Sent(BaseModel):
    """What sending gives."""

    receipt: str = Field(title="Receipt", description="The number.")


Address = Annotated[str, Field(title="Recipient", description="An e-mail address", pattern=".+@.+")]


@handler("send_letter")
def send_letter(
    to: Address,
    lines: list[str],
    job: Job,
    copies: int = 1,
    urgency: Urgency = Urgency.LOW,
    html: bool = False,
    size: Literal[4, 5] = 4,
    footer: str | None = None,
    *,
    post: object = None,
) -> Sent:
    """Send a letter
    by post.

    See https://example.org/letters."""
    return Sent(receipt=to)


def drawn(dialect: Dialect, function: Any = send_letter) -> dict[str, Any]:
    (found,) = HandlerRegistry.load([function])
    return draw_template(read_fields(found), dialect, version=7)


def controls(dialect: Dialect) -> dict[str, dict[str, Any]]:
    """Give the input controls by the variable that they fill."""
    kinds = ("zeebe:input", "camunda:inputParameter")
    found = [each for each in drawn(dialect)["properties"] if each["binding"]["type"] in kinds]
    return {each["binding"]["name"]: each for each in found}


def with_parameters(**hints: Any) -> HandlerRegistry:
    def work(**values: Any) -> None: ...

    def typed(a: Any, b: Any = None) -> None: ...

    typed.__annotations__ |= hints
    return HandlerRegistry([Handler("work", typed)])


def test_a_template_carries_words_and_link_of_the_docstring() -> None:
    template = drawn(Dialect.CAMUNDA8)
    told = [template[name] for name in ("name", "id", "version", "description", "documentationRef")]
    assert told == [
        "Send letter",
        "bpmn-runner.send_letter",
        7,
        "Send a letter by post.",
        "https://example.org/letters",
    ]
    assert template["icon"]["contents"].startswith("data:image/svg+xml;base64,")


def test_the_topic_is_set_without_being_asked_for() -> None:
    (eight,) = [each for each in drawn(Dialect.CAMUNDA8)["properties"] if each["type"] == "Hidden"]
    seven = [each["value"] for each in drawn(Dialect.CAMUNDA7)["properties"] if each["type"] == "Hidden"]
    assert (eight["value"], eight["binding"]["property"]) == ("send_letter", "type")
    assert seven == ["external", "send_letter"]


def test_variables_only_are_asked_for_in_the_order_of_the_signature() -> None:
    names = ["to", "lines", "copies", "urgency", "html", "size", "footer"]
    assert list(controls(Dialect.CAMUNDA8)) == list(controls(Dialect.CAMUNDA7)) == names


@pytest.mark.parametrize(
    ("name", "control", "value"),
    [
        ("to", "String", None),
        ("lines", "Text", "=lines"),
        ("copies", "Number", 1),
        ("urgency", "Dropdown", "low"),
        ("html", "Boolean", False),
        ("size", "Dropdown", "=4"),
        ("footer", "String", None),
    ],
)
def test_types_and_defaults_become_controls_of_camunda_8(name: str, control: str, value: Any) -> None:
    found = controls(Dialect.CAMUNDA8)[name]
    assert (found["type"], found.get("value")) == (control, value)


def test_defaults_of_camunda_7_are_texts_or_expressions() -> None:
    values = {name: control.get("value") for name, control in controls(Dialect.CAMUNDA7).items()}
    assert values == {
        "to": None,
        "lines": "${lines}",
        "copies": "${1}",
        "urgency": "low",
        "html": "${false}",
        "size": "${4}",
        "footer": "${null}",
    }


def test_choices_are_those_of_the_enum_and_keep_their_type() -> None:
    found = controls(Dialect.CAMUNDA8)
    assert [each["value"] for each in found["urgency"]["choices"]] == ["low", "high"]
    assert [each["value"] for each in found["size"]["choices"]] == ["=4", "=5"]


def test_a_pattern_is_kept_and_lets_expressions_pass() -> None:
    found = controls(Dialect.CAMUNDA8)["to"]
    assert (found["label"], found["description"]) == ("Recipient", "An e-mail address")
    assert found["constraints"]["notEmpty"] and found["constraints"]["pattern"]["value"] == "^=|(?:.+@.+)"
    assert "constraints" not in controls(Dialect.CAMUNDA8)["footer"]


def test_what_a_handler_returns_goes_into_variables_of_its_names() -> None:
    (found,) = [
        each
        for each in drawn(Dialect.CAMUNDA8)["properties"]
        if each["group" if "group" in each else "type"] == "output"
    ]
    assert (found["value"], found["binding"]) == ("receipt", {"type": "zeebe:output", "source": "=receipt"})


def test_another_type_is_another_version_and_another_wording_is_not(tmp_path: Path) -> None:
    def version(**hints: Any) -> int:
        (found,) = with_parameters(**hints)
        return read_fields(found).fingerprint

    plain = version(a=int, b=str)
    assert version(a=Annotated[int, Field(title="A", description="Which")], b=str) == plain
    assert len({plain, version(a=float, b=str), version(a=Annotated[int, Field(ge=1)], b=str)}) == 3


def test_building_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    write_files(plan_files(HandlerRegistry.load([send_letter]), tmp_path))
    again = plan_files(HandlerRegistry.load([send_letter]), tmp_path)
    assert {file.change for file in again} == {"unchanged"} and len(again) == 2


def test_a_new_version_is_higher_and_the_earlier_one_is_kept(tmp_path: Path) -> None:
    for hint in (int, str, int):
        write_files(plan_files(with_parameters(a=hint), tmp_path))
    versions = [each["version"] for each in json.loads((tmp_path / "work.camunda8.json").read_text("utf-8"))]
    assert [version // GENERATION for version in versions] == [3, 2, 1]
    assert versions[0] % GENERATION == versions[2] % GENERATION


def test_templates_of_a_handler_that_is_gone_are_removed_and_those_of_others_stay(tmp_path: Path) -> None:
    write_files(plan_files(with_parameters(a=int), tmp_path))
    (tmp_path / "theirs.camunda8.json").write_text('[{"id": "org.example.theirs"}]', "utf-8")
    write_files(plan_files(HandlerRegistry.load([send_letter]), tmp_path))
    assert sorted(path.name.split(".")[0] for path in tmp_path.iterdir()) == ["send_letter", "send_letter", "theirs"]


def test_a_file_that_cannot_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "work.camunda8.json").write_text("{", "utf-8")
    with pytest.raises(TemplatesUnreadable, match=r"work\.camunda8\.json"):
        plan_files(with_parameters(a=int), tmp_path)
    assert (tmp_path / "work.camunda8.json").read_text("utf-8") == "{"


def test_a_topic_that_is_no_file_name_gets_one_of_its_own(tmp_path: Path) -> None:
    handlers = HandlerRegistry([Handler(topic, lambda: None) for topic in ("a/b", "a:b", "A_b")])
    names = {file.path.name for file in plan_files(handlers, tmp_path)}
    assert len(names) == 6 and not any("/" in name or ":" in name for name in names)


def test_versions_fit_the_handler_whatever_their_place_in_the_series() -> None:
    registry = HandlerRegistry.load([send_letter])
    fits, (found,) = template_fits(registry), registry
    now = read_fields(found).fingerprint
    assert fits("bpmn-runner.send_letter", 4 * GENERATION + now) is True
    assert fits("bpmn-runner.send_letter", 4 * GENERATION + (now + 1) % GENERATION) is False
    assert fits("org.example.theirs", 1) is fits("bpmn-runner.unknown", 1) is None
