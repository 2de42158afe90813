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


@dataclass(frozen=True, slots=True)
class Definition:
    """A deployed process: one version of one key. `source` is the file name it came from."""

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
    """A job row. `due_at` is when it may be claimed (for the next time, after a failure)."""

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
class Token:
    """A position in the diagram and what it waits for: `waiting_for` is "job", "incident" or "join"."""

    element_id: str
    element_type: str
    element_name: str
    waiting_for: str
    job: JobRecord | None = None
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance row: one run of a definition. `seq` is the number of its last log row."""

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


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance with all that a person asks about it, read in one go."""

    instance: Instance
    definition: Definition
    variables: Variables
    tokens: tuple[Token, ...]
    history: tuple[HistoryEntry, ...]
    incidents: tuple[Incident, ...]
    jobs: tuple[JobRecord, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a picture of a diagram shows one element or flow.

    `status` is "done", "active", "retrying", "failed" or "waiting"; `tokens` is a count to show; `note` a short text.
    """

    status: str
    tokens: int = 0
    note: str = ""
