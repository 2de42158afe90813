"""One claimed job: call its handler, turn how it ended into one command. No transaction is open and no engine loaded
while user code runs."""

from __future__ import annotations

import asyncio
import copy
import logging
import threading
import traceback
from collections.abc import Callable
from functools import partial

from runner.commands.jobs import ClaimedJob, complete_job, fail_job, postpone_job, throw_error
from runner.engine.state import checked_variables
from runner.errors import Conflict, DatabaseUnusable, VariablesInvalid
from runner.handling import BpmnError, Job, PermanentFailure, Postpone
from runner.model import Failure, IncidentKind
from runner.runtime import Runtime
from runner.work.calling import InputInvalid, OutputInvalid, call, output_variables

log = logging.getLogger(__name__)
handler_log = logging.getLogger("runner.handlers")
# The one command that an attempt ends in; the closed set of them is in commands/jobs.py.
Outcome = Callable[[Runtime, ClaimedJob], None]
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


def execute(runtime: Runtime, job: ClaimedJob, *, loop: asyncio.Runner, stopping: threading.Event) -> None:
    """Run a claimed job and store its outcome; while the database cannot be written, keep trying to.

    An outcome that comes too late (the claim has lapsed or was taken) is dropped, and that is logged.
    """
    outcome = _attempt(runtime, job, loop)
    pause = FIRST_PAUSE
    while True:
        try:
            outcome(runtime, job)
            return
        except Conflict as error:
            log.warning("%s", error, extra={"action": "answer_dropped", "job_id": job.id})
            return
        except DatabaseUnusable as error:
            log.error("%s The answer of job %s is kept and tried again.", error, job.id)
            if stopping.wait(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE)


def _attempt(runtime: Runtime, job: ClaimedJob, loop: asyncio.Runner) -> Outcome:
    found = runtime.handlers.get(job.topic)
    if found is None:
        failure = Failure("HandlerMissing", f"Expected a handler for '{job.topic}', but this worker has none.")
        return partial(fail_job, failure=failure, kind=IncidentKind.HANDLER_MISSING)
    try:
        result = call(found.function, job.variables, _view(job), loop)
        return partial(complete_job, variables=output_variables(found.function, result))
    except BpmnError as error:
        return _thrown(error)
    except Postpone as error:
        return partial(postpone_job, delay=error.delay, reason=error.reason)
    except InputInvalid as error:
        return partial(fail_job, failure=_failure(error), kind=IncidentKind.INPUT_INVALID)
    except OutputInvalid as error:
        return partial(fail_job, failure=_failure(error), kind=IncidentKind.OUTPUT_INVALID)
    except PermanentFailure as error:
        return partial(fail_job, failure=_failure(error), kind=IncidentKind.PERMANENT_FAILURE)
    except (Exception, SystemExit) as error:  # user code: whatever it raises is a failed attempt
        handler_log.info("%s failed: %r", job.id, error, extra={"action": "job_failed", "job_id": job.id})
        return _failed(job, error)


def _failed(job: ClaimedJob, error: BaseException) -> Outcome:
    names = [each.__name__ for each in type(error).__mro__]
    if any(name in job.policy.non_retryable for name in names):
        return partial(fail_job, failure=_failure(error), kind=IncidentKind.PERMANENT_FAILURE)
    return partial(fail_job, failure=_failure(error))


def _thrown(error: BpmnError) -> Outcome:
    try:
        variables = checked_variables(dict(error.variables))
    except VariablesInvalid as invalid:
        return partial(fail_job, failure=_failure(invalid), kind=IncidentKind.OUTPUT_INVALID)
    return partial(throw_error, code=error.code, message=error.message, variables=variables)


def _view(job: ClaimedJob) -> Job:
    return Job(
        id=job.id,
        topic=job.topic,
        attempt=job.attempt,
        deadline=job.claimed_at + job.timeout,
        instance_id=job.instance_id,
        business_key=job.business_key,
        element_id=job.element_id,
        headers=dict(job.headers),
        variables=copy.deepcopy(dict(job.variables)),
        logger=handler_log.getChild(job.element_id),
    )


def _failure(error: BaseException) -> Failure:
    text = "".join(traceback.format_exception(error))
    return Failure(type(error).__name__, str(error), text[-8000:])
