"""What begins to wait for the world outside when a token enters an element: gathered first, because evaluating it may
fail, and opened when nothing can fail any more."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from runner.engine.advance import OpenedWait
from runner.engine.conditions import Watched
from runner.engine.definitions import Definition
from runner.engine.scopes import Scope

# Kinds of events that the store waits for; conditions are watched here, the others are thrown from inside.
FROM_OUTSIDE = frozenset({"timer", "message", "signal"})
WAITING = FROM_OUTSIDE | {"conditional"}


class Waits:
    """The waits of one token (0: of the process), evaluated in `scope`."""

    def __init__(self, workflow: Any, token_id: int, scope: Scope) -> None:
        self._workflow, self._token_id, self._scope = workflow, token_id, scope
        self._seen: Any = scope
        self._opened: list[OpenedWait] = []
        self._watched: list[Watched] = []

    def see(self, brought: Mapping[str, Any]) -> None:
        """Evaluate what is added from now on also in what a first trigger has brought and is still on its way into the
        scope: by that the other messages may have to be known (BPMN 2.0.2 §8.4.2)."""
        self._seen = ChainMap(dict(brought), self._scope)  # type: ignore[arg-type]

    def add(self, spec: Any, *, seen: Iterable[int] = ()) -> None:
        """Gather what an event waits for, but for definitions in `seen`. Raises ExpressionFailed or ScheduleInvalid."""
        for definition in spec.definitions:
            if definition.kind in FROM_OUTSIDE and definition.index not in seen:
                self._opened.append(opened_wait(self._token_id, spec.element, definition, self._seen))
        self._watch(spec, seen)

    def open(self) -> None:
        """Begin to wait."""
        advance = self._workflow.advance
        sent = len(advance.signals)
        advance.note("waits", *(replace(each, after_signals=sent) if sent else each for each in self._opened))
        for watched in self._watched:
            self._workflow.conditions.watch(watched)

    def restore(self, spec: Any, *, seen: Iterable[int] = ()) -> None:
        """Wait again for the conditions of an event of a stored token; the rest waits in the store."""
        self._watch(spec, seen)
        for watched in self._watched:
            self._workflow.conditions.watch(watched, restored=True)
        self._watched.clear()

    def _watch(self, spec: Any, seen: Iterable[int]) -> None:
        for definition in spec.definitions:
            if definition.condition is not None and definition.index not in seen:
                key = (self._token_id, spec.element.id, definition.index)
                self._watched.append(Watched(*key, definition.condition, self._scope))


def opened_wait(token_id: int, element: Any, definition: Definition, variables: Any) -> OpenedWait:
    """Evaluate what an event definition waits for. Raises ExpressionFailed or ScheduleInvalid."""
    wait = OpenedWait(token_id, element.id, definition.index, definition.kind, interrupting=element.interrupting)
    if definition.kind == "timer":
        return replace(wait, schedule=definition.schedule(variables))
    key = definition.key_in(variables) if definition.kind == "message" else ""
    return replace(wait, name=definition.name_in(variables), key=key)
