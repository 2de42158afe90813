"""One claimed job: call its handler, turn how it ended into one command. No transaction is open and no engine loaded
while user code runs."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from runner.commands.jobs import ClaimedJob, Done, ThrownError, complete_job, fail_job, postpone_job, throw_error
from runner.engine.state import checked_variables
from runner.errors import VariablesInvalid
from runner.handling import BpmnError, Job, PermanentFailure, Postpone
from runner.model import Failure, IncidentKind
from runner.runtime import Runtime
from runner.work.calling import InputInvalid, OutputInvalid, call, copied, output_variables

SLACK = timedelta(seconds=1)
# What UTF-8, or a text column of PostgreSQL, cannot hold.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
handler_log = logging.getLogger("runner.handlers")


class Outcome(Protocol):
    """The one command that an attempt ends in; the closed set of them is in `commands/jobs.py`."""

    def __call__(self, runtime: Runtime, job: ClaimedJob, *, done: Done | None = None) -> None:
        """Store how the attempt ended. Raises JobNotHeld or DatabaseUnusable, or tells `done`."""


def attempt(runtime: Runtime, job: ClaimedJob, *, deadline: datetime, loop: asyncio.Runner) -> Outcome:
    """Call the handler of a claimed job, which has until `deadline`, and give the command that stores how it ended."""
    found = runtime.handlers.get(job.topic)
    if found is None:
        failure = Failure("HandlerMissing", f"Expected a handler for '{job.topic}', but this worker has none.")
        return partial(fail_job, failure=failure, kind=IncidentKind.HANDLER_MISSING)
    # The watch fails the attempt at its deadline; a coroutine can be ended as well, a little later, to free its thread.
    seconds = (job.timeout + SLACK).total_seconds()
    try:
        view = partial(_view, job, deadline)
        result = call(found.function, job.variables, passed=job.passed, job=view, loop=loop, seconds=seconds)
        return partial(complete_job, variables=output_variables(found.function, result))
    except BpmnError as error:
        return _thrown(error)
    except Postpone as error:
        return partial(postpone_job, delay=error.delay, reason=_storable(error.reason))
    except InputInvalid as error:
        return partial(fail_job, failure=_failure(error), kind=IncidentKind.INPUT_INVALID)
    except OutputInvalid as error:
        return partial(fail_job, failure=_failure(error), kind=IncidentKind.OUTPUT_INVALID)
    except PermanentFailure as error:
        return partial(fail_job, failure=_failure(error), kind=IncidentKind.PERMANENT_FAILURE)
    except BaseException as error:  # user code: whatever it raises, CancelledError included, is a failed attempt
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
    return partial(throw_error, error=ThrownError(_storable(error.code), _storable(error.message), variables))


def _view(job: ClaimedJob, deadline: datetime) -> Job:
    return Job(
        id=job.id,
        topic=job.topic,
        attempt=job.attempt,
        deadline=deadline,
        instance_id=job.instance_id,
        business_key=job.business_key,
        element_id=job.element_id,
        headers=dict(job.headers),
        variables=copied(dict(job.variables)),
        logger=handler_log.getChild(job.element_id),
        event=job.event,
    )


def _failure(error: BaseException) -> Failure:
    # Not str(error): an exception's own __str__ may raise, and this must not.
    told = traceback.TracebackException.from_exception(error)
    return Failure(type(error).__name__, _storable(str(told)), _storable("".join(told.format())[-8000:]))


def _storable(text: object) -> str:
    # Foreign code decides what it is: BpmnError(404) and BpmnError("X", error) are understood.
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(text))
