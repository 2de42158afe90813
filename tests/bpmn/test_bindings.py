"""From a service task to the topic of its handler."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bpmn.drawn import CAMUNDA8, around, findings, it, task
from hypothesis import given
from hypothesis import strategies as st

from runner.bpmn.bindings import snake_case
from runner.bpmn.check import bind, check_diagram
from runner.bpmn.durations import parse_duration, parse_retry_cycle
from runner.errors import ExpressionInvalid
from runner.retry import RetryRule

NAMED = task('<zeebe:taskDefinition type="throw"/>', 'name="Throw Pokéball"')


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("Throw Pokéball", "throw_pokeball"),
        ("  Hello\n Professor  Oak! ", "hello_professor_oak"),
        ("ChargeCreditCard", "charge_credit_card"),
        ("HTTPCall 2", "http_call_2"),
        ("Prüfe Straße", "prufe_strasse"),
        ("ポケモン", "ポケモン"),
        ("—", ""),
    ],
)
def test_name_in_snake_case_has_no_accents(name: str, topic: str) -> None:
    assert snake_case(name) == topic


@pytest.mark.parametrize("topics", [{"throw", "it"}, {"it", "throw_pokeball"}, {"throw_pokeball"}])
def test_first_candidate_with_a_handler_is_chosen(topics: set[str]) -> None:
    diagram = around(NAMED, file=CAMUNDA8)
    order = ("throw", "it", "throw_pokeball")
    assert bind(diagram.processes[0], frozenset(topics)) == {"it": next(each for each in order if each in topics)}


def test_missing_handler_is_refused_naming_all_that_was_looked_for() -> None:
    (finding,) = findings(around(f"\n{NAMED}"), "refused", frozenset({"trow_pokeball", "zzz"}))
    assert (finding.code, finding.element_id, finding.line) == ("handler_missing", "it", 2)
    for words in ("'Throw Pokéball'", "'throw', 'it', 'throw_pokeball'", "Did you mean 'trow_pokeball'"):
        assert words in finding.message


def test_without_near_handlers_the_known_ones_are_named() -> None:
    (finding,) = findings(around(NAMED), "refused", frozenset({"zzz"}))
    assert "Handlers there are: zzz" in finding.message


def test_handlers_are_not_looked_for_without_topics() -> None:
    assert all(each.code != "handler_missing" for each in check_diagram(around(NAMED), None))


def test_bind_leaves_out_what_has_no_handler() -> None:
    assert bind(around(NAMED).processes[0], frozenset()) == {}
    assert it(around('<task id="it"/>')).service is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT10S", 10), ("PT0S", 0), ("P1DT2H", 93_600), ("P2W", 1_209_600), ("PT1.5S", 1.5), (" PT1M30S ", 90)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1S", "P1Y", "P1M", "PT5", "-PT5S", "PT٣S", "P999999999W"])
def test_what_is_no_fixed_duration_is_refused(text: str) -> None:
    with pytest.raises(ExpressionInvalid, match="Expected a duration"):
        parse_duration(text)


@given(st.integers(0, 999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_written_durations_are_read_back(days: int, hours: int, minutes: int, seconds: int) -> None:
    expected = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert parse_duration(f"P{days}DT{hours}H{minutes}M{seconds}S") == expected


def test_retry_cycle_without_a_number_sets_no_limit() -> None:
    assert parse_retry_cycle("R/PT5S") == RetryRule(max_attempts=None, intervals=(timedelta(seconds=5),))
    assert parse_retry_cycle("PT5S") == RetryRule(max_attempts=2, intervals=(timedelta(seconds=5),))
