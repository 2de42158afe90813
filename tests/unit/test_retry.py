"""When a failed attempt is tried again: the pause doubles up to a cap, the diagram's rule wins, nothing overflows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.retry import RetryPolicy, RetryRule

SECOND = timedelta(seconds=1)


def pauses(policy: RetryPolicy, attempts: int) -> list[float | None]:
    found = (policy.delay(attempt, "ValueError") for attempt in range(1, attempts + 1))
    return [None if pause is None else pause.total_seconds() for pause in found]


def test_pause_doubles_from_one_second_to_a_hundred() -> None:
    assert pauses(RetryPolicy(), 9) == [1, 2, 4, 8, 16, 32, 64, 100, 100]


@pytest.mark.parametrize("attempt", [47, 48, 49, 63, 100, 2_000, 10**9])
def test_pause_stays_at_the_cap_however_many_attempts_there_were(attempt: int) -> None:
    assert RetryPolicy().delay(attempt, "ValueError") == timedelta(seconds=100)


@given(
    attempt=st.integers(1, 10**7),
    factor=st.floats(1, 1e6),
    initial=st.timedeltas(timedelta(0), timedelta(days=400)),
    cap=st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_pause_is_never_longer_than_the_cap(attempt: int, factor: float, initial: timedelta, cap: timedelta) -> None:
    pause = RetryPolicy(initial=initial, factor=factor, cap=cap).delay(attempt, "ValueError")
    assert pause is not None
    assert min(initial, cap) <= pause <= cap


def test_last_attempt_is_followed_by_none() -> None:
    assert pauses(RetryPolicy(max_attempts=3), 4) == [1, 2, None, None]


def test_listed_intervals_are_used_and_the_last_one_repeats() -> None:
    policy = RetryPolicy(intervals=(SECOND * 5, SECOND * 60), max_attempts=5)
    assert pauses(policy, 5) == [5, 60, 60, 60, None]


def test_an_error_that_is_not_worth_it_is_not_retried() -> None:
    policy = RetryPolicy(non_retryable=("ValueError",))
    assert policy.delay(1, "ValueError") is None
    assert policy.delay(1, "OSError") == SECOND


@pytest.mark.parametrize(("drawn", "seconds"), [(0.0, 1.0), (0.5, 1.05), (1.0, 1.1)])
def test_jitter_makes_a_pause_longer_by_at_most_its_share(drawn: float, seconds: float) -> None:
    pause = RetryPolicy(jitter=0.1).delay(1, "ValueError", spread=lambda: drawn)
    assert pause == timedelta(seconds=seconds)


def test_what_the_diagram_says_replaces_that_part_of_the_policy() -> None:
    policy = RetryPolicy(max_attempts=9, non_retryable=("ValueError",))
    rule = RetryRule(max_attempts=2, intervals=(SECOND * 10,))
    assert policy.overridden_by(rule) == RetryPolicy(
        max_attempts=2, intervals=(SECOND * 10,), non_retryable=("ValueError",)
    )


@pytest.mark.parametrize("rule", [None, RetryRule()])
def test_a_diagram_that_says_nothing_changes_nothing(rule: RetryRule | None) -> None:
    policy = RetryPolicy(max_attempts=9, intervals=(SECOND,))
    assert policy.overridden_by(rule) == policy


@pytest.mark.parametrize(
    "wrong", [{"max_attempts": 0}, {"factor": 0.5}, {"initial": -SECOND}, {"cap": -SECOND}, {"jitter": -0.1}]
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        RetryPolicy(**wrong)
