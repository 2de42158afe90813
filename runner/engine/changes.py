"""What changed in an instance since it was last asked: the delta of one step, whose cost is what changed and not what
is stored. The format is described in `engine/state.py`."""

from __future__ import annotations

from typing import Any


class Changes:
    """Kept by the workflow and its scopes as they go; `delta` gives it and begins anew.

    `tokens` are tokens whose row changed, by id; `gone_tokens` ids of those that were taken away. `new_scopes` were
    opened; `written` are variables that were written in others, by scope id, `writes` how often that was, ever. `joins`
    (element id, scope id) have changed; `memory` says that what the process itself remembers has.
    """

    __slots__ = (
        "_gone_scopes",
        "first_new_id",
        "gone_tokens",
        "joins",
        "memory",
        "new_scopes",
        "tokens",
        "writes",
        "written",
    )

    def __init__(self) -> None:
        self.tokens: dict[int, Any] = {}
        # Ids from here on were made since the last delta: whoever reads deltas never heard of them.
        self.first_new_id = 1
        self.gone_tokens: list[int] = []
        self.joins: set[tuple[str, int]] = set()
        self.memory = False
        self.writes = 0
        self.written: dict[str, dict[str, Any]] = {}
        self.new_scopes: dict[int, Any] = {}
        self._gone_scopes: list[int] = []

    def scope_new(self, scope: Any) -> None:
        """Note that a scope was opened."""
        self.new_scopes[scope.id] = scope

    def scope_gone(self, scope: Any) -> None:
        """Note that a scope was closed."""
        self.written.pop(str(scope.id), None)
        if self.new_scopes.pop(scope.id, None) is None:
            self._gone_scopes.append(scope.id)

    def delta(self, workflow: Any) -> dict[str, Any]:
        """Give the change of the workflow since the last call as JSON data."""
        self.first_new_id = workflow.next_id
        delta: dict[str, Any] = {"next": workflow.next_id}
        tokens = self.tokens
        if tokens:
            # New ones in the order of their ids, as they have it in memory, too; never one that has left.
            rows = {str(id): task.row() for id, task in tokens.items() if id in workflow.tasks}
            if rows:
                delta["tokens"] = rows
            tokens.clear()
        if self.gone_tokens:
            delta["gone"], self.gone_tokens = self.gone_tokens, []
        if self.new_scopes:
            delta["scopes"] = {str(scope.id): scope.row() for scope in self.new_scopes.values()}
            self.new_scopes.clear()
        if self.written:
            delta["variables"], self.written = self.written, {}
        if self._gone_scopes:
            delta["gone_scopes"], self._gone_scopes = self._gone_scopes, []
        if self.joins:
            self._write_joins(delta, workflow.scopes)
        if workflow.undo.changed:
            workflow.undo.write(delta)
        if self.memory:
            delta["memory"] = dict(workflow.memory(None))
            self.memory = False
        return delta

    def _write_joins(self, delta: dict[str, Any], scopes: dict[int, Any]) -> None:
        joins = sorted(key for key in self.joins if key[1] in scopes)
        if joins:
            delta["joins"] = {f"{id}|{scope}": dict(scopes[scope].joins.get(id, {})) for id, scope in joins}
        self.joins.clear()

    def clear(self) -> None:
        """Forget everything: what is in memory is what is stored."""
        self.tokens.clear()
        self.joins.clear()
        self.written.clear()
        self.new_scopes.clear()
