"""What can be seen from a place in an instance: the variables that an expression there would be evaluated with."""

from __future__ import annotations

from typing import Any

from runner.commands.instances import find_instance
from runner.engine.elements.element import element_of
from runner.engine.state import empty_state, fold
from runner.errors import Invalid, near_hint
from runner.runtime import Runtime
from runner.store import instances


def visible_variables(
    runtime: Runtime, instance_id: str, *, at: int | None = None, element_id: str | None = None
) -> dict[str, Any]:
    """Give the variables of an instance (as of step `at`): the process's, or those that the token at an element sees.

    Raises InstanceNotFound, or Invalid if no token stands there, or several do that do not see the same.
    """
    instance = find_instance(runtime, instance_id)
    with runtime.database.read_one_moment() as connection:
        snapshot, deltas = instances.read_log(connection, instance.id, until=at)
    state = fold(snapshot or empty_state(), deltas)
    if element_id is None:
        return _visible(state, 0)
    # What an activity has opened for itself, its mapped inputs among it, is seen by what runs in it.
    own = {scope[3]: int(id) for id, scope in state["scopes"].items() if scope[3:]}
    scopes: dict[str, list[int]] = {}
    for token, row in state["tokens"].items():
        scopes.setdefault(element_of(row[0]), []).append(own.get(int(token), row[2]))
    if element_id not in scopes:
        near = near_hint(element_id, scopes) or f" Tokens are at: {', '.join(sorted(scopes)) or 'no element'}."
        raise Invalid(f"Expected a token at '{element_id}', but there is none.{near}")
    seen = [_visible(state, scope) for scope in scopes[element_id]]
    if any(each != seen[0] for each in seen):
        raise Invalid(
            f"Expected one token at '{element_id}', but there are {len(seen)} that see different variables. "
            "Leave --element out to see the variables of the process."
        )
    return seen[0]


def _visible(state: dict[str, Any], scope_id: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    scope = state["scopes"].get(str(scope_id))
    while scope is not None:
        found = {**scope[2], **found}
        scope = None if scope[0] is None else state["scopes"].get(str(scope[0]))
    return found
