"""The handlers of `transfer` on a ledger of a test's own, each of which does what the test wants around its effect."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from acceptance.counting_handlers import CALLS, DIE_IN

from handlers import transfer
from handlers.services.ledger import Ledger
from runner import BpmnError, HandlerRegistry, Job, RetryPolicy
from runner.handling import Handler

STEPS, UNDOINGS = ("debit", "credit", "send_receipt"), ("take_back", "give_back", "close_transfer")
DIE_AFTER, REFUSE_IN = "TEST_DIE_AFTER", "TEST_REFUSE_IN"
BEFORE = {"Sacha": 1000, "Blue": 1000}
AFTER = {"Sacha": 750, "Blue": 1250}
ORDER = {"payer": "Sacha", "payee": "Blue", "amount": 250}


@dataclass
class Bank:
    """A ledger, and what happens before and after a topic has its effect there; an exception is the handler's."""

    path: Path
    before: dict[str, Callable[[Job], None]] = field(default_factory=dict)
    after: dict[str, Callable[[Job], None]] = field(default_factory=dict)

    @property
    def ledger(self) -> Ledger:
        """Give the ledger."""
        return Ledger(self.path)

    def handlers(self) -> HandlerRegistry:
        """Give the handlers, which are tried again at once."""
        functions = [getattr(transfer, topic) for topic in (*STEPS, *UNDOINGS)]
        at_once = RetryPolicy(intervals=(timedelta(0),))
        return HandlerRegistry(Handler(each.__name__, self._tampered(each), at_once) for each in functions)

    def _tampered(self, function: Callable[..., Any]) -> Callable[..., Any]:
        topic = function.__name__

        @wraps(function)
        def tampered(*, job: Job, **variables: Any) -> Any:
            self.before.get(topic, _nothing)(job)
            result = function(**variables, job=job, ledger=self.ledger)
            self.after.get(topic, _nothing)(job)
            return result

        return tampered


def bank_of_environment() -> Bank:
    """Give a bank beside the file of calls; its handlers note each call, and refuse or die as the environment says."""
    calls = Path(os.environ[CALLS])

    def note(job: Job) -> None:
        with calls.open("a", encoding="utf-8") as file:
            file.write(f"{job.topic} {job.id} {job.attempt}\n")
        _die_if(DIE_IN, job)
        if os.environ.get(REFUSE_IN) == job.topic:
            raise BpmnError("REFUSED", "as the test wants")

    def leave(job: Job) -> None:
        _die_if(DIE_AFTER, job)

    topics = (*STEPS, *UNDOINGS)
    return Bank(calls.with_name("ledger.db"), dict.fromkeys(topics, note), dict.fromkeys(topics, leave))


def _die_if(name: str, job: Job) -> None:
    if os.environ.get(name) == job.topic:
        os.kill(os.getpid(), signal.SIGKILL)


def _nothing(job: Job) -> None:
    """Do nothing."""
