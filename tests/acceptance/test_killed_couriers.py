"""Messages and timers outlive a kill at any instant: nothing is lost, and nothing is delivered or fired twice."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest
from acceptance.crashing_choreography import TABLES, live, opened
from acceptance.crashing_runner import Plan

from runner.commands.instances import list_instances
from runner.commands.verification import verify
from runner.model import InstanceState, MessageState


def lives(plan: Plan, *, most: int) -> int:
    """Live as planned until the evening is over, `most` times at most, then once without dying; give the deaths."""
    for death in range(most):
        process = live(plan)
        process.join()
        if process.exitcode == 0:
            return death
        assert process.exitcode == -signal.SIGKILL
    process = live(Plan(plan.folder))
    process.join()
    assert process.exitcode == 0
    return most


@pytest.mark.parametrize(
    ("death", "at_least"), [({"die_after_commit": 1}, 10), ({"die_after_commit": 2}, 5), ({"die_before_step": 2}, 3)]
)
def test_every_guest_is_served_once_however_often_all_is_killed(
    tmp_path: Path, death: dict[str, int], at_least: int
) -> None:
    plan = Plan(tmp_path, **death)  # type: ignore[arg-type]  # only numbers are given
    assert lives(plan, most=40) >= at_least

    with opened(plan, work=False) as runner:
        states = Counter((each.key, each.state) for each in list_instances(runner.runtime, limit=100).instances)
        assert states == {(key, InstanceState.COMPLETED): len(TABLES) for key in ("guest", "kitchen")}
        sent = Counter((each.name, each.key, each.state) for each in runner.messages())
        assert sent == {(name, key, MessageState.DELIVERED): 1 for name in ("Ordered", "Served") for key in TABLES}
        assert verify(runner.runtime).violations == []
