"""Where variables and tokens live: one scope per process, sub-process, repetition and activity with mappings of its
own, each inside its parent.

SpiffWorkflow copies data from task to task, which loses updates where branches meet; here all tokens of a scope share
it. Every write goes through `write`, so that a change costs what changed and not what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.engine.changes import Changes
from runner.expressions.moment import Moment


class Scope(Mapping[str, Any]):
    """The variables visible at one place: its own, then its parents'. Reading is a mapping; writing is explicit.

    `owner` is the token that opened the scope (0: the process itself). `tokens` are those that move inside it, by id;
    `inner` the scopes inside it; `joins` what has arrived so far at its joins: element id -> flow id -> tokens.
    `changes` and `moment` are the instance's: what was written, and the time of its step, for the expressions that are
    evaluated in it. With `past`, its variables are those of an earlier step: they are read here, and changed here and
    where they are now.
    """

    __slots__ = (
        "changes",
        "element_id",
        "id",
        "inner",
        "joins",
        "moment",
        "owner",
        "parent",
        "past",
        "tokens",
        "variables",
    )

    def __init__(
        self,
        id: int,
        parent: Scope | None,
        element_id: str,
        variables: dict[str, Any],
        changes: Changes,
        moment: Moment,
    ) -> None:
        self.id = id
        self.parent = parent
        self.element_id = element_id
        self.variables = variables
        self.changes = changes
        self.moment = moment
        self.owner = 0
        self.past = False
        self.tokens: dict[int, Any] = {}
        self.inner: dict[int, Scope] = {}
        self.joins: dict[str, dict[str, int]] = {}
        if parent is not None:
            parent.inner[id] = self

    def __getitem__(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.parent
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return True
            scope = scope.parent
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.visible())

    def __len__(self) -> int:
        return len(self.visible())

    def visible(self) -> dict[str, Any]:
        """Give every variable that can be seen here, the inner one where two have the same name."""
        return self.variables if self.parent is None else {**self.parent.visible(), **self.variables}

    def row(self) -> list[Any]:
        """Give the scope as JSON data: parent id or None, element id, own variables (copied one level deep), owner."""
        row: list[Any] = [None if self.parent is None else self.parent.id, self.element_id, dict(self.variables)]
        return [*row, self.owner] if self.owner else row

    def set(self, name: str, value: Any) -> None:
        """Write into this very scope."""
        self.write({name: value})

    def write(self, variables: Mapping[str, Any]) -> None:
        """Write several variables into this very scope."""
        if not variables:
            return
        self.variables.update(variables)
        changes = self.changes
        changes.writes += 1
        if self.id not in changes.new_scopes:  # those are written whole
            changes.written.setdefault(str(self.id), {}).update(variables)

    def propagate(self, variables: Mapping[str, Any]) -> None:
        """Write each variable where it is defined, from here outward; an unknown one goes to the outermost scope.

        Source: Camunda 8 docs, Concepts > Variables > Variable propagation.
        """
        if self.parent is None:
            self.write(variables)
            return
        for name, value in variables.items():
            scope = self
            while scope.parent is not None and not scope._keeps(name):
                if name in scope.variables:
                    scope.set(name, value)
                scope = scope.parent
            scope.set(name, value)

    def _keeps(self, name: str) -> bool:
        """Tell whether a variable is defined in this very scope, and in a `past` one nowhere else."""
        return name in self.variables and not (self.past and self.parent is not None and name in self.parent)
