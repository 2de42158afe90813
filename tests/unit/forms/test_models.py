"""Pydantic models as forms: fields from types, and pydantic's judgement at the field it is about."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from unit.forms.filling_in import CLOCK, boxes

from runner.forms.filling import Filled, fill
from runner.forms.inputs import read_sent
from runner.forms.models import model_form
from runner.forms.submitting import submit


class Status(Enum):
    HEALTHY = "HEALTHY"
    PAR = "PAR"


class Move(BaseModel):
    name: str = Field(min_length=2)
    power: int = 10


class Everything(BaseModel):
    name: str = Field(title="What it is called", description="In capitals.")
    level: int = Field(ge=1, le=100)
    status: Status
    size: Literal["S", "L"] = "S"
    caught: bool
    tame: bool | None = None
    price: Decimal = Decimal("1.50")
    weight: float = 1.0
    born: date
    at: time
    seen: datetime
    story: str = Field("", max_length=2000)
    tags: list[str] = []
    kinds: list[Status] = []
    best: Move
    second: Move | None = None
    moves: list[Move] = []
    anything: dict[str, Any] = {}


def fields(model: type[BaseModel]) -> dict[str, str]:
    return {field.path[0]: str(field.kind) for field in model_form("m", model).fields}


def sent(model: type[BaseModel], texts: dict[str, str | list[str]], variables: dict[str, Any] | None = None) -> Filled:
    form = model_form("m", model)
    data = read_sent(form, {name: [text] if isinstance(text, str) else text for name, text in texts.items()})
    return fill(form, variables or {}, data, clock=CLOCK)


def flaws(filled: Filled, given: dict[str, Any] | None = None) -> dict[str, str]:
    return {flaw.field: flaw.code for flaw in submit(filled, given, clock=CLOCK).flaws}


def test_a_field_is_of_the_kind_of_its_type() -> None:
    assert fields(Everything) == {
        **{"name": "text", "level": "number", "status": "select", "size": "select", "caught": "checkbox"},
        **{"tame": "select", "price": "number", "weight": "number", "born": "date", "at": "time", "seen": "datetime"},
        **{"story": "textarea", "tags": "lines", "kinds": "checklist", "best": "group", "second": "group"},
        **{"moves": "rows", "anything": "json"},
    }


def test_titles_descriptions_and_defaults_are_those_of_the_model() -> None:
    filled = fill(model_form("m", Everything), {"level": 7}, clock=CLOCK)
    name, level = filled.fields[:2]
    assert (name.label, name.description, level.label) == ("What it is called", "In capitals.", "Level")
    assert (boxes(filled)["/level"], boxes(filled)["/price"], boxes(filled)["/size"]) == ("7", "1.50", "S")


def test_what_pydantic_accepts_becomes_variables_as_json() -> None:
    texts: dict[str, str | list[str]] = {
        **{"/name": "Mew", "/level": "50", "/status": "PAR", "/size": "L", "/caught": ["", "true"], "/tame": ""},
        **{"/price": "2.50", "/weight": "4", "/born": "2026-01-31", "/at": "10:30", "/seen": "2026-01-31T10:30"},
        **{"/story": "", "/tags": "a\r\nb", "/kinds": ["", "PAR"], "/best/name": "Cut", "/best/power": ""},
        **{"/second/name": "", "/second/power": "", "/moves": "1", "/moves/0/name": "Fly", "/moves/0/power": "3"},
        **{"/anything": '{"x": [1]}'},
    }
    variables = submit(sent(Everything, texts), clock=CLOCK).variables
    assert (variables["level"], variables["price"], variables["tags"], variables["kinds"]) == (
        50,
        "2.50",
        ["a", "b"],
        ["PAR"],
    )
    assert (variables["best"], variables["second"]) == ({"name": "Cut", "power": 10}, None)
    assert (variables["moves"], variables["at"], variables["caught"]) == (
        [{"name": "Fly", "power": 3}],
        "10:30:00",
        True,
    )


def test_what_pydantic_refuses_is_said_at_its_field() -> None:
    found = flaws(sent(Everything, {"/level": "many", "/best/name": "x", "/moves": "1", "/moves/0/name": ""}))
    assert (found["/name"], found["/level"], found["/best/name"]) == ("missing", "int_parsing", "string_too_short")
    assert found["/moves/0/name"] == "missing"


def test_json_that_cannot_be_read_is_said_first() -> None:
    assert flaws(sent(Everything, {"/anything": "{"})) == {"/anything": "unreadable"}


def test_a_time_that_needs_a_zone_is_in_utc() -> None:
    class Meeting(BaseModel):
        at: AwareDatetime
        others: list[AwareDatetime] = []

    made = sent(Meeting, {"/at": "2026-01-31T10:30"}, {"others": ["2026-01-31T11:30"]})
    assert submit(made, clock=CLOCK).variables == {"at": "2026-01-31T10:30:00Z", "others": ["2026-01-31T11:30:00Z"]}


def test_aliases_are_the_names_of_variables() -> None:
    class Aliased(BaseModel):
        pokemon: str = Field(alias="the pokémon")

    assert submit(sent(Aliased, {"/the pokémon": "Mew"}), clock=CLOCK).variables == {"the pokémon": "Mew"}


@pytest.mark.parametrize(("error", "code"), [(ValueError, "value_error"), (KeyError, "model_failed")])
def test_what_a_validator_raises_is_a_flaw_of_the_whole_form(error: type[Exception], code: str) -> None:
    class Strict(BaseModel):
        n: int

        @model_validator(mode="after")
        def refuse(self) -> Strict:
            raise error("no")

    assert flaws(sent(Strict, {"/n": "1"})) == {"": code}


@pytest.mark.parametrize(("extra", "found"), [("forbid", {"/more": "extra_forbidden"}), ("ignore", {}), ("allow", {})])
def test_what_is_not_asked_for_is_as_the_model_says(extra: Any, found: dict[str, str]) -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra=extra)
        n: int = 1

    made = fill(model_form("m", Open), {}, {"n": 2, "more": 3}, clock=CLOCK)
    submission = submit(made, {"n": 2, "more": 3}, clock=CLOCK)
    assert flaws(made, {"n": 2, "more": 3}) == found
    assert submission.variables == ({} if found else {"n": 2, "more": 3})


def test_types_without_a_json_schema_are_edited_as_json() -> None:
    class Odd:
        pass

    class Strange(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        odd: Odd | None = None
        n: int = 1

    assert fields(Strange) == {"odd": "json", "n": "json"}


def test_a_model_within_itself_ends() -> None:
    assert fields(Tree) == {"name": "text", "branches": "rows"}


class Tree(BaseModel):
    name: str
    branches: list[Tree] = []
