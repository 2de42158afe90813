"""The command `runner definitions`: what is deployed. `cli.py` registers it and translates errors."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from runner.printing import console, print_json
from runner.settings import load_settings

if TYPE_CHECKING:
    from runner.commands.deployed import Deployed

_KINDS = ("process", "decision", "form")


@click.command()
@click.option("--kind", type=click.Choice(_KINDS), help="Only these.")
@click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.pass_context
def definitions(context: click.Context, /, kind: str | None, database: str | None, as_json: bool) -> None:
    """List what is deployed: processes, decisions, forms.

    Each with its newest version, and how many instances of a process (of all its versions) are active or have an
    incident. `runner deploy FILE` adds to it."""
    context.obj["json"] = as_json
    settings = load_settings({"database": database})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    from runner.app import Runner  # the engine is slow to import; `runner --help` must not wait for it
    from runner.commands.deployed import list_deployed

    with Runner(handlers=(), settings=settings, work=False) as opened:
        found = [each for each in list_deployed(opened.runtime) if kind in (None, each.kind)]
    if as_json:
        print_json({"definitions": [_json(each) for each in found]})
    elif found:
        _print(found)
    else:
        click.echo(f"No {kind or 'process, decision or form'} is deployed yet: runner deploy FILE")


def _json(deployed: Deployed) -> dict[str, Any]:
    definition, instances = deployed.definition, deployed.instances
    return {
        "kind": deployed.kind,
        "key": definition.key,
        "version": definition.version,
        "name": definition.name,
        "source": definition.source,
        "content_hash": definition.content_hash,
        "deployed_at": definition.deployed_at.isoformat(),
        **({} if instances is None else {"instances": instances}),
    }


def _print(found: list[Deployed]) -> None:
    table = Table("kind", "key", "version", "name", "file", "deployed", "instances", box=None)
    for each in found:
        definition = each.definition
        table.add_row(
            each.kind,
            escape(definition.key),
            str(definition.version),
            escape(definition.name),
            escape(definition.source),
            definition.deployed_at.isoformat(sep=" ", timespec="seconds"),
            _counted(each.instances),
        )
    console().print(table)


def _counted(instances: dict[str, int] | None) -> str:
    if instances is None:
        return ""
    incidents = instances["incidents"]
    with_incident = f", [red]{incidents} with an incident[/red]" if incidents else ""
    return f"{instances['active']} active{with_incident}"
