"""Data stores: what steps read from them and write to them, and what people look at and set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.bpmn.data_flows import variable_name
from runner.engine.advance import StoredValue
from runner.engine.state import checked_variables, dumps
from runner.errors import DataStoreNotFound, Invalid
from runner.model import DataStoreValue
from runner.runtime import LiveInstance, Runtime
from runner.store import data_stores
from runner.store.transactions import Transaction


def offer(transaction: Transaction, live: LiveInstance) -> None:
    """Let an instance that has data stores see what this transaction sees of them."""
    live.execution.look_up_with(lambda name, changing: data_stores.read(transaction, name, changing=changing))


def withdraw(live: LiveInstance) -> None:
    """Let go of the transaction that is over."""
    live.execution.look_up_with(None)


def apply_stored(transaction: Transaction, instance_id: str, stored: Mapping[str, StoredValue]) -> None:
    """Write what a step has put into data stores."""
    for name, (element_id, value) in stored.items():
        _put(transaction, name, value, writer=(instance_id, element_id))


def list_data_stores(runtime: Runtime) -> tuple[DataStoreValue, ...]:
    """Give the data stores that something was put into, by name."""
    with runtime.database.read() as connection:
        return data_stores.list_all(connection)


def find_data_store(runtime: Runtime, name: str) -> DataStoreValue:
    """Give what is in a data store, by its name as drawn or as a variable. Raises DataStoreNotFound."""
    named = _named(name)
    with runtime.database.read() as connection:
        found = data_stores.find(connection, named)
        if found is None:
            raise DataStoreNotFound(named, data_stores.names(connection))
    return found


def set_data_store(runtime: Runtime, name: str, value: Any) -> DataStoreValue:
    """Put a JSON value into a data store, whatever is in it. Raises Invalid or VariablesInvalid."""
    named = _named(name)
    checked = checked_variables({named: value})[named]
    runtime.database.write(lambda transaction: _put(transaction, named, checked, writer=(None, None)))
    return find_data_store(runtime, named)


def delete_data_store(runtime: Runtime, name: str) -> None:
    """Take away what is in a data store: reading it gives null. Raises DataStoreNotFound."""
    named = _named(name)
    if not runtime.database.write(lambda transaction: data_stores.delete(transaction, named)):
        find_data_store(runtime, named)


def _put(transaction: Transaction, name: str, value: Any, *, writer: tuple[str | None, str | None]) -> None:
    instance_id, element_id = writer
    row = {"name": name, "value": dumps(value), "changed_at": transaction.now}
    data_stores.put(transaction, {**row, "instance_id": instance_id, "element_id": element_id})


def _named(name: str) -> str:
    if not name.strip():
        raise Invalid("Expected the name of a data store, but got none.")
    return variable_name(name, name)
