"""The time of this machine is aware, in UTC, and goes on."""

from __future__ import annotations

from datetime import UTC, timedelta

from runner.clock import SystemClock


def test_now_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_now_does_not_stand_still_or_jump_by_a_zone() -> None:
    first, second = SystemClock().now(), SystemClock().now()
    assert timedelta(0) <= second - first < timedelta(minutes=30)
