"""Checking that what is stored about waiting fits together: each wait belongs to an event that may happen to a token,
each such event has its wait, and no message is kept from somebody who waits for it. A part of `verification.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from runner.bpmn.diagram import Element, Process
from runner.commands.replaying import Faults, Replay
from runner.engine.elements.element import element_of
from runner.engine.standing import Standing, awaited, awaited_by_starts, standing
from runner.engine.tasks import STARTED
from runner.engine.waits import FROM_OUTSIDE
from runner.store import checks
from runner.store.checks import Dossier

Place = tuple[int, str, int]


def check_waits(dossier: Dossier, process: Process, replay: Replay) -> Faults:
    """Compare an instance's waits with what its tokens wait for (I7)."""
    rows = {(row.token_id, row.element_id, row.event_index): row for row in dossier.waits}
    if dossier.header.ended_at is not None:
        if rows:
            yield "I7", f"Expected nothing to wait in an instance that is {dossier.header.state}, but {len(rows)} do."
        return
    tokens: dict[str, list[Any]] = replay.state["tokens"]
    possible = set(_possible(process, tokens))
    for token_id, element_id, index in rows.keys() - possible:
        yield (
            "I7",
            f"Expected an event that may happen to token {token_id} for the wait at '{element_id}' ({index}), "
            "but there is none.",
        )
    for id, row in tokens.items():
        for missing in _missing(process, int(id), row, rows.keys()):
            yield "I7", f"Expected token {id} at '{element_of(row[0])}' to wait at '{missing}', but nothing does."


def check_messages(connection: Connection) -> Faults:
    """Look for messages in no possible state, and for those that wait although somebody waits for them (I8)."""
    for id, state in checks.messages_amiss(connection):
        yield "I8", f"Expected message {id} to have what belongs to its state, but it is {state}."
    for id, wait_id in checks.messages_kept_from(connection):
        yield "I8", f"Expected message {id} to be delivered, but it is kept although wait {wait_id} is for it."
    for delivery_id in checks.deliveries_amiss(connection):
        yield "I8", f"Expected a signal for delivery {delivery_id}, but there is none."


def _possible(process: Process, tokens: dict[str, list[Any]]) -> Iterator[Place]:
    for element, index, definition in awaited_by_starts(process, process.key):
        if definition.kind in FROM_OUTSIDE:
            yield 0, element.id, index
    for id, row in tokens.items():
        # What waits at the border of an activity goes on waiting while that has an incident.
        for element, index, definition in awaited(process, [row[0], STARTED, *row[2:]]):
            if definition.kind in FROM_OUTSIDE:
                yield int(id), element.id, index


def _missing(process: Process, token_id: int, row: list[Any], waiting: Any) -> Iterator[str]:
    """Give the events that must be waiting and are not; some may have happened, if it takes several, or often."""
    own: list[tuple[Element, int, str]] = [(each, index, what.kind) for each, index, what in awaited(process, row)]
    if own and standing(process, row) is Standing.EVENT:
        mine = [(element, index) for element, index, _ in own if element.attached_to is None]
        is_watched = any(kind not in FROM_OUTSIDE for _, _, kind in own)
        if not is_watched and not any((token_id, element.id, index) in waiting for element, index in mine):
            yield mine[0][0].id
    for element, index, kind in own:
        is_needed = element.attached_to is not None and element.interrupting and len(element.events) == 1
        if is_needed and kind in FROM_OUTSIDE and (token_id, element.id, index) not in waiting:
            yield element.id
