"""The commands of `runner` for whoever operates the store: definitions, verify, backup, stats, archive. `cli.py`
registers them and translates errors."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from runner.errors import SettingsInvalid
from runner.printing import console, print_json
from runner.settings import Settings, load_settings

if TYPE_CHECKING:
    from runner.app import Runner
    from runner.commands.definitions import DefinitionOverview
    from runner.commands.deployed import DeployedDefinition
    from runner.commands.verification import Verification
    from runner.store.counts import Counts

CLEAN, VIOLATED = 0, 1

_database = click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.command()
@click.option("--kind", type=click.Choice(("process", "decision", "form")), help="Only these.")
@_database
@_json
@click.pass_context
def definitions(context: click.Context, /, kind: str | None, database: str | None, as_json: bool) -> None:
    """List what is deployed: processes, decisions, forms.

    Each with its newest version, and how many instances of a process (of all its versions) are active or have an
    incident. `runner deploy FILE` adds to it."""
    context.obj["json"] = as_json
    from runner.commands import deployed  # the engine is slow to import; `runner --help` must not wait for it

    with _open(_settings(database)) as opened:
        found = [each for each in deployed.list_deployed(opened.runtime) if kind in (None, each.kind)]
    if as_json:
        print_json({"definitions": [_definition_json(each) for each in found]})
    elif found:
        _print_definitions(found)
    else:
        click.echo(f"No {kind or 'process, decision or form'} is deployed yet: runner deploy FILE")


@click.command()
@_database
@_json
@click.pass_context
def verify(context: click.Context, /, database: str | None, as_json: bool) -> None:
    """Check that all that is stored fits together.

    Replays the log of every instance and compares it with jobs, incidents and snapshots, as they are at one moment;
    others may go on working. Exit status 1 if something does not fit; each finding says what to do."""
    context.obj["json"] = as_json
    from runner.commands import verification  # see `definitions`

    with _open(_settings(database)) as opened:
        result = verification.verify(opened.runtime)
    if as_json:
        findings = [asdict(each) for each in result.violations]
        print_json({"checked": dict(result.checked), "invariants": verification.INVARIANTS, "violations": findings})
    else:
        _print_verification(result, verification.INVARIANTS)
    context.exit(VIOLATED if result.violations else CLEAN)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_database
@_json
@click.pass_context
def backup(context: click.Context, /, file: Path, database: str | None, as_json: bool) -> None:
    """Copy the database to FILE while it is in use.

    FILE is a new SQLite database, whatever the original is: `--database sqlite:///FILE` opens it. It appears when it is
    whole; a file that exists is not overwritten."""
    context.obj["json"] = as_json
    from runner.commands import upkeep

    with _open(_settings(database)) as opened:
        size = upkeep.back_up(opened.runtime, file)
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        click.echo(f"{file}: {_size(size)}. `runner verify --database sqlite:///{file}` checks it.")


@click.command()
@_database
@_json
@click.pass_context
def stats(context: click.Context, /, database: str | None, as_json: bool) -> None:
    """Count what is stored, and how large it is."""
    context.obj["json"] = as_json
    from runner.commands import upkeep

    with _open(_settings(database)) as opened:
        counts = upkeep.count(opened.runtime)
    if as_json:
        found = asdict(counts)
        if counts.oldest_job is not None:
            found["oldest_job"]["due_at"] = counts.oldest_job.due_at.isoformat()
        print_json(found)
    else:
        _print_counts(counts)


@click.command()
@click.option(
    "--older-than-days",
    "days",
    type=click.FloatRange(0, 36_500),
    metavar="N",
    help="Days since the end (RUNNER_ARCHIVE_AFTER_DAYS).",
)
@_database
@_json
@click.pass_context
def archive(context: click.Context, /, days: float | None, database: str | None, as_json: bool) -> None:
    """Pack instances that ended long ago.

    Each becomes one compressed row; it stays listed and `runner show` shows it as before. Others may go on working. The
    instance that moved last of all stays as it is."""
    context.obj["json"] = as_json
    from runner.commands import upkeep

    settings = _settings(database)
    after = settings.archive_after if days is None else timedelta(days=days)
    if after is None:
        raise SettingsInvalid(
            "Expected --older-than-days or the setting 'archive_after_days', but neither says what to archive."
        )
    number = 0
    with _open(settings) as opened:
        while some := upkeep.archive_ended(opened.runtime, after):
            number += some
    if as_json:
        print_json({"archived": number})
    else:
        click.echo(f"{number} instances archived.")


OPERATIONS = (definitions, verify, backup, stats, archive)


def _settings(database: str | None) -> Settings:
    settings = load_settings({"database": database})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    return settings


def _open(settings: Settings) -> Runner:
    from runner.app import Runner

    return Runner(handlers=(), settings=settings, work=False)


def _definition_json(deployed: DeployedDefinition) -> dict[str, Any]:
    found, overview = deployed.definition, deployed.overview
    told: dict[str, Any] = {
        "kind": deployed.kind,
        "key": found.key,
        "version": found.version,
        "name": found.name,
        "source": found.source,
        "content_hash": found.content_hash,
        "deployed_at": found.deployed_at.isoformat(),
    }
    if overview is not None:
        counts = {"active": overview.active, "completed": overview.completed, "incidents": overview.incidents}
        told["instances"] = counts
    return told


def _print_definitions(found: list[DeployedDefinition]) -> None:
    table = Table("kind", "key", "version", "name", "file", "deployed", "instances", box=None)
    for each in found:
        definition = each.definition
        texts = map(escape, (definition.key, str(definition.version), definition.name, definition.source))
        deployed_at = definition.deployed_at.isoformat(sep=" ", timespec="seconds")
        table.add_row(each.kind, *texts, deployed_at, "" if each.overview is None else _counted(each.overview))
    console().print(table)


def _counted(overview: DefinitionOverview) -> str:
    incidents = f", [red]{overview.incidents} with an incident[/red]" if overview.incidents else ""
    return f"{overview.active} active{incidents}"


def _print_verification(result: Verification, invariants: dict[str, str]) -> None:
    out = console()
    out.print("Checked: " + ", ".join(f"{number} {noun.replace('_', ' ')}" for noun, number in result.checked.items()))
    table = Table(box=None, show_header=False)
    for name, meaning in invariants.items():
        number = sum(1 for each in result.violations if each.invariant == name)
        table.add_row(name, meaning, f"[red]{number} violations[/red]" if number else "[green]holds[/green]")
    out.print(table)
    for each in result.violations:
        place = f" instance {each.instance_id}:" if each.instance_id else ""
        out.print(f"[red]{each.invariant}[/red]{place} {escape(each.message)} {escape(each.advice)}")


def _print_counts(counts: Counts) -> None:
    out = console()
    table = Table("table", "rows", "size", box=None)
    for name, size in counts.tables.items():
        table.add_row(name, str(size.rows), "unknown" if size.bytes is None else _size(size.bytes))
    out.print(table)
    lines: dict[str, Any] = {
        "instances": _listed(counts.instances) + (f" (archived: {counts.archived})" if counts.archived else ""),
        "jobs": _listed(counts.jobs),
        "waits": _listed(counts.waits),
        "messages": _listed(counts.messages),
        "open incidents": _listed(counts.open_incidents),
        "longest log": f"{counts.steps_at_most} steps, instance {counts.longest_instance}",
        "database": _size(counts.database_bytes),
    }
    job = counts.oldest_job
    if job is not None:
        due = job.due_at.isoformat(sep=" ", timespec="seconds")
        lines["first in the queue"] = f"'{job.topic}' at {job.element_id}, due {due}, instance {job.instance_id}"
    for name, line in lines.items():
        out.print(f"{name}: {escape(line)}")


def _listed(numbers: Any) -> str:
    return ", ".join(f"{number} {name}" for name, number in numbers.items()) or "none"


def _size(number: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
