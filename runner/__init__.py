"""A BPMN-driven business process runner: diagrams drawn in a modeler, executed durably, bound to typed Python handlers.

words        errors, clock, model, retry, handling
expressions  FEEL, JUEL and a safe Python-like language: compile once, evaluate against variables
bpmn         a diagram as data: hardened reading, dialects, checks, pictures
engine       SpiffWorkflow behind one door: state in, Advance out; no database, no clock
store        SQLAlchemy Core: rows and records; the only place that commits
commands     the verbs: one command = one transaction = one function
work         who runs jobs and when: dispatcher, worker, executor, scheduler
edge         settings, app (the composition root), cli
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.handling import BpmnError, Handler, HandlerRegistry, Job, PermanentFailure, Postpone, form, handler
from runner.retry import RetryPolicy

if TYPE_CHECKING:
    from runner.app import Runner

__all__ = [
    "BpmnError",
    "Handler",
    "HandlerRegistry",
    "Job",
    "PermanentFailure",
    "Postpone",
    "RetryPolicy",
    "Runner",
    "form",
    "handler",
]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # A handler module and its unit tests import this package: they must not pay for the engine and the database.
    if name == "Runner":
        from runner.app import Runner

        return Runner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
