"""Length has no limit: a thousand service tasks in a row, and a gateway loop of two thousand rounds, on a real file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import chain, loop

from runner import Runner, handler

TASKS, ROUNDS = 1_000, 2_000


@handler("work")
def work(n: int) -> dict[str, int]:
    """Count a round."""
    return {"n": n + 1}


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """Give a runner on a file, with a long chain and a loop deployed."""
    long_chain = chain([f"t{number}" for number in range(TASKS)], key="chain")
    (tmp_path / "chain.bpmn").write_bytes(long_chain.replace(b"<serviceTask ", b'<serviceTask implementation="work" '))
    (tmp_path / "loop.bpmn").write_bytes(loop(f"n < {ROUNDS}", key="loop"))
    with Runner(database=f"sqlite:///{tmp_path / 'runner.db'}", handlers=[work]) as opened:
        opened.deploy(tmp_path / "chain.bpmn", tmp_path / "loop.bpmn")
        yield opened


def test_a_chain_of_1000_tasks_and_a_loop_of_2000_rounds_complete(runner: Runner) -> None:
    running = [runner.start("chain", {"n": 0}), runner.start("loop", {"n": 0})]

    assert all(instance.wait(timeout=120) for instance in running)

    assert [instance.variables for instance in running] == [{"n": TASKS}, {"n": ROUNDS}]
    entered = [each.element_id for each in running[1].history if each.event == "entered"]
    assert entered.count("work") == ROUNDS
