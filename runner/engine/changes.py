"""What changed in an instance since it was last asked: the delta of one step, whose cost is what changed and not what
is stored. The format is described in `engine/state.py`."""

from __future__ import annotations

from typing import Any

from runner.engine.scopes import Scope


class Changes:
    """Kept by the workflow as it goes; `delta` gives it and begins anew.

    `tokens` are ids of tokens whose row changed, `joins` (element id, scope id) of changed joins; `memory` says that
    what the process itself remembers has changed.
    """

    def __init__(self) -> None:
        self.tokens: set[int] = set()
        self.joins: set[tuple[str, int]] = set()
        self.memory = False
        # Ids from here on were made since the last delta: whoever reads deltas never heard of them.
        self.first_new_id = 1
        self._gone_tokens: list[int] = []
        self._new_scopes: dict[int, Scope] = {}
        self._gone_scopes: list[int] = []

    def token_gone(self, id: int) -> None:
        """Note that a token was taken away."""
        self.tokens.discard(id)
        if id < self.first_new_id:
            self._gone_tokens.append(id)

    def scope_new(self, scope: Scope) -> None:
        """Note that a scope was opened."""
        self._new_scopes[scope.id] = scope

    def scope_gone(self, scope: Scope) -> None:
        """Note that a scope was closed."""
        scope.touched.pop(scope.id, None)
        if self._new_scopes.pop(scope.id, None) is None:
            self._gone_scopes.append(scope.id)

    def delta(self, workflow: Any) -> dict[str, Any]:
        """Give the change of the workflow since the last call as JSON data."""
        delta: dict[str, Any] = {"next": workflow.next_id}
        if self.tokens:
            rows = {str(id): workflow.tasks[id].row() for id in sorted(self.tokens) if id in workflow.tasks}
            if rows:
                delta["tokens"] = rows
            self.tokens.clear()
        if self._gone_tokens:
            delta["gone"] = self._gone_tokens
            self._gone_tokens = []
        self.first_new_id = workflow.next_id
        self._scopes(delta, workflow.scopes[0].touched)
        if self.joins:
            joins = sorted(key for key in self.joins if key[1] in workflow.scopes)
            if joins:
                delta["joins"] = {
                    f"{id}|{scope}": dict(workflow.scopes[scope].joins.get(id, {})) for id, scope in joins
                }
            self.joins.clear()
        if workflow.undo.changed:
            workflow.undo.write(delta)
        if self.memory:
            delta["memory"] = dict(workflow.memory(None))
            self.memory = False
        return delta

    def _scopes(self, delta: dict[str, Any], touched: dict[int, Scope]) -> None:
        if self._new_scopes:
            delta["scopes"] = {str(scope.id): scope.row() for scope in self._new_scopes.values()}
        if touched:
            changed = {
                str(scope.id): {name: scope.variables[name] for name in sorted(scope.changed)}
                for scope in touched.values()
                if scope.id not in self._new_scopes
            }
            if changed:
                delta["variables"] = changed
            for scope in touched.values():
                scope.changed.clear()
            touched.clear()
        self._new_scopes.clear()
        if self._gone_scopes:
            delta["gone_scopes"] = self._gone_scopes
            self._gone_scopes = []

    def clear(self) -> None:
        """Forget everything: what is in memory is what is stored."""
        self.tokens.clear()
        self.joins.clear()
        self._new_scopes.clear()
