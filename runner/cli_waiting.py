"""The commands of `runner` for what processes wait for: message, messages, signal, conditions. `cli.py` registers
them and translates errors."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from runner.bpmn.durations import parse_duration
from runner.cli_variables import read_variables, with_variables
from runner.printing import console, print_json
from runner.settings import load_settings

if TYPE_CHECKING:
    from runner.app import Runner
    from runner.model import Message

_database = click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.command()
@click.argument("name")
@click.option("--key", default="", metavar="TEXT", help="Which of those that wait is meant (correlation key).")
@with_variables
@click.option("--ttl", metavar="DURATION", help="How long it is kept if nobody waits, e.g. PT1H; PT0S: not at all.")
@click.option("--id", "message_id", metavar="TEXT", help="A message with this id is published once within its time.")
@click.option("--business-key", metavar="TEXT", help="Only instances with this business key are meant.")
@_database
@_json
@click.pass_context
def message(context: click.Context, /, name: str, as_json: bool, **options: Any) -> None:
    """Publish a message: it starts or continues one instance.

    If nobody waits for it, it is kept for its time to live, and the nearest subscriptions are named.

    \\b
      runner message PaymentReceived --key 4711 --var amount=12.5
    """
    context.obj["json"] = as_json
    variables = read_variables(options["pairs"], options["files"])
    ttl = None if options["ttl"] is None else parse_duration(options["ttl"])
    with _open(options["database"]) as opened:
        published = opened.publish_message(
            name,
            options["key"],
            variables,
            ttl=ttl,
            message_id=options["message_id"],
            business_key=options["business_key"],
        )
    if as_json:
        print_json(message_json(published))
    else:
        click.echo(_sentence(published))


@click.command()
@click.option("--state", type=click.Choice(["sent", "waiting", "delivered", "expired"]))
@click.option("--name", metavar="NAME", help="Only messages of this name.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_database
@_json
@click.pass_context
def messages(context: click.Context, /, as_json: bool, database: str | None, **options: Any) -> None:
    """List messages, newest first.

    Each says what became of it; one that nobody took, which subscriptions come near and what differs."""
    context.obj["json"] = as_json
    with _open(database) as opened:
        found = opened.messages(state=options["state"], name=options["name"], limit=options["limit"])
    if as_json:
        print_json({"messages": [message_json(each) for each in found]})
        return
    table = Table("message", "key", "state", "published", "what became of it", box=None)
    for each in found:
        published = each.published_at.isoformat(sep=" ", timespec="seconds")
        table.add_row(escape(each.name), escape(each.key), each.state, published, escape(_fate(each)))
    console().print(table)


@click.command()
@click.argument("name")
@with_variables
@_database
@_json
@click.pass_context
def signal(context: click.Context, /, name: str, as_json: bool, database: str | None, **options: Any) -> None:
    """Broadcast a signal to all that wait for it now.

    A signal is not kept: what begins to wait later does not get it."""
    context.obj["json"] = as_json
    variables = read_variables(options["pairs"], options["files"])
    with _open(database) as opened:
        broadcast = opened.broadcast_signal(name, variables)
    if as_json:
        print_json({"id": broadcast.id, "name": broadcast.name, "reached": broadcast.reached})
    else:
        click.echo(f"'{name}' reached {broadcast.reached} that waited for it.")


@click.command()
@with_variables
@click.option("--process", "key", metavar="KEY", help="Only this process.")
@click.option("--business-key", metavar="TEXT", help="The business key of what is started.")
@_database
@_json
@click.pass_context
def conditions(context: click.Context, /, as_json: bool, database: str | None, **options: Any) -> None:
    """Start what a condition starts.

    Each process begins whose newest version has a conditional start event that is true of the variables.

    \b
      runner conditions --var temperature=41.5
    """
    context.obj["json"] = as_json
    variables = read_variables(options["pairs"], options["files"])
    with _open(database) as opened:
        found = opened.evaluate_conditions(variables, business_key=options["business_key"], key=options["key"])
        started = [each.view().instance for each in found]
    if as_json:
        print_json({"started": [{"id": each.id, "key": each.key, "version": each.version} for each in started]})
        return
    for each in started:
        click.echo(f"{each.key} (version {each.version}) is started: {each.id}.")
    if not started:
        click.echo("No condition is true: nothing is started.")


WAITING = (message, messages, signal, conditions)


def message_json(message: Message) -> dict[str, Any]:
    """Give a message as JSON data."""
    return {
        "id": message.id,
        "name": message.name,
        "key": message.key,
        "business_key": message.business_key,
        "message_id": message.message_id,
        "state": message.state,
        "published_at": message.published_at.isoformat(),
        "expires_at": message.expires_at.isoformat(),
        "variables": message.variables,
        "sender": message.sender and {"instance_id": message.sender[0], "element_id": message.sender[1]},
        "instance_id": message.instance_id,
        "element_id": message.element_id,
        "started": message.started,
        "problem": message.problem or None,
    }


def _sentence(message: Message) -> str:
    return f"Message {message.id} '{message.name}' is {message.state}: {_fate(message)}"


def _fate(message: Message) -> str:
    if message.instance_id is not None:
        did = "started" if message.started else "continued"
        return f"it {did} instance {message.instance_id} at {message.element_id}."
    until = f" It is kept until {message.expires_at.isoformat(sep=' ', timespec='seconds')}."
    return f"{message.problem or 'it is on its way.'}{until if message.state == 'waiting' else ''}"


def _open(database: str | None) -> Runner:
    settings = load_settings({"database": database})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    from runner.app import Runner  # the engine is slow to import; `runner --help` must not wait for it

    return Runner(handlers=(), settings=settings, work=False)
