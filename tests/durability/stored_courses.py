"""Running a model through a database, with accidents on the way: the course must be that of an undisturbed engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

from builders import FakeClock
from durability.courses import Ending, Offer, note_variables
from durability.models import MODULUS, Model
from sqlalchemy import Row, select

from runner import HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.jobs import ClaimedJob, ThrownError, claim_jobs, complete_job, fail_job, postpone_job, throw_error
from runner.commands.triggers import go_on
from runner.errors import JobNotHeld
from runner.handling import Handler
from runner.model import Failure
from runner.runtime import HotInstances
from runner.settings import Settings
from runner.store import tables, waits
from runner.store.transactions import Transaction
from runner.work.scheduler import Scheduler

# What an accident may add to a history, and what no engine says: that a person did something, and with what success.
TRACES = {"job_released", "job_postponed", "job_failed", "incident_resolved", "retried", "user_task_completed"}


class Accident(Enum):
    """What befalls the runner while a job is answered."""

    NONE = "none"
    FORGOTTEN = "the instance is dropped from memory"
    DEATH_AFTER_CLAIM = "dies with the job claimed; the answer of the dead one comes late"
    DEATH_AFTER_ANSWER = "dies when the answer is stored"
    FAILURE = "the first attempt fails"
    OTHER_PROCESS = "another process, which remembers the instance as it was, answers and goes on"


class InDatabase:
    """A runner without threads, on a database that outlives it; `accidents` befall it in turn."""

    def __init__(self, url: str, model: Model, accidents: Sequence[Accident]) -> None:
        self._url, self._model, self._accidents = url, model, accidents
        self._clock, self._answers = FakeClock(), 0
        self._runner = self._open_runner()
        self._other: Runner | None = None
        definitions.deploy(self._runner.runtime, model.xml, source="model.bpmn")
        self._id = self._runner.start("p", model.variables).id

    def close(self) -> None:
        """Let go of the database."""
        self._runner.close()
        if self._other:
            self._other.close()

    def offers(self) -> list[Offer]:
        """Give the jobs, the work for people and the events that the database says are open."""
        view = self._runner.instance(self._id).view()
        jobs = [Offer(job.element_id, _token(job.id)) for job in view.jobs if job.state in ("ready", "claimed")]
        people = [token.user_task for token in view.tokens if token.user_task is not None]
        work = [Offer(task.element_id, _token(task.id), kind="person") for task in people]
        events = (
            Offer(row.element_id, row.token_id, row.event_index, row.kind, not row.interrupting)
            for row in self._waits()
        )
        return [*jobs, *work, *events]

    def take(self, offer: Offer) -> None:
        """Let it happen, unless an accident comes first; then once more."""
        accident = self._accidents[self._answers % len(self._accidents)]
        self._answers += 1
        if accident is Accident.FORGOTTEN:
            self._runner.runtime.hot = HotInstances()
        if offer.kind == "job":
            self._answer(self._claimed(offer, accident))
        else:
            self._before(accident)
            self._happen(offer)
        if accident is Accident.DEATH_AFTER_ANSWER:
            self._die()

    def _claimed(self, offer: Offer, accident: Accident) -> ClaimedJob:
        """Claim a job, again if the first claim comes to nothing."""
        job = self._claim(offer)
        if accident is Accident.DEATH_AFTER_CLAIM:
            self._die()
            late, job = job, self._claim(offer)
            self._refuse(late)
        elif accident is Accident.FAILURE:
            fail_job(self._runner.runtime, job, Failure("OSError", "no answer"))
            self._clock.move(60)
            job = self._claim(offer)
        else:
            self._before(accident)
        return job

    def _before(self, accident: Accident) -> None:
        """Let a process go, or another one take over, before something happens that is not a job's."""
        if accident is Accident.DEATH_AFTER_CLAIM:
            self._die()
        elif accident is Accident.OTHER_PROCESS:
            self._runner, self._other = self._other or self._open_runner(), self._runner

    def _happen(self, offer: Offer) -> None:
        """Complete a user task, or trigger the very event that is offered, as a courier or timekeeper does."""
        runtime = self._runner.runtime
        if offer.kind == "person":
            task = self._runner.user_task(f"{self._id}-{offer.token_id}")
            sees = self._runner.instance(self._id).variables
            self._runner.complete_user_task(task.id, self._model.deeds[offer.element_id].answer(sees)[0])
            return
        (row,) = (row for row in self._waits() if (row.token_id, row.element_id, row.event_index) == offer.key)

        def trigger(transaction: Transaction) -> None:
            wait = waits.take(transaction, row.id)
            assert wait is not None
            brought = {"brought": offer.kind, "a": MODULUS}
            assert go_on(runtime, transaction, wait, brought, command="deliver_message") is not None

        runtime.database.write(trigger)

    def _waits(self) -> Sequence[Row[Any]]:
        query = select(tables.waits).where(tables.waits.c.instance_id == self._id).order_by(tables.waits.c.id)
        with self._runner.runtime.database.read() as connection:
            return connection.execute(query).all()

    def is_stuck(self) -> bool:
        """Look for open incidents."""
        return bool(self._runner.instance(self._id).incidents)

    def retry(self, variables: Mapping[str, Any]) -> None:
        """Retry the instance."""
        self._runner.instance(self._id).retry(variables)

    def cancel(self) -> None:
        """Cancel the instance."""
        self._runner.instance(self._id).cancel()

    def ending(self) -> Ending:
        """Read the end, and how it was after each step, from the database."""
        instance, variables = self._runner.instance(self._id), ["null"]
        view = instance.view()
        for step in range(view.instance.seq + 1):
            note_variables(variables, instance.view(at=step).variables)
        history = [
            (each.element_id, each.event, dict(each.detail)) for each in view.history if each.event not in TRACES
        ]
        return Ending(view.instance.state, variables, history)

    def _answer(self, job: ClaimedJob) -> None:
        variables, code = self._model.deeds[job.element_id].answer(job.variables)
        if code:
            throw_error(self._runner.runtime, job, ThrownError(code, "", variables))
        else:
            complete_job(self._runner.runtime, job, variables)

    def _refuse(self, late: ClaimedJob) -> None:
        try:
            self._answer(late)
        except JobNotHeld:
            return
        raise AssertionError(f"the late answer to job {late.id} was taken")

    def _claim(self, offer: Offer) -> ClaimedJob:
        """Claim all jobs of the element, which cannot be told apart before, and give the others back."""
        runtime = self._runner.runtime
        claimed = {
            job.token_id: job for job in claim_jobs(runtime, frozenset([offer.element_id]), worker="w", limit=100)
        }
        for token, job in claimed.items():
            if token != offer.token_id:
                postpone_job(runtime, job, job.timeout * 0)
        return claimed[offer.token_id]

    def _die(self) -> None:
        """Begin anew with nothing but the database, after the claims of the one before have lapsed."""
        self._runner.close()
        self._clock.move(60)
        self._runner = self._open_runner()
        Scheduler(self._runner.runtime).tick()

    def _open_runner(self) -> Runner:
        handlers = HandlerRegistry(Handler(topic, _never_called) for topic in self._model.deeds)
        return Runner(self._url, handlers, settings=Settings(), clock=self._clock, work=False)


@contextmanager
def in_database(url: str, model: Model, accidents: Sequence[Accident]) -> Iterator[InDatabase]:
    """Give the course through a database, and let go of it afterwards."""
    course = InDatabase(url, model, accidents)
    try:
        yield course
    finally:
        course.close()


def _token(job_id: str) -> int:
    return int(job_id.rpartition("-")[2])


def _never_called() -> None:
    raise AssertionError("jobs are answered by the course")
