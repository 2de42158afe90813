"""Every way in which the runner says no. The first line of a class's docstring is what it means; `code` is the stable
word for programs. Raised low, translated once: to an exit status in `cli.py`, to an HTTP status in `web/errors.py`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class RunnerError(Exception):
    """The runner cannot do what was asked."""

    code: ClassVar[str] = "runner_error"


class NotFound(RunnerError):
    """What was named does not exist here."""

    code = "not_found"


class Conflict(RunnerError):
    """What was asked does not fit what has happened meanwhile."""

    code = "conflict"


class Invalid(RunnerError):
    """What came in is not acceptable; nothing was stored."""

    code = "invalid"


class EngineError(RunnerError):
    """A step could not be executed; it was rolled back."""

    code = "engine_error"


class DefinitionNotFound(NotFound):
    """No process with this key (or this version of it) is deployed."""

    code = "definition_not_found"

    def __init__(self, key: str, known: Iterable[str] = (), version: int | None = None) -> None:
        self.key, self.version, self.known = key, version, tuple(sorted(known))
        wanted = f"process '{key}'" + (f" in version {version}" if version is not None else "")
        if self.known:
            hint = f"Known: {', '.join(self.known)}.{near_hint(key, self.known)}"
        else:
            hint = "Nothing is deployed yet: `runner deploy FILE` stores a diagram."
        super().__init__(f"Expected a deployed process, but there is no {wanted}. {hint}")


class DecisionNotFound(NotFound):
    """No decision with this id (or this version of it) is deployed, or is in the file."""

    code = "decision_not_found"

    def __init__(self, id: str, known: Iterable[str] = (), wanted: str = "") -> None:
        self.id, self.known = id, tuple(sorted(known))
        known_ids = (
            f"Known: {', '.join(self.known[:20])}.{near_hint(id, self.known)}" if self.known else "There are none."
        )
        super().__init__(f"Expected a decision, but there is no decision '{id}'{wanted}. {known_ids}")


class DataStoreNotFound(NotFound):
    """Nothing is in the data store of this name."""

    code = "data_store_not_found"

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        self.name, self.known = name, tuple(sorted(known))
        filled = (
            f"Filled: {', '.join(self.known[:20])}.{near_hint(name, self.known)}" if self.known else "All are empty."
        )
        super().__init__(f"Expected a value in data store '{name}', but there is none. {filled}")


class FormNotFound(NotFound):
    """No form with this id is deployed."""

    code = "form_not_found"

    def __init__(self, id: str) -> None:
        super().__init__(f"Expected a deployed form, but there is none with the id '{id}'.")


class InstanceNotFound(NotFound):
    """No instance has this id."""

    code = "instance_not_found"

    def __init__(self, instance_id: str) -> None:
        self.instance_id = instance_id
        super().__init__(f"Expected an instance, but none has the id '{instance_id}'. `runner instances` lists them.")


class IncidentNotFound(NotFound):
    """The instance has no open incident."""

    code = "incident_not_found"


class InstanceEnded(Conflict):
    """The instance has already ended, so nothing in it can change."""

    code = "instance_ended"

    def __init__(self, instance_id: str, state: str) -> None:
        self.instance_id, self.state = instance_id, state
        super().__init__(f"Expected an active instance, but instance '{instance_id}' is {state}.")


class InstanceChanged(Conflict):
    """Somebody else advanced the instance at the same time; the step was not applied."""

    code = "instance_changed"

    def __init__(self, instance_id: str) -> None:
        self.instance_id = instance_id
        super().__init__(f"Expected instance '{instance_id}' to stand still, but another process advanced it.")


class InstanceCalled(Conflict):
    """The instance was called by another one, which waits for it: it cannot be ended by itself."""

    code = "instance_called"

    def __init__(self, instance_id: str, parent_id: str) -> None:
        self.instance_id, self.parent_id = instance_id, parent_id
        super().__init__(
            f"Expected an instance that no other waits for, but '{instance_id}' was called by '{parent_id}': "
            "cancel that one, or resolve what holds this one up."
        )


class UserTaskNotFound(NotFound):
    """No user task has this id."""

    code = "user_task_not_found"

    def __init__(self, id: str) -> None:
        super().__init__(f"Expected a user task, but none has the id '{id}'. `runner tasks` lists them.")


class UserTaskOver(Conflict):
    """The user task has been completed or canceled, so nothing about it can change."""

    code = "user_task_over"

    def __init__(self, id: str, state: str = "over") -> None:
        self.id = id
        super().__init__(f"Expected an open user task, but '{id}' is {state}.")


class UserTaskTaken(Conflict):
    """Somebody else has the user task."""

    code = "user_task_taken"

    def __init__(self, id: str, assignee: str) -> None:
        self.id, self.assignee = id, assignee
        super().__init__(f"Expected a user task that is free, but '{id}' is with '{assignee}': it is to be given back.")


class JobNotHeld(Conflict):
    """The job is not held with this claim any more: a late answer changes nothing."""

    code = "job_not_held"

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(
            f"Expected to hold job '{job_id}', but its claim lapsed, was taken over or the job has ended. "
            "The answer was dropped."
        )


class TokenStuck(EngineError):
    """An event cannot happen to a token before its incident is resolved."""

    code = "token_stuck"

    def __init__(self, element_id: str, instance_id: str) -> None:
        self.element_id, self.instance_id = element_id, instance_id
        super().__init__(
            f"Expected '{element_id}' in instance '{instance_id}' to go on, but there is an incident: resolve it first."
        )


class WaitOver(Conflict):
    """What was waited for has happened, or is not waited for any more."""

    code = "wait_over"

    def __init__(self, wait_id: int) -> None:
        self.wait_id = wait_id
        super().__init__(f"Expected an event that still waits, but wait {wait_id} is over.")


class MessageTaken(Conflict):
    """Somebody else is delivering the message, or has done so."""

    code = "message_taken"

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"Expected message {id} to be matched, but another process has done so.")


class ProcessNotStartable(Invalid):
    """The process begins with a message, timer or signal only, so nobody can start it by hand."""

    code = "process_not_startable"

    def __init__(self, key: str, triggers: Iterable[str]) -> None:
        self.key = key
        super().__init__(
            f"Expected a process with a start event without a trigger, but '{key}' begins with {' or '.join(triggers)} "
            "only. Start the process that sends it, publish the message or signal yourself, or draw such a start event."
        )


class MessageInvalid(Invalid):
    """The message or signal cannot be published as it is."""

    code = "message_invalid"


class DiagramUnreadable(Invalid):
    """The file is not a BPMN diagram that can be read."""

    code = "diagram_unreadable"


def _refusal(expected: str, source: str, findings: tuple[Finding, ...]) -> str:
    lines = "\n".join(f"  {finding.describe(source)}" for finding in findings)
    return f"Expected {expected}, but {source} is refused:\n{lines}"


class DiagramRefused(Invalid):
    """The diagram can be read, but not executed as it is drawn."""

    code = "diagram_refused"

    def __init__(self, source: str, findings: tuple[Finding, ...]) -> None:
        self.source, self.findings = source, findings
        super().__init__(_refusal("a diagram that runs as drawn", source, findings))


class DecisionsRefused(Invalid):
    """The decisions can be read, but not evaluated as they are written."""

    code = "decisions_refused"

    def __init__(self, source: str, findings: tuple[Finding, ...]) -> None:
        self.source, self.findings = source, findings
        super().__init__(_refusal("decisions that can be evaluated", source, findings))


class FormRefused(Invalid):
    """The form can be read, but not shown as it is written."""

    code = "form_refused"

    def __init__(self, source: str, findings: tuple[Finding, ...]) -> None:
        self.source, self.findings = source, findings
        super().__init__(_refusal("a form that can be filled in", source, findings))


class FormInvalid(Invalid):
    """What was filled in does not satisfy the form; nothing was changed."""

    code = "form_invalid"

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        self.flaws = flaws
        lines = "\n".join(f"  {flaw.field or 'the form'} [{flaw.code}] {flaw.message}" for flaw in flaws)
        super().__init__(f"Expected the form to be filled in as it asks, but:\n{lines}")


class VariablesInvalid(Invalid):
    """The variables are not JSON data."""

    code = "variables_invalid"


class HandlersInvalid(Invalid):
    """The handler modules cannot be loaded, or contradict each other."""

    code = "handlers_invalid"


class HandlersMissing(HandlersInvalid):
    """There are no handlers where they were said to be."""

    code = "handlers_missing"


class SettingsInvalid(Invalid):
    """A setting is missing, unknown or of the wrong kind."""

    code = "settings_invalid"


class ScheduleInvalid(Invalid):
    """A timer's date, duration or cycle cannot be read, or would never fire."""

    code = "schedule_invalid"


class ExpressionInvalid(Invalid):
    """The text is not an expression of its language."""

    code = "expression_invalid"


class ExpressionFailed(EngineError):
    """The expression is well formed, but cannot be evaluated with these variables."""

    code = "expression_failed"


class DecisionFailed(EngineError):
    """The decision is well formed, but has no result with these variables."""

    code = "decision_failed"


class NoFlowTaken(EngineError):
    """No condition after a gateway holds, and it has no default flow."""

    code = "no_flow_taken"


class DatabaseUnusable(EngineError):
    """The database cannot be opened, is too new, or cannot be written."""

    code = "database_unusable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `runner check` says about a diagram.

    `verdict` is "refused" (cannot run, or is forbidden), "warning" (runs, with a consequence named in `message`) or
    "note". `code` is the name of the rule, `source` where that is written. `line` counts from 1 in the file; 0 means
    the file as a whole.
    """

    verdict: str
    code: str
    message: str
    element_id: str = ""
    line: int = 0
    source: str = ""

    def describe(self, file: str) -> str:
        """Give the finding as one line: file:line, element, sentence, rule; below it, the text that it points into."""
        place = f"{file}:{self.line}" if self.line else file
        element = f" [{self.element_id}]" if self.element_id else ""
        sentence, newline, pointer = self.message.partition("\n")
        rule = "; ".join(filter(None, (self.code, self.source)))
        return f"{place}{element} {self.verdict}: {sentence} ({rule}){newline}{pointer}"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one value of a form: `field` is the JSON Pointer to it (RFC 6901), "" the form as a whole."""

    field: str
    code: str
    message: str
    label: str = ""


def near_hint(word: str, known: Iterable[str]) -> str:
    """Give " Did you mean 'x' or 'y'?" for the known words nearest to `word`, or an empty text."""
    near = difflib.get_close_matches(word, tuple(known), n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
