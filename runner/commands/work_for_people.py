"""User tasks inside the open transaction: rows that open with a step, or end because their element was interrupted.

What people then do with them is for `user_tasks.py`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from runner.engine.advance import Advance, OpenedUserTask
from runner.model import UserTaskState
from runner.runtime import LiveInstance
from runner.store import jobs, user_tasks
from runner.store.times import to_micros
from runner.store.transactions import Transaction

# A whole number of a 32-bit column.
_HIGHEST = 2**31 - 1


def apply_user_tasks(transaction: Transaction, live: LiveInstance, advance: Advance) -> None:
    """Write the user tasks that begin, and end those whose token was taken away. Costs nothing if there are none."""
    if advance.canceled and live.deployed.for_people:
        for token_id in advance.canceled:
            id = jobs.job_id(live.header.id, token_id)
            user_tasks.cancel(transaction, live.header.id, id)
    for opened in advance.user_tasks:
        users = [("user", name) for name in opened.candidate_users]
        groups = [("group", name) for name in opened.candidate_groups]
        user_tasks.insert_user_task(transaction, _row(transaction, live, opened), [*users, *groups])


def _row(transaction: Transaction, live: LiveInstance, opened: OpenedUserTask) -> dict[str, Any]:
    element = live.deployed.process.elements[opened.element_id]
    assigned = opened.assignee is not None
    return {
        "id": jobs.job_id(live.header.id, opened.token_id),
        "instance_id": live.header.id,
        "token_id": opened.token_id,
        "definition_id": live.header.definition_id,
        "element_id": element.id,
        "name": element.name or element.id,
        "state": str(UserTaskState.CLAIMED if assigned else UserTaskState.CREATED),
        "assignee": opened.assignee,
        "candidate_users": json.dumps(opened.candidate_users, ensure_ascii=False),
        "candidate_groups": json.dumps(opened.candidate_groups, ensure_ascii=False),
        "priority": max(-_HIGHEST, min(opened.priority, _HIGHEST)),
        "due_at": _micros(opened.due_at),
        "follow_up_at": _micros(opened.follow_up_at),
        "form": opened.form,
        "created_at": transaction.now,
        "claimed_at": transaction.now if assigned else None,
    }


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)
