"""What the history of an instance says about its elements: which were visited when, and where it stands in a sentence.

Pure functions from an `InstanceView`; how the diagram is marked is `runner/marking.py`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from runner.fired import DECIDED, decided_in_words
from runner.marking import FLOW, PROCESS, by_element, status_of
from runner.model import HistoryEntry, InstanceState, InstanceView, Token

STORES = {"data_read": "Read", "data_written": "Wrote"}
ENDS = {"completed": "done", "canceled": "canceled", "error_thrown": "error_thrown"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of a token on an element; `state` is a status of the diagram, or how the stay ended.

    `step` is the one in which it ended, or that of its newest entry; `decided` says which rules of decisions fired,
    `stores` which data stores were read and written.
    """

    element_id: str
    element_type: str
    state: str
    started_at: datetime
    ended_at: datetime | None = None
    failures: int = 0
    step: int = 0
    decided: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()

    @property
    def attempts(self) -> int:
        """Give how often the work was begun: each failure led to another beginning, except the last one so far."""
        return self.failures + (self.state not in ("retrying", "failed"))

    @property
    def lasted(self) -> timedelta | None:
        """Give how long it took, None while it lasts."""
        return None if self.ended_at is None else self.ended_at - self.started_at


def visits_of(view: InstanceView) -> tuple[Visit, ...]:
    """Give the visits in the order in which they began; the open ones have the state of their token."""
    visits: list[Visit] = []
    open_visits: dict[str, list[int]] = {}
    for entry in view.history:
        if entry.element_type not in (FLOW, PROCESS):
            _note(entry, visits, open_visits)
    waiting = {element: [status_of(token) for token in tokens] for element, tokens in by_element(view.tokens).items()}
    for element, places in open_visits.items():
        for place, state in zip(places, waiting.get(element, ()), strict=False):
            visits[place] = replace(visits[place], state=state)
    return tuple(visits)


def _note(entry: HistoryEntry, visits: list[Visit], open_visits: dict[str, list[int]]) -> None:
    if entry.event.startswith("listener_"):
        return  # around a visit, or after it: none of its own
    places = open_visits.setdefault(entry.element_id, [])
    if entry.event == "entered" or not places:
        places.append(len(visits))
        visits.append(Visit(entry.element_id, entry.element_type, "active", entry.at, step=entry.step))
    # Of several visits of one element at a time the oldest is taken: the history does not say which one it was.
    place = places[0]
    if entry.event == DECIDED:
        visits[place] = replace(visits[place], decided=decided_in_words(entry))
    elif entry.event in STORES:
        line = f"{STORES[entry.event]} data store {entry.detail['store']}"
        visits[place] = replace(visits[place], stores=(*visits[place].stores, line))
    elif entry.event == "job_failed":
        visits[place] = replace(visits[place], failures=visits[place].failures + 1, step=entry.step)
    elif entry.event in ENDS:
        visits[place] = replace(visits[place], state=ENDS[entry.event], ended_at=entry.at, step=entry.step)
        places.pop(0)


def headline(view: InstanceView, names: Mapping[str, str]) -> str:
    """Say in one sentence where the instance stands."""
    state = view.instance.state
    if state is InstanceState.COMPLETED:
        ends = (entry for entry in reversed(view.history) if entry.element_type == "endEvent")
        last = next(ends, None)
        return _closed(f"Ended: {names.get(last.element_id) or last.element_id}") if last else "Ended."
    if state is InstanceState.TERMINATED:
        return "Ended before it was completed."
    return " ".join(dict.fromkeys(_whereabouts(token) for token in view.tokens)) or "No token is left."


def _whereabouts(token: Token) -> str:
    name = token.element_name or token.element_id
    match status_of(token):
        case "failed":
            return f"{name} needs a person."
        case "retrying":
            return f"{name} is tried again."
        case "waiting" if token.job is not None and token.job.lock is not None:
            return f"{name} waits for the lock '{token.job.lock}', which another job has."
        case "waiting":
            return _closed(f"A token waits at {name}")
        case _:
            return _closed(f"The token is on {name}")


def _closed(words: str) -> str:
    return words if words.endswith(("?", "!", ".")) else f"{words}."
