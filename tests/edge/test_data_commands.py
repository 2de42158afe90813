"""The command line for data stores: list, get, set, delete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runner.cli import cli


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder with a database in which two data stores are filled."""
    for name, value in (("prices", '{"apple": 0.5}'), ("Customer Orders", "none yet")):
        assert call(tmp_path, "set", name, value).exit_code == 0
    return tmp_path


def call(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["data", *arguments, "--database", f"sqlite:///{place}/runner.db"])


def test_what_was_set_is_listed_and_given(place: Path) -> None:
    listed = json.loads(call(place, "list", "--json").output)["data_stores"]
    assert [(each["name"], each["value"]) for each in listed] == [
        ("customer_orders", "none yet"),
        ("prices", {"apple": 0.5}),
    ]
    assert json.loads(call(place, "get", "prices").output) == {"apple": 0.5}
    assert json.loads(call(place, "get", "Customer Orders", "--json").output)["revision"] == 1


def test_lists_for_people_say_who_wrote(place: Path) -> None:
    lines = call(place, "list").output.splitlines()
    assert "a person" in lines[1] and '"none yet"' in lines[1]


def test_emptying_is_said_and_reading_then_is_refused_in_a_sentence(place: Path) -> None:
    assert call(place, "delete", "prices").output == "Data store 'prices' is empty.\n"
    refused = call(place, "get", "prices")
    assert refused.exit_code == 2 and "Filled: customer_orders" in refused.output
    told = call(place, "get", "price", "--json")
    assert json.loads(told.output.splitlines()[0])["error"]["code"] == "data_store_not_found"
