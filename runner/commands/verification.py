"""Checking that what is stored fits together: the invariants that the commit protocol keeps, on every instance.

Replays each log as the engine's state defines it; reads through `store/checks.py` and changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from runner.bpmn.diagram import Process
from runner.commands.replaying import Faults, Replay
from runner.commands.wait_checks import check_messages, check_waits
from runner.commands.work_checks import check_work
from runner.engine.elements.element import element_of
from runner.engine.standing import Standing
from runner.engine.tasks import STARTED, WAITING
from runner.model import InstanceState, JobState
from runner.runtime import Runtime
from runner.store import checks, data_stores
from runner.store.checks import Dossier
from runner.store.jobs import job_id

# What is checked, in words; the numbers are those under which it is known.
INVARIANTS = {
    "I1": "every log counts its steps without a gap, up to the number in the header",
    "I2": "every outcome of a job was applied to its token, once",
    "I3": "no job is open in an instance that has ended",
    "I4": "every token waits for one job, one incident or a join, and every one of those has its tokens",
    "I5": "replaying a log gives the stored snapshot, and a state that fits the header",
    "I6": "attempts and claims of every job fit its state",
    "I7": "every timer, message and signal that may come to a token has its wait, and every wait its token",
    "I8": "every message is as its state says, and none is kept from somebody who waits for it",
    "I9": "every open user task and called instance has the token that waits for it, and every such token has its own",
    "file": "the rows belong together and the file is sound",
}
_CANCEL = "The instance cannot be trusted: `runner cancel {id}` ends it, or restore a backup."
_RESTORE = "Its rows were changed from outside, or lost: restore a backup."
_ADVICE = {
    "I1": _RESTORE,
    "I2": "Compare `runner show {id}` with what the handlers did; then cancel it, or restore a backup.",
    "I3": "Stop the runners and set the state of these jobs to 'canceled', or restore a backup.",
    "I4": _CANCEL,
    "I5": _RESTORE,
    "I6": _CANCEL,
    "I7": _CANCEL,
    "I8": _RESTORE,
    "I9": _CANCEL,
    "file": _RESTORE,
}
_OPEN = (JobState.READY, JobState.CLAIMED, JobState.FAILED)
_ENDED = {InstanceState.COMPLETED: "completed", InstanceState.TERMINATED: "terminated"}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that does not fit: which invariant, in which instance (None: the database), and what to do."""

    invariant: str
    instance_id: str | None
    message: str
    advice: str


@dataclass(slots=True)
class Verification:
    """What was looked at, by noun, and what was found."""

    checked: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)


def verify(runtime: Runtime) -> Verification:
    """Check every instance as the database is at this moment, while others may go on working.

    Raises DatabaseUnusable if it cannot be read at all.
    """
    result = Verification()
    with runtime.database.read_one_moment() as connection:
        for line in checks.file_damage(connection):
            result.violations.append(_violation("file", None, f"Expected a sound file, but SQLite says: {line}."))
        for table, instance_id in checks.stray_rows(connection):
            sentence = f"Expected an instance for every row in '{table}', but there is none for '{instance_id}'."
            result.violations.append(_violation("file", instance_id, sentence))
        for invariant, sentence in check_messages(connection):
            result.violations.append(_violation(invariant, None, sentence))
        for name in data_stores.amiss(connection):
            sentence = f"Expected JSON in data store '{name}', but it is not. `runner data set {name} VALUE` mends it."
            result.violations.append(_violation("file", None, sentence))
        for dossier in checks.read_dossiers(connection):
            process = runtime.definitions.get(dossier.header.definition_id).process if dossier.defined else None
            faults = _examine(dossier, process, result.checked)
            result.violations.extend(_violation(each, dossier.header.id, sentence) for each, sentence in faults)
    return result


def _violation(invariant: str, instance_id: str | None, sentence: str) -> Violation:
    return Violation(invariant, instance_id, sentence, _ADVICE[invariant].format(id=instance_id))


def _examine(dossier: Dossier, process: Process | None, checked: Counter[str]) -> list[tuple[str, str]]:
    replay = Replay(dossier, process)
    faults = list(_rows_at_hand(dossier))
    if not dossier.damage:
        faults += replay.run()
        faults += _jobs_alone(dossier)
        faults += _open_rows(dossier)
        if replay.whole:
            for check in (_outcomes, _tokens, _waited_for, _ending, _attempts):
                faults += check(dossier, replay)
            if process is not None:
                faults += check_waits(dossier, process, replay)
                faults += check_work(dossier, replay)
    checked.update(
        instances=1,
        archived=int(dossier.packed),
        steps=replay.count,
        jobs=len(dossier.jobs),
        incidents=len(dossier.incidents),
        waits=len(dossier.waits),
        user_tasks=len(dossier.user_tasks),
    )
    return faults


def _rows_at_hand(dossier: Dossier) -> Faults:
    header = dossier.header
    if dossier.damage:
        yield "I5", dossier.damage
    if dossier.packed != (header.archived_at is not None):
        there = "one" if dossier.packed else "none"
        yield "I5", f"Expected a row in 'archives' for what the header says is archived only, but there is {there}."
    if dossier.loose:
        yield "I5", f"Expected all rows of an archived instance in its archive, but {dossier.loose} stand beside it."
    if not dossier.defined:
        yield "I5", f"Expected definition {header.definition_id} to be stored, but it is not."
    if (header.ended_at is not None) != (header.state in _ENDED):
        yield "I5", f"Expected an end exactly if the instance is over, but it is {header.state}, {header.ended_at=}."


def _open_rows(dossier: Dossier) -> Faults:
    """Give open jobs after the end (I3), and incidents that the header does not count or nobody waits in (I4)."""
    header = dossier.header
    open_incidents = _unresolved(dossier)
    if len(open_incidents) != header.incidents:
        yield (
            "I4",
            f"Expected {header.incidents} open incidents, as the header says, but there are {len(open_incidents)}.",
        )
    if header.state in _ENDED:
        for job in _are_open(dossier.jobs):
            yield "I3", f"Expected no open job in an instance that is {header.state}, but '{job.id}' is {job.state}."
        for row in open_incidents:
            yield "I4", f"Expected no open incident in an instance that is {header.state}, but #{row.id} is open."


def _outcomes(dossier: Dossier, replay: Replay) -> Faults:
    """Compare the outcomes of jobs with what the log did to their tokens (I2)."""
    for id, times in replay.gone.items():
        if times > 1 or id in replay.state["tokens"]:
            yield "I2", f"Expected token {id} to leave '{replay.places.get(id)}' once, but it left {times} times."
    done_at = Counter(place for id, place in replay.places.items() if replay.gone[id])
    for element_id in {job.element_id for job in dossier.jobs}:
        left, tokens = replay.left[element_id], done_at[element_id]
        if left > tokens:
            yield (
                "I2",
                f"Expected '{element_id}' to be left by {tokens} tokens, but the history has it left {left} times.",
            )
    by_state = Counter(job.state for job in dossier.jobs)
    yield from _applied(replay, by_state, "complete_job", JobState.COMPLETED)
    yield from _applied(replay, by_state, "throw_error", JobState.ERROR_THROWN)
    for job in dossier.jobs:
        token = replay.state["tokens"].get(str(job.token_id))
        # While listeners are called about its end, the token stands inside.
        waits = token is not None and replay.standing(token) is Standing.JOB
        if job.state in (JobState.COMPLETED, JobState.ERROR_THROWN) and waits:
            yield (
                "I2",
                f"Expected the outcome of job '{job.id}' ({job.state}) to move its token on, but it still waits.",
            )


def _applied(replay: Replay, by_state: Counter[str], command: str, state: JobState) -> Faults:
    applied, known = replay.commands[command], by_state[state]
    # A job whose outcome left its token with an incident is canceled together with it.
    if not known <= applied <= known + by_state[JobState.CANCELED]:
        yield "I2", f"Expected as many steps '{command}' as jobs {state}, but there are {applied} and {known}."


def _tokens(dossier: Dossier, replay: Replay) -> Faults:
    """Look for tokens that nothing will move on (I4)."""
    if dossier.header.state in _ENDED:
        return
    tokens: dict[str, list[Any]] = replay.state["tokens"]
    jobs = {str(job.token_id): job.element_id for job in _are_open(dossier.jobs)}
    troubled = {str(row.token_id) for row in _unresolved(dossier)}
    for id, row in tokens.items():
        element_id, moved_on_by = element_of(row[0]), replay.standing(row)
        if moved_on_by is Standing.JOB and jobs.get(id) != element_id:
            yield "I4", f"Expected an open job for token {id} at '{element_id}', but there is none."
        elif moved_on_by is Standing.INCIDENT and not (row[1] == WAITING and id in troubled):
            yield "I4", f"Expected an open incident for token {id} at '{element_id}', but nothing will move it on."
    if not tokens and "0" not in troubled:
        yield "I4", "Expected a token or an incident in an active instance, but nothing will ever move it on."


def _waited_for(dossier: Dossier, replay: Replay) -> Faults:
    """Look for open jobs and incidents in which no token waits (I4)."""
    if dossier.header.state in _ENDED:
        return
    tokens: dict[str, list[Any]] = replay.state["tokens"]
    troubled = {str(row.token_id): row for row in _unresolved(dossier)}
    for job in _are_open(dossier.jobs):
        token = tokens.get(str(job.token_id))
        if token is None or token[1] != STARTED:
            yield "I4", f"Expected a token that waits for job '{job.id}' ({job.state}), but there is none."
        elif job.state == JobState.FAILED and str(job.token_id) not in troubled:
            yield "I4", f"Expected an open incident for failed job '{job.id}', but there is none: nobody is told."
    for id, row in troubled.items():
        if id not in tokens and not (id == "0" and replay.state["joins"]):
            yield "I4", f"Expected a token in incident #{row.id} at '{row.element_id}', but it is gone."


def _ending(dossier: Dossier, replay: Replay) -> Faults:
    """Compare the state at the end of the log with the header (I5)."""
    header, state = dossier.header, replay.state
    ended = _ENDED.get(header.state)
    if ended is not None and (state["tokens"] or state["joins"]):
        places = sorted({element_of(token[0]) for token in state["tokens"].values()} | set(state["joins"]))
        yield "I5", f"Expected no token in an instance that is {header.state}, but there are some at {places}."
    if ended is not None and replay.last_of_process != ended:
        yield "I5", f"Expected the log to end with '{ended}', but it has '{replay.last_of_process}' last."
    if ended is None and replay.last_of_process in _ENDED.values():
        yield "I5", f"Expected the log of an active instance to be open, but it says '{replay.last_of_process}'."


def _keeps_lock(job: Any) -> bool:
    """Tell whether a job was canceled, and keeps its lock because its handler may still run."""
    return job.state == "canceled" and job.lock is not None


def _attempts(dossier: Dossier, replay: Replay) -> Faults:
    """Compare the attempts that the history has with those that jobs count (I6)."""
    highest: Counter[str] = Counter()
    for job in dossier.jobs:
        highest[job.element_id] = max(highest[job.element_id], job.attempt)
    for element_id, attempt in replay.failed_attempts.items():
        if attempt > highest[element_id]:
            yield "I6", f"Expected {attempt} attempts at '{element_id}', as the history says, but its jobs count fewer."


# What must hold for a single job: the sentence says what was expected.
_JOB_RULES: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("an attempt that is at least the number of forgiven ones", lambda job: job.attempt >= job.forgiven >= 0),
    (
        "a claim exactly while it is claimed",
        lambda job: (job.claim_token is not None) == (job.state == "claimed") or _keeps_lock(job),
    ),
    (
        "the end of its claim exactly while it is claimed",
        lambda job: (job.claimed_until is None) == (job.state != "claimed") or _keeps_lock(job),
    ),
    ("an attempt in which it got where it is", lambda job: job.attempt >= 1 or job.state in ("ready", "canceled")),
    ("an attempt since it was forgiven", lambda job: job.attempt > job.forgiven or job.state != "claimed"),
    ("the time of its end exactly if it has ended", lambda job: (job.ended_at is None) == (job.state in _OPEN)),
    ("a state that is known", lambda job: job.state in set(JobState)),
)


def _jobs_alone(dossier: Dossier) -> Faults:
    """Give what is wrong with single jobs (I6) and their ids (I2: one job for each token)."""
    for job in dossier.jobs:
        for expected, holds in _JOB_RULES:
            if not holds(job):
                yield "I6", f"Expected {expected} in job '{job.id}', but it is {job.state}, attempt {job.attempt}."
        if job.id != job_id(dossier.header.id, job.token_id):
            yield "I2", f"Expected a job's id to be made of instance and token, but it is '{job.id}'."


def _are_open(jobs: Iterable[Any]) -> list[Any]:
    return [job for job in jobs if job.state in _OPEN]


def _unresolved(dossier: Dossier) -> list[Any]:
    return [row for row in dossier.incidents if row.resolved_at is None]
