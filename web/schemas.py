"""The shapes that go over the wire: what the API takes, checked, and what it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from runner.marking import marks_of
from runner.model import Failure, Incident, IncidentKind, Instance, InstanceState, InstanceView, JobState, Mark
from web.errors import RequestInvalid
from web.visits import headline

PAGE_SIZE = 25


def _nothing(value: Any) -> Any:
    return None if value == "" else value


class Start(BaseModel):
    """The body that starts an instance."""

    model_config = ConfigDict(extra="forbid")

    variables: dict[str, JsonValue] = Field(default_factory=dict)
    business_key: str | None = Field(default=None, max_length=255)
    version: int | None = Field(default=None, ge=1)


class Resolve(BaseModel):
    """The body that resolves an incident."""

    model_config = ConfigDict(extra="forbid")

    variables: dict[str, JsonValue] = Field(default_factory=dict)
    skip: bool = False


class Cancel(BaseModel):
    """The body that cancels an instance."""

    model_config = ConfigDict(extra="forbid")

    compensate: bool = False


class InstanceQuery(BaseModel):
    """Which instances a list shows; an empty field filters nothing, as an untouched form sends it."""

    process: Annotated[str | None, BeforeValidator(_nothing)] = None
    state: Annotated[InstanceState | None, BeforeValidator(_nothing)] = None
    problem: Annotated[Literal["incident", "retrying"] | None, BeforeValidator(_nothing)] = None
    page: int = Field(default=1, ge=1, le=1_000_000)

    @classmethod
    def of_request(cls) -> InstanceQuery:
        """Read the query from the address. Raises pydantic's ValidationError, shown as 422."""
        return cls.model_validate(request.args.to_dict())

    @property
    def offset(self) -> int:
        """Give how many instances stand before this page."""
        return (self.page - 1) * PAGE_SIZE

    @property
    def narrows(self) -> bool:
        """Tell whether anything is filtered out."""
        return bool(self.process or self.state or self.problem)

    def address(self, **changes: object) -> dict[str, object]:
        """Give the parameters of the same list with some of them changed; a changed filter starts at page 1."""
        wanted = {**self.model_dump(mode="json", exclude={"page"}), "page": None, **changes}
        return {name: value for name, value in wanted.items() if value not in (None, "", 1)}


class _Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class InstanceShape(_Read):
    """An instance in a list."""

    id: str
    key: str
    version: int
    state: InstanceState
    business_key: str | None
    seq: int
    started_at: datetime
    ended_at: datetime | None
    incidents: int
    retrying: int
    parent_id: str | None = None

    @classmethod
    def json_of(cls, instance: Instance) -> dict[str, Any]:
        """Give an instance as JSON."""
        return cls.model_validate(instance).model_dump(mode="json")


class JobShape(_Read):
    """What a token waits for: an attempt, and why the last one failed."""

    id: str
    topic: str
    state: JobState
    attempt: int
    due_at: datetime
    failure: Annotated[str | None, BeforeValidator(lambda value: str(value) if isinstance(value, Failure) else value)]
    lock: str | None = None
    lock_holder: str | None = None


class IncidentShape(_Read):
    """What needs a person."""

    id: int
    element_id: str
    kind: IncidentKind
    message: str
    opened_at: datetime
    resolved_at: datetime | None

    @classmethod
    def json_of(cls, incident: Incident) -> dict[str, Any]:
        """Give an incident as JSON."""
        return cls.model_validate(incident).model_dump(mode="json")


class UserTaskShape(_Read):
    """What a token waits for a person for."""

    id: str
    name: str
    assignee: str | None


class TokenShape(_Read):
    """A position in the diagram."""

    element_id: str
    element_type: str
    element_name: str
    waiting_for: str
    job: JobShape | None
    incident: IncidentShape | None
    user_task: UserTaskShape | None = None
    called_id: str | None = None


class EntryShape(_Read):
    """One thing that happened."""

    seq: int
    at: datetime
    element_id: str
    element_type: str
    event: str


def view_json(view: InstanceView) -> dict[str, Any]:
    """Give an instance with all that a person asks about it."""
    return {
        **InstanceShape.json_of(view.instance),
        "name": view.definition.name,
        "variables": dict(view.variables),
        "tokens": [TokenShape.model_validate(token).model_dump(mode="json") for token in view.tokens],
        "steps_before": view.steps_before,
        "history": [EntryShape.model_validate(entry).model_dump(mode="json") for entry in view.history],
        "problems": [IncidentShape.json_of(incident) for incident in view.incidents],
    }


def state_json(view: InstanceView, names: dict[str, str], *, after: int, limit: int) -> dict[str, Any]:
    """Give what a page needs to show where the tokens are now, and the last `limit` entries after entry `after`."""
    entries = [entry for entry in view.history if entry.seq > after][-limit:]
    begun = view.instance.started_at
    return {
        **InstanceShape.json_of(view.instance),
        "headline": headline(view, names),
        "marks": {element: mark_json(mark) for element, mark in marks_of(view).items()},
        "entries": [
            {
                "event": entry.event,
                "element_id": entry.element_id,
                "element_type": entry.element_type,
                "elapsed_ms": (entry.at - begun).total_seconds() * 1000,
            }
            for entry in entries
        ],
        "last": view.history[-1].seq if view.history else 0,
    }


def mark_json(mark: Mark) -> dict[str, Any]:
    """Give how the diagram shows one element."""
    return {"status": mark.status, "tokens": mark.tokens, "note": mark.note}


def number_asked(name: str) -> int:
    """Read a number from the address, 0 if it is not there. Raises RequestInvalid if it is no number."""
    text = request.args.get(name, "") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RequestInvalid(f"Expected {name} to be a number such as 3, but got {text!r}.")
    return int(text)
