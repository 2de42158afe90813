"""`runner decide`: a decision of a file, or a deployed one, evaluated by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.decisions.drafting import decision, file, literal, table

from runner.app import Runner
from runner.cli import cli

SEASON = decision("season", table(["degrees"], ["season"], [([">= 20"], ['"summer"']), (["< 15"], ['"winter"'])]))
DISH = decision("dish", table(["season"], ["dish"], [(['"summer"'], ['"salad"'])]), needs="season", name="Pick a dish")


def decide(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["decide", *arguments])


@pytest.fixture
def menu(tmp_path: Path) -> str:
    path = tmp_path / "menu.dmn"
    path.write_bytes(file(SEASON, DISH, decision("bad", literal("1 +")), decision("user", literal("bad"), needs="bad")))
    return str(path)


def test_the_value_is_printed_and_beside_it_which_rules_fired(menu: str) -> None:
    result = decide(menu, "--decision", "Pick a dish", "--var", "degrees=25")
    assert (result.exit_code, result.stdout) == (0, '"salad"\n')
    assert 'season: rule 1 (degrees = 25)\ndish: rule 1 (season = "summer")\n' in result.stderr


def test_no_rule_is_told_too(menu: str) -> None:
    result = decide(menu, "--decision", "season", "--var", "degrees=17")
    assert (result.exit_code, result.stdout) == (0, "null\n")
    assert "season: no rule" in result.stderr


def test_json_holds_the_value_the_rules_and_the_warnings(menu: str) -> None:
    found = json.loads(decide(menu, "--decision", "season", "--var", "degrees=warm", "--json").stdout)
    assert (found["decision"], found["value"], found["fired"][0]["rules"]) == ("season", None, [])
    assert len(found["warnings"]) == 2 or found["warnings"] == []


def test_of_several_decisions_one_is_to_be_named(menu: str, tmp_path: Path) -> None:
    assert "name one with --decision: dish, user" in decide(menu).stderr
    (tmp_path / "one.dmn").write_bytes(file(SEASON, DISH))
    assert decide(str(tmp_path / "one.dmn"), "--var", "degrees=25").stdout == '"salad"\n'


def test_a_broken_decision_fails_and_says_where(menu: str) -> None:
    result = decide(menu, "--decision", "user", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "decision_failed"
    assert "menu.dmn:1" in result.stderr and "refused" in result.stderr


def test_a_deployed_decision_is_found_by_id_name_and_version(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'd.db'}"
    with Runner(database, handlers=(), work=False) as runner:
        for value in ("1", "2"):
            (tmp_path / "d.dmn").write_bytes(file(decision("n", literal(value), name="the number")))
            runner.deploy(tmp_path / "d.dmn")
    assert decide("the number", "--database", database).stdout == "2\n"
    assert decide("n", "--version", "1", "--database", database).stdout == "1\n"
    assert decide("m", "--database", database).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--version", "1"], "Expected --version with a deployed decision"),
        (["--decision", "nobody"], "no decision 'nobody'"),
    ],
)
def test_options_that_do_not_fit_are_refused(menu: str, arguments: list[str], words: str) -> None:
    result = decide(menu, *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)
