"""Checking that user tasks and called instances fit the tokens that wait for them. A part of `verification.py`."""

from __future__ import annotations

from typing import Any

from runner.commands.replaying import Faults, Replay
from runner.engine.elements.element import element_of
from runner.engine.standing import Standing
from runner.model import IncidentKind, InstanceState
from runner.store.checks import Dossier


def check_work(dossier: Dossier, replay: Replay) -> Faults:
    """Compare open user tasks and called instances with an instance's tokens, and a called one with its caller (I9)."""
    tasks = {row.token_id: row.element_id for row in dossier.user_tasks if row.ended_at is None}
    calls = {row.parent_token: row.id for row in dossier.called if row.state == InstanceState.ACTIVE}
    tokens: dict[str, list[Any]] = replay.state["tokens"] if dossier.header.ended_at is None else {}
    failed = {row.token_id for row in dossier.incidents if row.resolved_at is None and _is_call(row)}
    standing = {int(id): (replay.standing(row), element_of(row[0])) for id, row in tokens.items()}
    for id, (moved_on_by, element_id) in standing.items():
        if moved_on_by is Standing.USER_TASK and tasks.get(id) != element_id:
            yield "I9", f"Expected an open user task for token {id} at '{element_id}', but there is none."
        if moved_on_by is Standing.CALL and id not in calls and id not in failed:
            yield "I9", f"Expected an active instance that token {id} at '{element_id}' called, but there is none."
    for id, element_id in tasks.items():
        if standing.get(id) != (Standing.USER_TASK, element_id):
            yield "I9", f"Expected a token for the open user task of token {id} at '{element_id}', but there is none."
    for id, called in calls.items():
        if id not in standing or standing[id][0] is not Standing.CALL:
            yield "I9", f"Expected token {id} to wait for instance '{called}', but it does not: end that one."
    caller = dossier.caller
    if dossier.header.parent_id is not None and dossier.header.ended_at is None and caller is None:
        yield "I9", f"Expected the instance '{dossier.header.parent_id}' that called this one, but it is gone."


def _is_call(row: Any) -> bool:
    return bool(row.kind == IncidentKind.CALL_FAILED)
