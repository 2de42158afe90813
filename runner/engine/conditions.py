"""Conditional events: looked at again whenever a variable has changed, from whatever branch (BPMN 2.0.2 §10.5.5).

An event happens when its condition becomes true: one that stays true does not happen again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner.engine.scopes import Scope
from runner.errors import ExpressionFailed
from runner.expressions.language import Compiled


@dataclass(frozen=True, slots=True)
class Watched:
    """One condition that is waited for: by which event of which token (0: the process), seen from `scope`."""

    token_id: int
    element_id: str
    index: int
    condition: Compiled
    scope: Scope

    @property
    def place(self) -> tuple[int, str, int]:
        """Give what tells it from all other conditions of the instance."""
        return (self.token_id, self.element_id, self.index)


class Conditions:
    """The conditions that an instance waits for (`watched`, by token), and which held when they were looked at last."""

    __slots__ = ("_new", "_true", "_writes", "watched")

    def __init__(self) -> None:
        self.watched: dict[int, list[Watched]] = {}
        self._true: set[tuple[int, str, int]] = set()
        self._new = False
        self._writes = 0

    def watch(self, watched: Watched, *, restored: bool = False) -> None:
        """Wait for a condition. One that is true already happens at once, unless it was so when it was stored."""
        self.watched.setdefault(watched.token_id, []).append(watched)
        self._new = True
        if restored and _holds(watched):
            self._true.add(watched.place)

    def forget(self, token_id: int) -> None:
        """Wait no more for the conditions of a token."""
        for watched in self.watched.pop(token_id, ()):
            self._true.discard(watched.place)

    def forget_one(self, token_id: int, element_id: str) -> None:
        """Wait no more for one event's conditions."""
        kept = [each for each in self.watched.get(token_id, ()) if each.element_id != element_id]
        self.forget(token_id)
        if kept:
            self.watched[token_id] = kept

    def of_token(self, token_id: int) -> list[Watched]:
        """Give the conditions that a token waits for."""
        return self.watched.get(token_id, [])

    def check(self, workflow: Any) -> bool:
        """Look at all conditions if a variable has changed, and tell whether an event happened."""
        writes = workflow.changes.writes
        if not self._new and writes == self._writes:
            return False
        self._new, self._writes = False, writes
        happened, known = False, len(workflow.moment.warnings)
        for watched in [each for _, several in sorted(self.watched.items()) for each in several]:
            key, holds = watched.place, _holds(watched)
            # What is missing while a condition waits is nothing to be warned about: that is what it waits for.
            del workflow.moment.warnings[known:]
            if holds and key not in self._true and watched in self.watched.get(watched.token_id, ()):
                self._true.add(key)
                host = workflow.tasks.get(watched.token_id)
                with workflow.amid():
                    workflow.spec.task_specs[watched.element_id].triggered(workflow, host, watched.index, {})
                happened = True
            elif not holds:
                self._true.discard(key)
        return happened


def _holds(watched: Watched) -> bool:
    """Tell whether a condition is true; one that cannot be evaluated yet (a variable is missing) is not."""
    try:
        return watched.condition.evaluate(watched.scope) is True
    except ExpressionFailed:
        return False
