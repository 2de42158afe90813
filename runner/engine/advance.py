"""What one call of the engine changed, in records that the rest of the runner can store. No SpiffWorkflow here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from runner.model import IncidentKind
from runner.schedules import Schedule


class Happening(NamedTuple):
    """One thing that happened to an element, a flow or the process, for the history."""

    element_id: str
    element_type: str
    event: str
    detail: dict[str, Any] | None = None


@dataclass(slots=True)  # a frozen one takes twice as long to make, and there is one for each step
class OpenedJob:
    """A token that arrived at a service task or listener and now waits for its job; its topic is bound to `work`,
    unless it was computed.

    No two jobs with the same `lock` run at the same time.
    """

    token_id: int
    element_id: str
    work: str
    priority: int = 0
    lock: str | None = None
    topic: str | None = None


class OpenedIncident(NamedTuple):
    """A token that cannot go on; `Engine.retry` with its id tries again."""

    token_id: int
    element_id: str
    kind: IncidentKind
    message: str


@dataclass(frozen=True, slots=True)
class OpenedWait:
    """An event that has begun to wait for the world outside the instance.

    The three first say which: `token_id` is the token that waits (at a catch event, receive task or event-based
    gateway), or that the event is attached to (boundary event), or whose scope an event sub-process lies in (0: the
    process); `element_id` is the event that would fire, `index` which of its event definitions. `kind` is "timer",
    "message" or "signal"; a timer has a `schedule`, the others a `name`, a message a `key` ("" when none is asked for).
    `interrupting` False may fire more than once. `after_signals` is how many signals of the same step were sent before
    it began to wait: those do not reach it.
    """

    token_id: int
    element_id: str
    index: int
    kind: str
    name: str = ""
    key: str = ""
    schedule: Schedule | None = None
    interrupting: bool = True
    after_signals: int = 0

    @property
    def place(self) -> tuple[int, str, int]:
        """Give what tells it from all other waits of the instance: token id, element id, index."""
        return (self.token_id, self.element_id, self.index)


class OpenedUserTask(NamedTuple):
    """A token that arrived at a user task. Dates are aware; `form` as drawn."""

    token_id: int
    element_id: str
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    priority: int = 50
    form: str | None = None


class OpenedCall(NamedTuple):
    """A token that waits for an instance of another process, which is to be started with these variables."""

    token_id: int
    element_id: str
    key: str
    binding: str
    version: str | None
    variables: dict[str, Any]
    business_key: str | None = None


class SentMessage(NamedTuple):
    """A message that an instance sends; it is stored with the step and delivered afterwards."""

    element_id: str
    name: str
    key: str
    variables: dict[str, Any]


class SentSignal(NamedTuple):
    """A signal that an instance broadcasts; it reaches who waits for it when the step is stored.

    `told` have heard it already, in the instance itself: by token id (0: the process), element id and index.
    """

    element_id: str
    name: str
    variables: dict[str, Any]
    told: tuple[tuple[int, str, int], ...] = ()


class StoredValue(NamedTuple):
    """What an element has put into a data store."""

    element_id: str
    value: Any


class Thrown(NamedTuple):
    """An error or escalation (`kind`) that nothing in the instance catches: the calling process may."""

    kind: str
    token_id: int
    element_id: str
    code: str
    variables: dict[str, Any]


# Shared by all that have stored nothing: nobody can write into it.
NOTHING: Mapping[str, Any] = MappingProxyType({})
Rare = Literal[
    "calls", "canceled", "closed", "incidents", "left", "messages", "signals", "thrown", "user_tasks", "waits"
]


class Advance:
    """All that changed when the engine ran until every token waits.

    `delta` is the change of the state as JSON data (`engine/state.py`). `canceled` are the tokens that were taken away
    while they waited. `left` are tokens whose waits are over, all of them; `closed` single waits that are over, by
    (token id, element id, index). `stored` are new values of data stores, by their names. `completed` is True when no
    token is left; `terminated` besides, when the end is that of a compensation of the whole instance.
    """

    __slots__ = (
        *("calls", "canceled", "closed", "completed", "delta", "happenings", "incidents", "jobs", "left", "messages"),
        *("signals", "stored", "terminated", "thrown", "user_tasks", "waits"),
    )

    def __init__(self, happenings: list[Happening] | None = None, incidents: Sequence[OpenedIncident] = ()) -> None:
        self.delta: dict[str, Any] = {}
        self.happenings = [] if happenings is None else happenings
        self.jobs: list[OpenedJob] = []
        self.incidents = incidents
        # Written out, and empty until there is something: one of these is made for each step.
        self.waits: Sequence[OpenedWait] = ()
        self.user_tasks: Sequence[OpenedUserTask] = ()
        self.calls: Sequence[OpenedCall] = ()
        self.messages: Sequence[SentMessage] = ()
        self.signals: Sequence[SentSignal] = ()
        self.thrown: Sequence[Thrown] = ()
        self.canceled: Sequence[int] = ()
        self.left: Sequence[int] = ()
        self.closed: Sequence[tuple[int, str, int]] = ()
        self.stored: Mapping[str, StoredValue] = NOTHING
        self.completed = False
        self.terminated = False

    def note(self, kind: Rare, *changes: Any) -> None:
        """Add to one of the lists that are mostly empty."""
        known = getattr(self, kind)
        if known:
            known.extend(changes)
        else:
            setattr(self, kind, list(changes))
