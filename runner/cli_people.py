"""The commands of `runner` with which people move processes on: tasks, claim, complete, resolve. `cli.py` registers
them and translates errors."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from runner.cli_variables import read_variables, with_variables
from runner.printing import console, print_json
from runner.settings import load_settings

if TYPE_CHECKING:
    from runner.app import Runner
    from runner.handling import HandlerRegistry
    from runner.model import UserTask

_database = click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
_handlers = click.option(
    "--handlers", multiple=True, metavar="MODULE|FILE.py", help="Where the handlers are; repeatable (RUNNER_HANDLERS)."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.command()
@click.option("--assignee", metavar="USER", help="Only those that this person has.")
@click.option("--group", metavar="GROUP", help="Only those that this group may claim.")
@click.option("--user", metavar="USER", help="Only those that this person has, or may claim by name.")
@click.option("--instance", metavar="INSTANCE", help="Only those of this instance.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@_database
@_json
@click.pass_context
def tasks(context: click.Context, /, as_json: bool, database: str | None, **options: Any) -> None:
    """List open user tasks, the most important first.

    `runner complete TASK` ends one."""
    context.obj["json"] = as_json
    with _open(database) as opened:
        instance_id = opened.instance(options["instance"]).id if options["instance"] else None
        wanted = {name: options[name] for name in ("assignee", "group", "user", "limit")}
        found = opened.user_tasks(instance_id=instance_id, **wanted)
    if as_json:
        print_json({"user_tasks": [user_task_json(each) for each in found]})
        return
    table = Table("user task", "name", "who", "due", "created", box=None)
    for each in found:
        due = "" if each.due_at is None else each.due_at.isoformat(sep=" ", timespec="minutes")
        created = each.created_at.isoformat(sep=" ", timespec="seconds")
        table.add_row(each.id, escape(each.name), escape(_who(each)), due, created)
    console().print(table)


@click.command()
@click.argument("task")
@click.option("--user", required=True, metavar="USER", help="Who takes it.")
@_database
def claim(task: str, user: str, database: str | None) -> None:
    """Take a user task: nobody else can complete it then.

    TASK is an id or the beginning of one. An empty --user gives it back."""
    with _open(database) as opened:
        taken = opened.claim_user_task(task, user) if user else opened.unclaim_user_task(task)
    click.echo(f"{taken.id} is with {taken.assignee}." if taken.assignee else f"{taken.id} is free.")


@click.command()
@click.argument("task")
@with_variables
@click.option("--user", metavar="USER", help="Who has done it.")
@click.option("--error", metavar="CODE", help="End it with this BPMN error instead.")
@click.option("--escalation", metavar="CODE", help="Throw this escalation out of it instead.")
@_handlers
@_database
@_json
@click.pass_context
def complete(context: click.Context, /, task: str, as_json: bool, **options: Any) -> None:
    """Complete a user task with results.

    Its form has to be filled in as it asks; the form's models are found where the handlers are.

    \\b
      runner complete 01KB --var approved=true --user ash
    """
    context.obj["json"] = as_json
    variables = read_variables(options["pairs"], options["files"])
    how = {name: options[name] for name in ("user", "error", "escalation")}
    with _open(options["database"], _models(options["handlers"])) as opened:
        done = opened.complete_user_task(task, variables, **how)
    if as_json:
        print_json(user_task_json(done))
    else:
        click.echo(f"{done.id} is {str(done.state).replace('_', ' ')}.")


@click.command()
@click.argument("instance")
@click.option(
    "--incident", type=int, metavar="N", help="Which one, if there are several; `runner show` has the numbers."
)
@with_variables
@click.option("--skip", is_flag=True, help="Let the element be over with the variables as its results.")
@_database
def resolve(instance: str, incident: int | None, skip: bool, **options: Any) -> None:
    """Resolve an incident: try again, or skip its element.

    --var changes variables of the process first; with --skip they are the results of the element, whose work is not
    done."""
    variables = read_variables(options["pairs"], options["files"])
    with _open(options["database"]) as opened:
        found = opened.instance(instance)
        found.resolve(incident, variables, skip=skip)
    click.echo(f"{found.id} goes on without it." if skip else f"{found.id} is tried again by the next worker.")


PEOPLE = (tasks, claim, complete, resolve)


def user_task_json(task: UserTask) -> dict[str, Any]:
    """Give a user task as JSON data."""
    return {
        "id": task.id,
        "instance_id": task.instance_id,
        "element_id": task.element_id,
        "name": task.name,
        "state": task.state,
        "assignee": task.assignee,
        "candidate_users": list(task.candidate_users),
        "candidate_groups": list(task.candidate_groups),
        "priority": task.priority,
        "due_at": task.due_at and task.due_at.isoformat(),
        "follow_up_at": task.follow_up_at and task.follow_up_at.isoformat(),
        "form": task.form,
        "created_at": task.created_at.isoformat(),
        "ended_at": task.ended_at and task.ended_at.isoformat(),
        "ended_by": task.ended_by,
    }


def _who(task: UserTask) -> str:
    if task.assignee is not None:
        return task.assignee
    return "free: " + (", ".join((*task.candidate_users, *task.candidate_groups)) or "anybody")


def _models(named: tuple[str, ...]) -> HandlerRegistry:
    """Load the handlers that are named, by an option or a setting; where nobody named any there may be none."""
    from runner.handling import HandlerRegistry

    settings = load_settings({"handlers": named or None})[0]
    return HandlerRegistry.load(settings.handlers, optional=settings.handlers_by_default)


def _open(database: str | None, models: HandlerRegistry | None = None) -> Runner:
    settings = load_settings({"database": database})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    from runner.app import Runner  # the engine is slow to import; `runner --help` must not wait for it

    return Runner(handlers=() if models is None else (models,), settings=settings, work=False)
