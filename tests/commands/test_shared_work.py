"""Several runners on one database, one after the other or at once: nobody's work is lost, and none is done twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from builders import chain
from commands.conftest import Bench
from commands.drawings import caller, work

from runner.commands.jobs import complete_job
from runner.commands.verification import verify
from runner.errors import RunnerError, UserTaskTaken
from runner.retry import RetryPolicy

HANDLERS = {"a": RetryPolicy(), "b": RetryPolicy(), "work": RetryPolicy()}


def test_what_was_called_before_a_restart_returns_to_its_caller_after_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/runner.db"
    before = Bench(url, HANDLERS)
    before.deploy(chain(["work"], key="child"))
    before.deploy(caller())
    id = before.runner.start("p").id
    before.runner.close()

    after = Bench(url, HANDLERS)
    complete_job(after.runtime, after.claim()[0], {"done": True})

    assert [token.element_id for token in after.runner.instance(id).tokens] == ["a"]
    assert verify(after.runtime).violations == []
    after.runner.close()


def test_a_step_that_fails_half_way_leaves_neither_caller_nor_called_changed(bench: Bench) -> None:
    bench.deploy(chain(["work"], key="child"))
    bench.deploy(caller())
    instance = bench.runner.start("p")
    (job,) = bench.claim()
    follow = bench.runtime.follow

    def fail(*_: object) -> None:
        raise RuntimeError("killed here")

    bench.runtime.follow = fail
    with pytest.raises(RuntimeError):
        complete_job(bench.runtime, job, {})
    bench.runtime.follow = follow

    assert [token.waiting_for for token in instance.tokens] == ["call"] and verify(bench.runtime).violations == []
    complete_job(bench.runtime, job, {})
    assert [token.element_id for token in instance.tokens] == ["a"]


def test_of_two_people_who_claim_at_once_through_two_runners_one_gets_it(postgresql_url: str) -> None:
    benches = [Bench(postgresql_url, HANDLERS) for _ in range(2)]
    benches[0].deploy(work())
    for _ in range(5):
        benches[0].runner.start("p")
    ids = [task.id for task in benches[0].runner.user_tasks()]
    refused: list[RunnerError] = []

    def claim_all(bench: Bench, user: str) -> None:
        for id in ids:
            try:
                bench.runner.claim_user_task(id, user)
            except RunnerError as error:
                refused.append(error)

    threads = [threading.Thread(target=claim_all, args=pair) for pair in zip(benches, ("ash", "misty"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(error) for error in refused] == [UserTaskTaken] * 5
    assert verify(benches[0].runtime).violations == []
    for bench in benches:
        bench.runner.close()
