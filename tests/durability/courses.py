"""Running one model in different ways: in the engine alone, or through a database with accidents on the way.

All ways follow the same schedule of which open job is answered next, so what happens must be the same, too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol

from builders import FakeClock
from durability.models import MODULUS, VARIABLES, Model

from runner import HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.jobs import ClaimedJob, ThrownError, claim_jobs, complete_job, fail_job, postpone_job, throw_error
from runner.engine.advance import Advance, OpenedJob, OpenedUserTask, OpenedWait
from runner.engine.build import Executable
from runner.engine.engine import Execution
from runner.engine.faults import ErrorUncaught
from runner.engine.state import empty_state, fold, root_variables
from runner.errors import JobNotHeld
from runner.handling import Handler
from runner.model import Failure
from runner.runtime import HotInstances
from runner.settings import Settings
from runner.work.scheduler import Scheduler

# Where tokens multiply, a process may have very many steps: then it is canceled.
TURNS = 15
# So often a person tries again what is stuck.
RETRIES = 2
# What an accident may add to a history, and what no engine says: that a person did something, and with what success.
TRACES = {"job_released", "job_postponed", "job_failed", "incident_resolved", "retried"}
Happened = tuple[str, str, dict[str, Any]]
# Where a token cannot rest without a word of what it waits for.
RESTING = {"serviceTask", "userTask", "intermediateCatchEvent", "exclusiveGateway", "task"}


class Offer(NamedTuple):
    """Something that a token waits for: "job", "person", or an event of the world outside (its definition `index`)."""

    element_id: str
    token_id: int
    index: int = 0
    kind: str = "job"
    lasting: bool = False

    @property
    def key(self) -> tuple[int, str, int]:
        """Give what the engine knows it by."""
        return (self.token_id, self.element_id, self.index)


class Accident(Enum):
    """What befalls the runner while a job is answered."""

    NONE = "none"
    FORGOTTEN = "the instance is dropped from memory"
    DEATH_AFTER_CLAIM = "dies with the job claimed; the answer of the dead one comes late"
    DEATH_AFTER_ANSWER = "dies when the answer is stored"
    FAILURE = "the first attempt fails"
    OTHER_PROCESS = "another process, which remembers the instance as it was, answers and goes on"


@dataclass(frozen=True)
class Ending:
    """All that a run comes to; `variables` are texts of what they were after each step that changed them."""

    state: str
    variables: list[str]
    history: list[Happened]


class Course(Protocol):
    """One way of running a model."""

    def offers(self) -> list[Offer]:
        """Give all that tokens wait for."""

    def take(self, offer: Offer) -> None:
        """Let the job's handler answer, or the event happen."""

    def is_stuck(self) -> bool:
        """Say whether a person has to help."""

    def retry(self, variables: Mapping[str, Any]) -> None:
        """Change variables, and try again what is stuck."""

    def cancel(self) -> None:
        """Give up."""

    def ending(self) -> Ending:
        """Tell how it went."""


def play(course: Course, schedule: Sequence[int], *, turns: int = TURNS, patience: int = RETRIES) -> Ending:
    """Take what is offered in the order that the schedule says; try again what is stuck then, `patience` times; cancel
    after so many turns."""
    retries = 0
    for turn in range(turns):
        choice = schedule[turn % len(schedule)]
        offers = sorted(course.offers())
        if offers:
            course.take(offers[choice % len(offers)])
        elif retries < patience and course.is_stuck():
            course.retry({name: (choice + retries + number) % MODULUS for number, name in enumerate(VARIABLES)})
            retries += 1
        else:
            return course.ending()
    if course.offers():
        course.cancel()
    return course.ending()


class InEngine:
    """The engine alone; with `restoring`, after every step nothing is left of it but JSON texts.

    It begins anew from the deltas, then from a snapshot, then from that snapshot and the deltas since, and so on.
    """

    def __init__(self, model: Model, *, restoring: bool = False) -> None:
        self._model, self._restoring = model, restoring
        self._executable = Executable(model.process())
        self._execution = Execution(self._executable)
        self._deltas: list[str] = []
        self._snapshot, self._snapshot_at = "null", 0
        self._open: dict[tuple[int, str, int], Offer] = {}
        # Incidents, oldest first, by token and element, and whether each is its job's.
        self._stuck: dict[tuple[int, str], bool] = {}
        self._history: list[Happened] = []
        self._state = "active"
        self._note(self._execution.start(dict(model.variables)))

    def offers(self) -> list[Offer]:
        """Give what the advances opened and did not close."""
        return [offer for offer in self._open.values() if offer.key[:2] not in self._stuck]

    def take(self, offer: Offer) -> None:
        """Answer, or let the event happen, inside the engine."""
        token_id, element_id = offer.token_id, offer.element_id
        if offer.kind not in ("job", "person"):
            self._note(self._execution.trigger(*offer.key, {"brought": offer.kind, "a": MODULUS}), taken=offer)
            return
        variables, code = self._model.deeds[element_id].answer(self._execution.variables_at(token_id))
        if not code:
            self._note(self._execution.complete(token_id, variables), left=token_id)
            return
        try:
            advance = self._execution.throw_error(token_id, code, variables)
        except ErrorUncaught as error:
            self._stuck[token_id, element_id] = True
            self._history.append((element_id, "incident_opened", {"kind": "error_uncaught", "message": str(error)}))
        else:
            self._note(advance, left=token_id)

    def is_stuck(self) -> bool:
        """Look for incidents."""
        return bool(self._stuck)

    def retry(self, variables: Mapping[str, Any]) -> None:
        """Do what the command does, with the engine's own verbs."""
        stuck = dict(self._stuck)
        self._execution.set_variables(variables)
        for token, _ in (key for key, has_job in stuck.items() if has_job):
            self._execution.map_inputs_again(token)
        self._note(Advance(delta=self._execution.idle_delta()))
        for key, has_job in stuck.items():
            if has_job:
                self._stuck.pop(key, None)
            elif self._execution.is_stuck(key[0]):
                del self._stuck[key]
                self._note(self._execution.retry(key[0]))

    def cancel(self) -> None:
        """Cancel inside the engine."""
        self._note(self._execution.cancel())
        self._state = "terminated"

    def ending(self) -> Ending:
        """Put the end together from the deltas."""
        state, variables = empty_state(), ["null"]
        for delta in self._deltas:
            fold(state, [json.loads(delta)])
            note_variables(variables, root_variables(state))
        assert state == json.loads(json.dumps(self._execution.snapshot()))
        return Ending(self._state, variables, self._history)

    def _note(self, advance: Advance, *, left: int | None = None, taken: Offer | None = None) -> None:
        self._deltas.append(json.dumps(advance.delta))
        gone = {left, *advance.canceled, *advance.left, *(int(token) for token in advance.delta.get("gone", ()))}
        self._open = {
            key: offer
            for key, offer in self._open.items()
            if key[0] not in gone and key not in advance.closed and (offer.lasting or offer is not taken)
        }
        self._stuck = {key: has_job for key, has_job in self._stuck.items() if key[0] not in gone}
        for opened in (*map(_job, advance.jobs), *map(_person, advance.user_tasks), *map(_event, advance.waits)):
            self._open[opened.key] = opened
        self._stuck |= {(incident.token_id, incident.element_id): False for incident in advance.incidents}
        self._history += [(each.element_id, each.event, each.detail or {}) for each in advance.happenings]
        if advance.completed:
            self._state = "completed"
        self._check_tokens()
        if self._restoring:
            self._restore()

    def _check_tokens(self) -> None:
        """Law: every token says what it waits for. One that holds others, or repeats, is said for by them."""
        elements = self._executable.process.elements
        said = {token for token, *_ in (*self._stuck, *self._open)}
        for token, (name, *_) in self._execution.snapshot()["tokens"].items():
            element = elements[name.removesuffix("[]")]
            is_resting = element.type in RESTING and (name.endswith("[]") or element.repetition is None)
            conditions = any(event.kind == "conditional" for event in element.events)
            assert int(token) in said or conditions or not is_resting, f"token {token} at {name} waits for nothing"

    def _restore(self) -> None:
        if len(self._deltas) % 3 == 2:
            self._snapshot, self._snapshot_at = json.dumps(self._execution.snapshot()), len(self._deltas)
        since = map(json.loads, self._deltas[self._snapshot_at :])
        self._execution = Execution.restore(self._executable, json.loads(self._snapshot), since)


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
        """Give the jobs that the database says are open."""
        jobs = self._runner.instance(self._id).view().jobs
        return [Offer(job.element_id, _token(job.id)) for job in jobs if job.state in ("ready", "claimed")]

    def take(self, offer: Offer) -> None:
        """Claim the job and answer it, unless an accident comes first; then once more."""
        accident = self._accidents[self._answers % len(self._accidents)]
        self._answers += 1
        if accident is Accident.FORGOTTEN:
            self._runner.runtime.hot = HotInstances()
        job = self._claim(offer)
        if accident is Accident.DEATH_AFTER_CLAIM:
            self._die()
            late, job = job, self._claim(offer)
            self._refuse(late)
        elif accident is Accident.FAILURE:
            fail_job(self._runner.runtime, job, Failure("OSError", "no answer"))
            self._clock.move(60)
            job = self._claim(offer)
        elif accident is Accident.OTHER_PROCESS:
            self._runner, self._other = self._other or self._open_runner(), self._runner
        self._answer(job)
        if accident is Accident.DEATH_AFTER_ANSWER:
            self._die()

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


def note_variables(noted: list[str], variables: Mapping[str, Any]) -> None:
    """Add the variables, as text that tells 1 from 1.0 and from true, if they have changed."""
    text = json.dumps(variables, sort_keys=True, ensure_ascii=False)
    if text != noted[-1]:
        noted.append(text)


def _job(opened: OpenedJob) -> Offer:
    return Offer(opened.element_id, opened.token_id)


def _person(opened: OpenedUserTask) -> Offer:
    return Offer(opened.element_id, opened.token_id, kind="person")


def _event(opened: OpenedWait) -> Offer:
    return Offer(opened.element_id, opened.token_id, opened.index, opened.kind, not opened.interrupting)


def _token(job_id: str) -> int:
    return int(job_id.rpartition("-")[2])


def _never_called() -> None:
    raise AssertionError("jobs are answered by the course")
