"""A worker that is frozen past its lease and woken again changes nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from acceptance.counting_handlers import read_calls
from acceptance.crashing_runner import Plan, read_only_instance, start
from waiting import until

from handlers.pokemon import Pokemon

LEASE = 0.5


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[BaseProcess]:
    """Give a runner that was stopped in the middle of Attack's handler."""
    plan = Plan(tmp_path, hold_in="attack", claim_seconds=LEASE)
    process = start(plan)
    assert process.pid is not None
    until(lambda: len(read_calls(plan.calls)) == 2)
    os.kill(process.pid, signal.SIGSTOP)
    yield process
    process.kill()
    process.join()


def test_another_runner_takes_over_and_the_late_answer_is_dropped(frozen: BaseProcess, tmp_path: Path) -> None:
    plan = Plan(tmp_path, claim_seconds=LEASE)
    second = start(plan)
    second.join()
    assert second.exitcode == 0
    before = read_only_instance(plan)

    plan.calls.with_suffix(".go").touch()
    os.kill(frozen.pid or 0, signal.SIGCONT)
    frozen.join(20)

    assert frozen.exitcode == 0
    assert read_only_instance(plan) == before
    assert Pokemon.model_validate(before.variables["pokemon"]).current_health == 1


def test_the_attempt_that_took_over_has_the_same_key(frozen: BaseProcess, tmp_path: Path) -> None:
    plan = Plan(tmp_path, claim_seconds=LEASE)
    second = start(plan)
    second.join()

    attacks = [(key, attempt) for topic, key, attempt in read_calls(plan.calls) if topic == "attack"]

    assert [attempt for _, attempt in attacks] == [1, 2]
    assert len({key for key, _ in attacks}) == 1
