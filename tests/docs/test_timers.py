"""What docs/timers.md says about when a timer fires is so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from documents import ROOT, rows, section

from runner.schedules import CatchUp, Due, first_due, next_due, read_schedule

TIMERS = ROOT / "docs" / "timers.md"
NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
EXAMPLES = rows(section(TIMERS, "What is written, and when it fires"))


@pytest.mark.parametrize(("kind", "text", "said"), EXAMPLES)
def test_timer_fires_when_it_is_said_to(kind: str, text: str, said: str) -> None:
    schedule, times, expected = read_schedule(kind, text), [], said.split(", ")
    due: Due | None = first_due(schedule, now=NOW)
    while due is not None and len(times) < len(expected):
        times.append("…" if expected[len(times)] == "…" else f"{due.at:%Y-%m-%d %H:%M:%S}")
        due = next_due(schedule, due, now=due.at, catch_up=CatchUp.ALL)

    assert times == expected and (due is None or expected[-1] == "…")


def test_every_kind_has_examples() -> None:
    assert {kind for kind, *_ in EXAMPLES} == {"date", "duration", "cycle"}


def test_each_way_to_catch_up_is_explained() -> None:
    assert [row[0] for row in rows(section(TIMERS, "After downtime"))] == list(CatchUp)
