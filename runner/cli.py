"""The `runner` command: parses, calls one command, prints. Exit status: 0 done, 1 ended otherwise or incident,
2 refused input, 3 timeout."""

from __future__ import annotations

import logging
import os.path
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

import runner
from runner import printing
from runner.cli_data_stores import data
from runner.cli_decisions import decide
from runner.cli_modeling import MODELING
from runner.cli_operations import OPERATIONS
from runner.cli_people import PEOPLE
from runner.cli_pictures import PICTURES
from runner.cli_variables import read_variables, with_variables
from runner.cli_waiting import WAITING
from runner.errors import DiagramUnreadable, Finding, FormInvalid, Invalid, RunnerError
from runner.settings import Settings, load_settings

OK, ENDED_OTHERWISE, REFUSED, TIMED_OUT = 0, 1, 2, 3
# Versions are 32-bit columns and no log has more steps: beyond is a sentence here, not an overflow in the database.
MOST = 2**31 - 1


class Group(click.Group):
    """Translates the runner's errors, once, into one sentence and an exit status."""

    def invoke(self, context: click.Context) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(context)
        except RunnerError as error:
            if context.obj and context.obj.get("json"):
                wrong = {"fields": [asdict(flaw) for flaw in error.flaws]} if isinstance(error, FormInvalid) else {}
                printing.print_json({"error": {"code": error.code, "message": str(error), **wrong}})
            click.echo(f"runner: {error}", err=True)
            context.exit(REFUSED)


def main() -> None:
    """Run the command line; handler modules beside the caller can be imported, as with `python -m`."""
    sys.path.insert(0, str(Path.cwd()))
    cli(prog_name="runner")


_database = click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
_handlers = click.option(
    "--handlers", multiple=True, metavar="MODULE|FILE.py", help="Where the handlers are; repeatable (RUNNER_HANDLERS)."
)
_threads = click.option(
    "--threads", type=int, metavar="NUMBER", help="Handlers that run at the same time (RUNNER_THREADS)."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(runner.__version__, prog_name="runner")
@click.pass_context
def cli(context: click.Context) -> None:
    """Run business processes drawn in a BPMN modeler.

    Draw a process, write a Python function for each service task, and run the file as it is:

    \b
      runner check processes/capture.bpmn        does it run as drawn?
      runner run processes/capture.bpmn --vars examples/capture.json
      runner serve                               pages, workers, and the processes folder watched

    A run that waits or fails keeps its place: `runner instances` finds it, `runner show INSTANCE` says what it waits
    for, `runner retry INSTANCE` tries again. Settings come from runner.toml and RUNNER_… variables; `runner settings`
    shows them. Exit status: 0 completed, 1 ended otherwise or incident, 2 refused input, 3 timeout.
    """
    context.obj = {"json": False}


@cli.command()
@click.argument("what", metavar="FILE|KEY")
@click.option("--process", metavar="KEY", help="Which process of a file that has several.")
@with_variables
@_handlers
@_database
@click.option("--business-key", metavar="TEXT", help="Your own name for this run.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting (not the run).")
@_json
@click.pass_context
def run(context: click.Context, /, what: str, as_json: bool, **options: Any) -> None:
    """Run a process and show each step.

    Deploys FILE (unchanged content makes no new version) or takes the newest version of KEY, starts an instance, and
    works until it ends.

    \b
      runner run processes/capture.bpmn --vars examples/capture.json
      runner run order.bpmn --handlers shop.py --var amount=12.5 --json
    """
    context.obj["json"] = as_json
    variables = read_variables(options["pairs"], options["files"])
    settings = settings_of(options)
    from runner.running import run_to_end  # the engine is slow to import; `runner --help` must not wait for it

    context.exit(
        run_to_end(
            settings,
            what,
            variables,
            process=options["process"],
            business_key=options["business_key"],
            show=(printing.JsonShow if as_json else printing.StepShow)(options["timeout"]),
        )
    )


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_handlers
@_database
@_json
@click.pass_context
def deploy(context: click.Context, /, files: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Store diagrams, or say why they cannot run."""
    context.obj["json"] = as_json
    with _open(options, work=False) as opened:
        deployments = opened.deploy(*files)
    if as_json:
        printing.print_json({"deployments": [printing.deployment_json(each) for each in deployments]})
    for deployment in [] if as_json else deployments:
        printing.print_deployment(deployment)


@cli.command()
@click.argument("key")
@with_variables
@click.option("--version", type=click.IntRange(1, MOST), metavar="N", help="An older version than the newest.")
@click.option("--business-key", metavar="TEXT", help="Your own name for this run.")
@_database
@_json
@click.pass_context
def start(context: click.Context, /, key: str, as_json: bool, **options: Any) -> None:
    """Start an instance and leave its work to others.

    `runner serve` or `runner worker` on the same database runs its jobs. Prints the instance's id."""
    context.obj["json"] = as_json
    variables = read_variables(options["pairs"], options["files"])
    with _open(options, work=False, handlers=()) as opened:
        instance = opened.start(key, variables, version=options["version"], business_key=options["business_key"])
        if as_json:
            printing.print_json(printing.result_json(instance.view()))
        else:
            click.echo(instance.id)


@cli.command(name="instances")
@click.option("--key", metavar="KEY", help="Only of this process.")
@click.option("--state", type=click.Choice(["active", "suspended", "completed", "terminated"]))
@click.option("--problem", type=click.Choice(["incident", "retrying"]))
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_database
@_json
@click.pass_context
def list_instances(context: click.Context, /, as_json: bool, limit: int, **options: Any) -> None:
    """List instances, newest first."""
    context.obj["json"] = as_json
    from runner.commands import instances

    with _open(options, work=False, handlers=()) as opened:
        wanted = {name: options[name] for name in ("key", "state", "problem")}
        page = instances.list_instances(opened.runtime, **wanted, limit=limit)
    printing.print_instances(page.instances, page.total, as_json=as_json)


@cli.command()
@click.argument("instance")
@click.option("--at", type=click.IntRange(0, MOST), metavar="STEP", help="As it was after this step of the log.")
@click.option("--limit", type=click.IntRange(1, MOST), metavar="STEPS", help="History of so many newest steps only.")
@_database
@_json
@click.pass_context
def show(
    context: click.Context, /, instance: str, at: int | None, limit: int | None, as_json: bool, **options: Any
) -> None:
    """Show an instance: tokens, variables, history.

    INSTANCE is an id or the beginning of one. Says for each token what it waits for."""
    context.obj["json"] = as_json
    with _open(options, work=False, handlers=()) as opened:
        view = opened.instance(instance).view(at=at, newest=limit)
    printing.print_view(view, as_json=as_json)


@cli.command()
@click.argument("instance")
@with_variables
@_database
@click.pass_context
def retry(context: click.Context, /, instance: str, **options: Any) -> None:
    """Try an instance's failed work again, now.

    Takes what has an incident or waits for its next attempt; --var changes variables first."""
    variables = read_variables(options["pairs"], options["files"])
    with _open(options, work=False, handlers=()) as opened:
        found = opened.instance(instance)
        found.retry(variables)
    click.echo(f"{found.id} is tried again by the next worker.")


@cli.command()
@click.argument("instance")
@click.option("--compensate", is_flag=True, help="First undo all that has completed, newest first.")
@_database
def cancel(instance: str, compensate: bool, **options: Any) -> None:
    """End an instance now; its jobs are canceled.

    With --compensate its compensation handlers run before; `runner check --undo` says what has none."""
    with _open(options, work=False, handlers=()) as opened:
        found = opened.instance(instance)
        found.cancel(compensate=compensate)
        ended = found.state == "terminated"
    click.echo(f"{found.id} is terminated." if ended else f"{found.id} is being undone; then it is terminated.")


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--undo", is_flag=True, help="Say, too, which steps have no undo.")
@click.option("--as-executable", is_flag=True, help="As if every process were marked executable.")
@click.option("--findings", "briefly", is_flag=True, help="Leave out the list of all elements and attributes.")
@_handlers
@_json
@click.pass_context
def check(context: click.Context, /, files: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Say what deploying would say, storing nothing.

    FILE holds processes (.bpmn), decisions (.dmn) or a form (.form); of a folder all such files are checked. Each
    finding names its rule and that rule's source. Each element and each vendor attribute is listed as executed,
    emulated (its effect is had by other means), refused, or documentation only.

    Exit status 2 if a file is refused, or has no executable process: what BPMN forbids in it is said nevertheless, and
    --as-executable says what it lacks."""
    context.obj["json"] = as_json
    from runner.bpmn.check import check_diagram
    from runner.bpmn.listing import list_parts
    from runner.bpmn.read import read_diagram
    from runner.bpmn.undoing import steps_without_undo
    from runner.bpmn.xml import load_file
    from runner.clock import SystemClock
    from runner.commands.building import check_built
    from runner.decisions import is_decision_file, load_decisions
    from runner.forms.camunda import is_form_file, read_camunda_form
    from runner.handling import HandlerRegistry
    from runner.printing_verdicts import Checked, print_checked
    from runner.scripts.handlers import Scripts
    from runner.templates.files import template_fits

    settings = settings_of(options)
    registry = HandlerRegistry.load(
        (*settings.handlers, *Scripts(settings.scripts).handlers), optional=settings.handlers_by_default
    )
    checked = []
    for name in _with_folders(files):
        try:
            if is_decision_file(Path(name)):
                checked.append(Checked(name, load_decisions(name).findings))
                continue
            if is_form_file(Path(name)):
                checked.append(Checked(name, read_camunda_form(load_file(Path(name))).findings))
                continue
            diagram = read_diagram(load_file(Path(name)), source=name, as_executable=options["as_executable"])
            now = SystemClock().now()
            found = check_diagram(diagram, registry.topics, template_fits=template_fits(registry), now=now)
            if all(finding.verdict != "refused" for finding in found):
                found = (*found, *check_built(diagram))
            without_undo = steps_without_undo(diagram) if options["undo"] else ()
            checked.append(Checked(name, (*found, *without_undo), list_parts(diagram, found)))
        except DiagramUnreadable as error:
            checked.append(Checked(name, (Finding("refused", error.code, str(error)),)))
    print_checked(checked, as_json=as_json, with_parts=not options["briefly"])
    context.exit(REFUSED if any(each.is_refused for each in checked) else OK)


@cli.command()
@click.option("--topics", metavar="A,B", help="Only jobs of these topics.")
@_threads
@_handlers
@_database
def worker(topics: str | None, **options: Any) -> None:
    """Run jobs until stopped (Ctrl-C).

    Any number of workers, on any number of machines, may share a database; none does a job that another one does.

    \b
      runner worker --database postgresql+psycopg://host/name
      runner worker --topics throw_pokeball --threads 2
    """
    chosen = None if topics is None else [topic.strip() for topic in topics.split(",") if topic.strip()]
    if chosen == []:
        raise Invalid(f"Expected --topics to name topics, separated by commas, but got '{topics}'.")
    settings = settings_of(options)
    from runner.serving import work_until_stopped  # see `run`

    work_until_stopped(settings, topics=chosen)


@cli.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on (RUNNER_HOST).")
@click.option("--port", type=int, metavar="PORT", help="Port to listen on (RUNNER_PORT).")
@_threads
@_handlers
@_database
def serve(**options: Any) -> None:
    """Serve the pages, run jobs, watch the folder.

    A diagram saved in the processes folder is checked and becomes a new version within a second."""
    from runner.serving import serve_until_stopped

    serve_until_stopped(settings_of(options))


@cli.command(name="settings")
@_json
@click.pass_context
def show_settings(context: click.Context, /, as_json: bool) -> None:
    """Print all settings and where each came from."""
    context.obj["json"] = as_json
    settings, origins = load_settings()
    printing.print_settings(settings, origins, as_json=as_json)


for operation in (*OPERATIONS, *WAITING, *PEOPLE, data, *MODELING, *PICTURES, decide):
    cli.add_command(operation)


def _with_folders(names: tuple[str, ...]) -> list[str]:
    """Give the files to check: a folder stands for those in it that can be deployed."""
    from runner.commands.files import files_in  # see `run`

    found: list[str] = []
    for name in names:
        inside = [str(path) for path in files_in(Path(name))] if os.path.isdir(name) else []
        found += inside or [name]
    return found


def settings_of(options: dict[str, Any]) -> Settings:
    """Give the settings with what the options say put first. Raises SettingsInvalid."""
    given = {name: options.get(name) for name in ("database", "host", "port", "threads")}
    given["handlers"] = options.get("handlers") or None
    settings = load_settings(given)[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    return settings


def _open(options: dict[str, Any], *, work: bool, handlers: tuple[str, ...] | None = None) -> Any:
    from runner.app import Runner  # see `run`

    return Runner(handlers=handlers, settings=settings_of(options), work=work)
