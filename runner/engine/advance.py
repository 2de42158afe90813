"""What one call of the engine changed, in records that the rest of the runner can store. No SpiffWorkflow here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from runner.model import IncidentKind


class Happening(NamedTuple):
    """One thing that happened to an element, a flow or the process, for the history."""

    element_id: str
    element_type: str
    event: str
    detail: dict[str, Any] | None = None


class OpenedJob(NamedTuple):
    """A token that arrived at a service task and now waits for its job."""

    token_id: int
    element_id: str


class OpenedIncident(NamedTuple):
    """A token that cannot go on; `Engine.retry` with its id tries again."""

    token_id: int
    element_id: str
    kind: IncidentKind
    message: str


@dataclass(slots=True)
class Advance:
    """All that changed when the engine ran until every token waits.

    `delta` is the change of the state as JSON data (`engine/state.py`). `canceled` are the tokens that were taken away
    while they waited. `completed` is True when no token is left.
    """

    delta: dict[str, Any] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    jobs: list[OpenedJob] = field(default_factory=list)
    incidents: list[OpenedIncident] = field(default_factory=list)
    canceled: list[int] = field(default_factory=list)
    completed: bool = False
