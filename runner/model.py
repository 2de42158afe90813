"""The nouns of the product: states, each with who moves it on, and the frozen records that rows are read into.

Times are aware UTC datetimes. Variables are JSON data by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from runner.handling import JsonValue

Variables = Mapping[str, JsonValue]


class InstanceState(StrEnum):
    """Where an instance stands."""

    ACTIVE = "active"  # moved on by jobs, timers, messages, people; an incident does not change it
    SUSPENDED = "suspended"  # nothing is claimed or fired until a person resumes it
    COMPLETED = "completed"  # its last token reached an end: final
    TERMINATED = "terminated"  # a person canceled it: final


class JobState(StrEnum):
    """Where a job stands."""

    READY = "ready"  # claimed by a worker once `due_at` has come
    CLAIMED = "claimed"  # answered by its worker, or taken back by the scheduler when `claimed_until` passes
    COMPLETED = "completed"  # the handler returned: final
    ERROR_THROWN = "error_thrown"  # the handler threw a BPMN error that was caught: final
    FAILED = "failed"  # has an incident; resolving that makes it ready again
    CANCELED = "canceled"  # its element was interrupted or its instance ended: final


class IncidentKind(StrEnum):
    """Why a token cannot go on without a person."""

    RETRIES_EXHAUSTED = "retries_exhausted"
    PERMANENT_FAILURE = "permanent_failure"
    INPUT_INVALID = "input_invalid"
    OUTPUT_INVALID = "output_invalid"
    HANDLER_MISSING = "handler_missing"
    ERROR_UNCAUGHT = "error_uncaught"
    EXPRESSION_FAILED = "expression_failed"
    NO_FLOW_TAKEN = "no_flow_taken"
    STALLED = "stalled"
    CALL_FAILED = "call_failed"


@dataclass(frozen=True, slots=True)
class Definition:
    """A deployed process, decision (dialect "dmn") or form ("form"): one version of one key.

    `source` is the name of its file.
    """

    id: int
    key: str
    version: int
    name: str
    source: str
    content_hash: str
    deployed_at: datetime
    documentation: str = ""
    dialect: str = "plain"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What storing a file did: `created` is False if the content was deployed already (no new version)."""

    definition: Definition
    created: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong in an attempt: exception class, its message, and the traceback as text."""

    type: str
    message: str
    traceback: str = ""

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job row. `due_at` is when it may be claimed (for the next time, after a failure).

    No two jobs with the same `lock` run at the same time; `lock_holder` is the job that one which is ready waits for.
    """

    id: str
    instance_id: str
    element_id: str
    topic: str
    state: JobState
    attempt: int
    max_attempts: int | None
    due_at: datetime
    priority: int = 0
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    failure: Failure | None = None
    lock: str | None = None
    lock_holder: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A place that needs a person. Open while `resolved_at` is None."""

    id: int
    instance_id: str
    element_id: str
    kind: IncidentKind
    message: str
    opened_at: datetime
    job_id: str | None = None
    detail: str = ""
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened, numbered from 1 within its instance.

    `event` is in the past tense: entered, completed, canceled, job_failed, error_thrown, incident_opened, … `step` is
    the number of the log row (one commit) it belongs to.
    """

    seq: int
    at: datetime
    element_id: str
    element_type: str
    event: str
    step: int
    detail: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """An event that is waited for: `kind` is "timer", "message", "signal" or "condition".

    `token_id` is the token that waits there, or that the event is attached to; 0 is the process itself. A timer is due
    at `due_at` and has `remaining` occurrences after that (None: endless); a message has a `name` and a `key` ("" when
    none is asked for), a signal a name. A condition's name is its text; the engine looks at it whenever a variable
    changes, so it is no row of the store and not `opened_at` any moment. Not `interrupting` may happen more than once.
    """

    token_id: int
    element_id: str
    kind: str
    name: str
    key: str
    due_at: datetime | None
    remaining: int | None
    schedule: str | None
    interrupting: bool
    opened_at: datetime | None

    @classmethod
    def for_condition(cls, token_id: int, element_id: str, text: str, *, interrupting: bool) -> Wait:
        """Give the record of a condition that has to become true."""
        return cls(token_id, element_id, "condition", text, "", None, None, None, interrupting, None)

    def __str__(self) -> str:
        if self.due_at is not None:
            return f"timer, due {self.due_at.isoformat(sep=' ', timespec='seconds')}"
        return f"{self.kind} '{self.name}'" + (f" with the key '{self.key}'" if self.key else "")


class MessageState(StrEnum):
    """Where a message stands."""

    SENT = "sent"  # matched by the courier, at once
    WAITING = "waiting"  # nobody waits for it yet: matched by an event that begins to, or expires
    DELIVERED = "delivered"  # started or continued one instance: final
    EXPIRED = "expired"  # nobody waited for it in its time to live: final


@dataclass(frozen=True, slots=True)
class DataStoreValue:
    """What is in a data store. `revision` counts how often it was written; the instance and element that wrote it last
    are None if a person did.
    """

    name: str
    value: JsonValue
    revision: int
    changed_at: datetime
    instance_id: str | None = None
    element_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A published message. `sender` is (instance id, element id) or None if it came from outside.

    Once delivered, `instance_id` received it at `element_id` (and was started by it, if `started`). `problem` says why
    it has not been delivered, with the nearest subscriptions.
    """

    id: int
    name: str
    key: str
    business_key: str | None
    variables: Variables
    message_id: str | None
    state: MessageState
    published_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    sender: tuple[str, str] | None = None
    instance_id: str | None = None
    element_id: str | None = None
    started: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """A broadcast signal, and how many events it reached."""

    id: str
    name: str
    reached: int


class UserTaskState(StrEnum):
    """Where a user task stands."""

    CREATED = "created"  # claimed by a person, or assigned to one
    CLAIMED = "claimed"  # completed by its assignee, or given back
    COMPLETED = "completed"  # a person has done it: final
    ERROR_THROWN = "error_thrown"  # a person threw a BPMN error that was caught: final
    CANCELED = "canceled"  # its element was interrupted or its instance ended: final


@dataclass(frozen=True, slots=True)
class UserTask:
    """Work for a person. `assignee` is who has it, the candidates are those who may claim it.

    `form` is the key or id of the form that the diagram names. `ended_by` is who completed it.
    """

    id: str
    instance_id: str
    element_id: str
    name: str
    state: UserTaskState
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    priority: int
    due_at: datetime | None
    follow_up_at: datetime | None
    form: str | None
    created_at: datetime
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class UserTaskFilter:
    """Which open user tasks to list; None means any. `user` is one who has it or may claim it, by name."""

    assignee: str | None = None
    group: str | None = None
    user: str | None = None
    instance_id: str | None = None
    due_before: datetime | None = None
    unclaimed: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A position in the diagram and what it waits for.

    `waiting_for` is "job", "user_task", "call", "incident", "join", "inside" (tokens in a sub-process), or what happens
    at an event: "timer", "message", "signal", or "event" if it is a condition, or several. `waits` are the timers,
    messages and signals that may come here: at the element itself, or at an event attached to it. `user_task` is what
    a person is to do, `called_id` the instance that a call activity waits for.
    """

    element_id: str
    element_type: str
    element_name: str
    waiting_for: str
    job: JobRecord | None = None
    incident: Incident | None = None
    waits: tuple[Wait, ...] = ()
    user_task: UserTask | None = None
    called_id: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance row: one run of a definition. `seq` is the number of its last log row.

    `parent_id` is the instance that called it, if one did.
    """

    id: str
    key: str
    version: int
    definition_id: int
    state: InstanceState
    business_key: str | None
    seq: int
    started_at: datetime
    ended_at: datetime | None
    incidents: int = 0
    retrying: int = 0
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance with all that a person asks about it, read in one go.

    `history` may leave out the oldest steps: `steps_before` is their number, and `passed_before` has the ids of the
    elements completed and the flows taken in them. Then `jobs` has the open ones only.
    """

    instance: Instance
    definition: Definition
    variables: Variables
    tokens: tuple[Token, ...]
    history: tuple[HistoryEntry, ...]
    incidents: tuple[Incident, ...]
    jobs: tuple[JobRecord, ...]
    steps_before: int = 0
    passed_before: frozenset[str] = frozenset()
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """How a picture of a diagram shows one element or flow.

    `status` is "done", "active", "retrying", "failed" or "waiting"; `tokens` is a count to show; `note` a short text.
    """

    status: str
    tokens: int = 0
    note: str = ""
