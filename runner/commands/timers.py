"""Timers that are due: each fires once, in a transaction of its own, whoever fires it. All times are the database's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

from runner.commands.settling import settle
from runner.commands.triggers import go_on, start_at
from runner.runtime import Runtime
from runner.schedules import CatchUp, Due, Schedule, is_dropped, next_due
from runner.schedules.dues import ON_TIME
from runner.store import waits
from runner.store.times import from_micros, to_micros
from runner.store.transactions import Transaction
from runner.store.waits import WaitRow


@dataclass(frozen=True, slots=True)
class Agenda:
    """Timers that are due at `now`, and when the next one is (None: none waits). Instants are microseconds."""

    now: int
    due: tuple[int, ...]
    next_at: int | None

    @property
    def seconds(self) -> float | None:
        """Give how long it is until the next timer is due, 0 if one is."""
        return None if self.next_at is None else max(0.0, (self.next_at - self.now) / 1e6)


def due_timers(runtime: Runtime, *, limit: int) -> Agenda:
    """Give the timers that are due, those due longest first, and when the next one will be."""

    def look(transaction: Transaction) -> Agenda:
        return Agenda(transaction.now, tuple(waits.due(transaction, limit)), waits.next_due(transaction))

    return runtime.database.write(look)


def fire_timers(runtime: Runtime, ids: Sequence[int]) -> list[Exception | None]:
    """Fire timers that are due, each as a command of its own; give what each failed with (None: with nothing).

    What has fired meanwhile, or is not due, is left alone.
    """
    return settle(runtime, [partial(_fire, runtime, id) for id in ids])


def _fire(runtime: Runtime, wait_id: int, transaction: Transaction) -> bool:
    wait = waits.take(transaction, wait_id)
    if wait is None or wait.due_at is None or wait.due_at > transaction.now:
        return False
    schedule = Schedule(cast(Literal["date", "duration", "cycle"], wait.schedule_kind), wait.schedule_text or "")
    due = Due(from_micros(wait.due_at), wait.remaining)
    if wait.repeats:
        _plan(runtime, transaction, wait, schedule, due)
        if is_dropped(schedule, due, now=transaction.now_at, catch_up=runtime.catch_up):
            return False
    if wait.instance_id is None:
        start_at(runtime, transaction, wait, {}, command="fire_timer")
    else:
        go_on(runtime, transaction, wait, {}, command="fire_timer")
    return True


def _plan(runtime: Runtime, transaction: Transaction, wait: WaitRow, schedule: Schedule, due: Due) -> None:
    """Move a timer that may fire again to its next occurrence, or take it away after the last one."""
    # A runner that is busy is late, too, and must not lose an occurrence for it: only what is later was missed.
    catch_up = CatchUp.ALL if transaction.now_at - due.at <= ON_TIME else runtime.catch_up
    following = next_due(schedule, due, now=transaction.now_at, catch_up=catch_up)
    if following is None:
        waits.end(transaction, wait)
    else:
        waits.reschedule(transaction, wait, due_at=to_micros(following.at), remaining=following.remaining)
