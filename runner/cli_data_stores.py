"""The commands of `runner data`: look at the data stores that processes share, and set them by hand. `cli.py` registers
them and translates errors."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from runner.cli_variables import read_value
from runner.printing import console, print_json
from runner.settings import load_settings

if TYPE_CHECKING:
    from runner.app import Runner
    from runner.model import DataStoreValue

_database = click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.group()
def data() -> None:
    """Look at data stores, and set them.

    A data store keeps one JSON value under its name, for all processes and instances."""


@data.command(name="list")
@_database
@_json
@click.pass_context
def list_all(context: click.Context, /, as_json: bool, database: str | None) -> None:
    """List all data stores that something was put into."""
    context.obj["json"] = as_json
    with _open(database) as opened:
        found = opened.data_stores()
    if as_json:
        print_json({"data_stores": [store_json(each) for each in found]})
        return
    table = Table("data store", "value", "changed", "by", box=None)
    for each in found:
        changed = each.changed_at.isoformat(sep=" ", timespec="seconds")
        table.add_row(escape(each.name), escape(_brief(each.value)), changed, escape(_writer(each)))
    console().print(table)


@data.command(name="get")
@click.argument("name")
@_database
@_json
@click.pass_context
def get(context: click.Context, /, name: str, as_json: bool, database: str | None) -> None:
    """Print what is in a data store, as JSON.

    With --json also who changed it, and when."""
    context.obj["json"] = as_json
    with _open(database) as opened:
        found = opened.data_store(name)
    if as_json:
        print_json(store_json(found))
    else:
        click.echo(json.dumps(found.value, indent=2, ensure_ascii=False))


@data.command(name="set")
@click.argument("name")
@click.argument("value")
@_database
@_json
@click.pass_context
def put(context: click.Context, /, name: str, value: str, as_json: bool, database: str | None) -> None:
    """Put a value into a data store, in place of what is there.

    VALUE is JSON, else text.

    \b
      runner data set stock 12
      runner data set prices '{"apple": 0.5}'
    """
    context.obj["json"] = as_json
    with _open(database) as opened:
        stored = opened.set_data_store(name, read_value(value))
    if as_json:
        print_json(store_json(stored))
    else:
        click.echo(f"Data store '{stored.name}' is {_brief(stored.value)}.")


@data.command(name="delete")
@click.argument("name")
@_database
def delete(name: str, database: str | None) -> None:
    """Empty a data store: who reads it gets null."""
    with _open(database) as opened:
        opened.delete_data_store(name)
    click.echo(f"Data store '{name}' is empty.")


def store_json(store: DataStoreValue) -> dict[str, Any]:
    """Give a data store as JSON data."""
    return {
        "name": store.name,
        "value": store.value,
        "revision": store.revision,
        "changed_at": store.changed_at.isoformat(),
        "instance_id": store.instance_id,
        "element_id": store.element_id,
    }


def _writer(store: DataStoreValue) -> str:
    return "a person" if store.instance_id is None else f"{store.element_id} in {store.instance_id}"


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _open(database: str | None) -> Runner:
    settings = load_settings({"database": database})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    from runner.app import Runner  # the engine is slow to import; `runner --help` must not wait for it

    return Runner(handlers=(), settings=settings, work=False)
