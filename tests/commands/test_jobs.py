"""A job is done by whoever holds it, once; a failed attempt is retried by the policy; a late answer changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from commands.conftest import Bench

from runner.commands.jobs import (
    ThrownError,
    claimed_jobs,
    complete_job,
    extend_claims,
    fail_job,
    postpone_job,
    release_jobs,
    throw_error,
)
from runner.errors import Conflict, JobNotHeld
from runner.model import Failure, IncidentKind, InstanceState, JobState

BOOM = Failure("ConnectionError", "connection refused", "Traceback …")


def test_a_completed_job_opens_the_next_one(bench: Bench) -> None:
    instance = bench.start(["a", "b"])
    (job,) = bench.claim()

    complete_job(bench.runtime, job, {"n": 1})

    assert [each.topic for each in bench.claim()] == ["b"]
    assert instance.variables == {"n": 1}


def test_the_last_job_completes_the_instance(bench: Bench) -> None:
    instance = bench.start(["a"])

    complete_job(bench.runtime, bench.claim()[0], {})

    assert instance.state is InstanceState.COMPLETED
    assert instance.tokens == ()


def test_a_claimed_job_is_not_given_to_another_worker(bench: Bench) -> None:
    bench.start(["a"])
    bench.claim(worker="w1")

    assert bench.claim(worker="w2") == []


def test_a_second_answer_changes_nothing(bench: Bench) -> None:
    instance = bench.start(["a", "b"])
    (job,) = bench.claim()
    complete_job(bench.runtime, job, {"n": 1})
    before = instance.history

    with pytest.raises(Conflict):
        complete_job(bench.runtime, job, {"n": 2})

    assert instance.history == before and instance.variables == {"n": 1}


def test_a_worker_that_froze_past_its_lease_changes_nothing(bench: Bench) -> None:
    instance = bench.start(["a", "b"])
    (frozen,) = bench.claim(worker="w1")
    bench.clock.move(31)
    release_jobs(bench.runtime, _claimed(bench), dead=frozenset())
    (taken,) = bench.claim(worker="w2")

    with pytest.raises(JobNotHeld):
        complete_job(bench.runtime, frozen, {"from": "w1"})
    complete_job(bench.runtime, taken, {"from": "w2"})

    assert instance.variables == {"from": "w2"}
    assert (frozen.id, frozen.attempt, taken.attempt) == (taken.id, 1, 2)


def test_a_claim_that_is_extended_does_not_lapse(bench: Bench) -> None:
    bench.start(["a"])
    (job,) = bench.claim()
    bench.clock.move(20)
    assert extend_claims(bench.runtime, [job]) == []
    bench.clock.move(20)

    release_jobs(bench.runtime, _claimed(bench), dead=frozenset())

    complete_job(bench.runtime, job, {})


def test_the_job_of_a_dead_worker_is_offered_again_at_once(bench: Bench) -> None:
    bench.start(["a"])
    (job,) = bench.claim()

    release_jobs(bench.runtime, _claimed(bench), dead=frozenset({"w1"}))

    (again,) = bench.claim(worker="w2")
    assert again.id == job.id and again.token != job.token


def test_a_failed_attempt_is_due_again_when_the_policy_says(bench: Bench) -> None:
    instance = bench.start(["a"])
    pauses = []
    for pause in (1, 2, 4, 8):
        fail_job(bench.runtime, bench.claim()[0], BOOM)
        bench.clock.move(pause - 0.001)
        pauses.append(bench.claim())
        bench.clock.move(0.001)

    assert pauses == [[], [], [], []]
    assert bench.claim()[0].attempt == 5
    assert instance.state is InstanceState.ACTIVE and instance.incidents == ()


def test_a_retrying_job_shows_its_attempt_error_and_next_time(bench: Bench) -> None:
    instance = bench.start(["a"])
    fail_job(bench.runtime, bench.claim()[0], BOOM)

    (token,) = instance.tokens

    assert token.job is not None and token.job.failure is not None
    assert (token.job.state, token.job.attempt) == (JobState.READY, 1)
    assert str(token.job.failure) == "ConnectionError: connection refused"


def test_used_up_attempts_are_an_incident_and_the_token_stays(bench: Bench) -> None:
    instance = bench.start(["thrice"])
    for _ in range(3):
        fail_job(bench.runtime, bench.claim()[0], BOOM)
        bench.clock.move(100)

    (incident,) = instance.incidents
    assert (incident.kind, incident.element_id) == (IncidentKind.RETRIES_EXHAUSTED, "thrice")
    assert incident.message == "ConnectionError: connection refused" and "Traceback" in incident.detail
    assert bench.claim() == [] and instance.state is InstanceState.ACTIVE


def test_a_retry_by_a_person_gives_all_attempts_anew_and_closes_the_incident_on_success(bench: Bench) -> None:
    instance = bench.start(["thrice"])
    for _ in range(3):
        fail_job(bench.runtime, bench.claim()[0], BOOM)
        bench.clock.move(100)

    instance.retry({"fixed": True})
    fail_job(bench.runtime, bench.claim()[0], BOOM)
    bench.clock.move(100)
    assert len(instance.incidents) == 1
    (job,) = bench.claim()
    complete_job(bench.runtime, job, {})

    assert instance.incidents == () and instance.state is InstanceState.COMPLETED
    assert job.attempt == 5 and job.variables == {"fixed": True}


def test_a_poison_job_that_kills_its_worker_stops_after_its_attempts(bench: Bench) -> None:
    instance = bench.start(["thrice"])
    for _ in range(3):
        assert len(bench.claim()) == 1
        release_jobs(bench.runtime, _claimed(bench), dead=frozenset({"w1"}))

    assert bench.claim() == []
    assert "stopped without an answer" in instance.incidents[0].message


def test_a_postponed_attempt_does_not_count(bench: Bench) -> None:
    bench.start(["thrice"])
    for _ in range(5):
        postpone_job(bench.runtime, bench.claim()[0], timedelta(minutes=1), reason="the Pokémon sleeps")
        assert bench.claim() == []
        bench.clock.move(60)

    assert bench.claim()[0].attempt == 1


def test_an_uncaught_bpmn_error_is_an_incident(bench: Bench) -> None:
    instance = bench.start(["a"])
    throw_error(bench.runtime, bench.claim()[0], ThrownError("POKEMON_ESCAPED", "it broke out"))

    (incident,) = instance.incidents
    assert incident.kind is IncidentKind.ERROR_UNCAUGHT
    assert "POKEMON_ESCAPED" in incident.message and "it broke out" in incident.message


def test_canceling_an_instance_fences_its_handlers(bench: Bench) -> None:
    instance = bench.start(["a"])
    (job,) = bench.claim()
    instance.cancel()

    with pytest.raises(Conflict):
        complete_job(bench.runtime, job, {"late": True})
    assert instance.state is InstanceState.TERMINATED
    assert [each.state for each in instance.view().jobs] == [JobState.CANCELED]


def test_jobs_are_claimed_by_age(bench: Bench) -> None:
    first = bench.start(["a"])
    bench.clock.move(1)
    second = bench.start(["a"])

    assert [job.instance_id for job in bench.claim()] == [first.id, second.id]


def _claimed(bench: Bench) -> list[dict[str, Any]]:
    return claimed_jobs(bench.runtime)
