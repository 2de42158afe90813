"""Jobs with the same lock are never claimed at the same time; the one that has waited longest comes next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import BPMN, chain
from commands.conftest import Bench

from runner.app import RunnerInstance
from runner.commands.instances import cancel_instance
from runner.commands.jobs import claimed_jobs, complete_job, fail_job, let_go, postpone_job, release_jobs
from runner.commands.verification import verify
from runner.model import Failure
from runner.printing import token_line

NAMESPACE = f'xmlns="{BPMN}" xmlns:runner="urn:bpmn-runner:1.0"'


def locked(lock: str = "=ball") -> bytes:
    """Give a process with service task `a`, which has a lock."""
    xml = chain(["a"]).decode().replace(f'xmlns="{BPMN}"', NAMESPACE, 1)
    return xml.replace('<serviceTask id="a"', f'<serviceTask id="a" runner:lock="{lock}"').encode()


def start(bench: Bench, *balls: str | int | None) -> list[RunnerInstance]:
    """Start an instance for each ball, a second apart."""
    bench.deploy(locked())
    started = []
    for ball in balls:
        bench.clock.move(1)
        started.append(bench.runner.start("p", {"ball": ball}))
    return started


def test_one_of_those_with_the_same_lock_is_claimed_at_a_time_oldest_first(bench: Bench) -> None:
    instances = start(bench, "red", "red", "blue", "red")
    claimed = bench.claim()
    assert [job.instance_id for job in claimed] == [instances[0].id, instances[2].id]
    assert bench.claim(worker="w2") == []

    complete_job(bench.runtime, claimed[0], {})
    (second,) = bench.claim(worker="w2")
    assert second.instance_id == instances[1].id and verify(bench.runtime).violations == []


def test_those_that_wait_for_a_lock_do_not_stand_in_the_way_of_others(bench: Bench) -> None:
    instances = start(bench, *["red"] * 5, "blue")
    assert [job.instance_id for job in bench.claim(limit=2)] == [instances[0].id, instances[5].id]


def test_a_failed_attempt_gives_the_lock_to_the_next(bench: Bench) -> None:
    instances = start(bench, "red", "red")
    fail_job(bench.runtime, bench.claim()[0], Failure("ConnectionError", "refused"))
    (second,) = bench.claim()
    bench.clock.move(10)
    assert second.instance_id == instances[1].id and bench.claim() == []

    postpone_job(bench.runtime, second, timedelta(0))
    assert [job.instance_id for job in bench.claim()] == [instances[0].id]


def test_a_dead_worker_does_not_keep_it(bench: Bench) -> None:
    start(bench, "red", "red")
    (job,) = bench.claim(worker="dead")
    release_jobs(bench.runtime, claimed_jobs(bench.runtime), dead=frozenset({"dead"}))
    (again,) = bench.claim()
    assert again.id == job.id


def test_a_canceled_job_keeps_it_until_its_handler_has_returned(bench: Bench) -> None:
    first, second = start(bench, "red", "red")
    (job,) = bench.claim()
    cancel_instance(bench.runtime, first.id)
    assert bench.claim() == [] and verify(bench.runtime).violations == []

    let_go(bench.runtime, job)
    assert [each.instance_id for each in bench.claim()] == [second.id]


def test_a_canceled_job_whose_worker_is_gone_keeps_it_for_its_claim_only(bench: Bench) -> None:
    first, second = start(bench, "red", "red")
    bench.claim()
    cancel_instance(bench.runtime, first.id)
    bench.clock.move(31)
    assert [each.instance_id for each in bench.claim()] == [second.id]


def test_the_token_says_which_job_has_the_lock(bench: Bench) -> None:
    _, waiting = start(bench, "red", "red")
    (job,) = bench.claim()
    (token,) = waiting.tokens
    assert token_line(token) == f"a [a]: waits for the lock 'red', which job {job.id} has"
    assert token.job is not None and (token.job.lock, token.job.lock_holder) == ("red", job.id)


def test_a_lock_without_an_expression_is_shared_by_all(bench: Bench) -> None:
    bench.deploy(locked("stadium"))
    for _ in range(2):
        bench.runner.start("p", {})
    assert [job.lock for job in bench.claim()] == ["stadium"]


@pytest.mark.parametrize("ball", [None, "", True, "  "])
def test_a_lock_that_is_no_text_is_an_incident(bench: Bench, ball: str | None) -> None:
    (instance,) = start(bench, ball)
    (incident,) = instance.incidents
    assert incident.kind == "expression_failed" and "Expected the lock of 'a'" in incident.message


def test_a_whole_number_is_a_lock(bench: Bench) -> None:
    start(bench, 7, 7)
    assert [job.lock for job in bench.claim()] == ["7"]
