"""Conditional start events: a process begins when a condition is true of variables that somebody offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.commands.starting import Beginning, begin
from runner.engine.starting import true_starts
from runner.engine.state import checked_variables
from runner.errors import DefinitionNotFound
from runner.model import Definition, Instance
from runner.runtime import Runtime
from runner.store import definitions, instances
from runner.store.database import Command
from runner.store.transactions import Transaction


def evaluate_conditions(
    runtime: Runtime, variables: Mapping[str, Any], *, business_key: str | None = None, key: str | None = None
) -> tuple[Instance, ...]:
    """Start an instance at each conditional start event that is true of these variables, in newest versions only.

    The instances have these variables. With `key` only that process is looked at; a condition that names a variable
    which is not offered is not true. Source: Camunda 7 docs, Conditional Events > Conditional Start Event. Raises
    VariablesInvalid or DefinitionNotFound; then nothing is started.
    """
    checked = checked_variables(dict(variables))
    commands = [
        _start(runtime, Beginning(definition, checked, business_key, element_id, index))
        for definition in _looked_at(runtime, key)
        for element_id, index in true_starts(runtime.definitions.get(definition.id).process, checked)
    ]
    return tuple(runtime.database.write_all(commands)) if commands else ()


def _looked_at(runtime: Runtime, key: str | None) -> tuple[Definition, ...]:
    with runtime.database.read() as connection:
        newest = definitions.newest_of_each(connection)
    found = newest if key is None else tuple(each for each in newest if each.key == key)
    if key is not None and not found:
        raise DefinitionNotFound(key, [each.key for each in newest])
    return found


def _start(runtime: Runtime, beginning: Beginning) -> Command[Instance]:
    def start(transaction: Transaction) -> Instance:
        live = begin(runtime, transaction, beginning, command="evaluate_conditions")
        return instances.from_header(live.header)

    return start
