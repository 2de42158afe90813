"""The commands of `runner` for whoever draws and writes processes: templates, docs, eval. `cli.py` registers them and
translates errors."""

from __future__ import annotations

import logging
import os.path
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli_variables import read_variables, with_variables
from runner.errors import ExpressionFailed, Invalid
from runner.printing import print_json
from runner.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.app import Runner
    from runner.bpmn.diagram import Process
    from runner.descriptions import ElementDescription, Value
    from runner.expressions import Expression
    from runner.expressions.moment import Moment

OK, NOT_SO = 0, 1
# The language of a diagram's expressions, by its dialect.
_DIALECTS = {"camunda8": "feel", "camunda7": "juel", "plain": "python"}

_database = click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
_handlers = click.option(
    "--handlers", multiple=True, metavar="MODULE|FILE.py", help="Where the handlers are; repeatable (RUNNER_HANDLERS)."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.command()
@click.argument("action", type=click.Choice(["build", "check"]))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Default: .camunda/element-templates.")
@_handlers
@_json
@click.pass_context
def templates(context: click.Context, /, action: str, out: Path | None, as_json: bool, **options: Any) -> None:
    """Give the modeler the handlers' fields.

    `build` writes an element template of each handler, for Camunda 8 and for Camunda 7. Camunda's Modeler finds them
    beside a diagram, or in a folder above it. `check` writes nothing and ends with exit status 1 if files are out of
    date."""
    context.obj["json"] = as_json
    from runner.handling import HandlerRegistry
    from runner.templates.files import FOLDER, plan_files, write_files

    registry = HandlerRegistry.load(_settings(None, options["handlers"]).handlers)
    planned = plan_files(registry, FOLDER if out is None else out)
    if action == "build":
        write_files(planned)
    changed = [file for file in planned if file.change != "unchanged"]
    if as_json:
        print_json({"files": [{"file": str(file.path), "change": file.change} for file in planned]})
    else:
        for file in changed:
            click.echo(f"{file.change}: {file.path}")
        does = "written" if action == "build" else "to write"
        count = f"{len(changed)} of {len(planned)} files {does}."
        click.echo(count if changed else "Element templates are up to date.")
    if action == "check" and changed:
        click.echo("runner: Expected templates that fit the handlers: run `runner templates build`.", err=True)
        context.exit(NOT_SO)


@click.command()
@click.argument("what", metavar="FILE|KEY")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a page.")
@_handlers
@_database
@_json
@click.pass_context
def docs(context: click.Context, /, what: str, markdown: bool, as_json: bool, **options: Any) -> None:
    """Describe a process, element by element.

    FILE need not be deployed; KEY is the newest version that is. Says what each element is called and means, which
    function does its work and where that is, what it takes and gives, how often it is tried, and how it may end."""
    context.obj["json"] = as_json
    if markdown and as_json:
        raise Invalid("Expected --markdown or --json, but both are given. Leave one out.")
    from runner.bpmn.bindings import bind
    from runner.descriptions import describe
    from runner.handling import HandlerRegistry
    from runner.scripts.handlers import Scripts

    settings = _settings(options["database"], options["handlers"])
    handlers = HandlerRegistry.load(
        (*settings.handlers, *Scripts(settings.scripts).handlers), optional=settings.handlers_by_default
    )
    processes = _processes(settings, what)
    described = [(each, describe(each, bind(each, handlers.topics), handlers)) for each in processes]
    if as_json:
        print_json({"processes": [_process_json(*each) for each in described]})
    for process, elements in [] if as_json else described:
        click.echo(_as_markdown(process, elements) if markdown else _as_text(process, elements))


@click.command(name="eval")
@click.argument("expression")
@with_variables
@click.option("--language", type=click.Choice(["feel", "juel", "python"]), help="Default: as the text looks.")
@click.option("--instance", metavar="INSTANCE", help="With the variables of this instance, --var put before them.")
@click.option(
    "--at", type=click.IntRange(0, 2**31 - 1), metavar="STEP", help="As they were after this step of the log."
)
@click.option("--element", metavar="ID", help="As the token at this element sees them.")
@_database
@_json
@click.pass_context
def evaluate(context: click.Context, /, expression: str, as_json: bool, **options: Any) -> None:
    """Evaluate an expression; nothing is changed.

    Without --language a text with "${" is JUEL and one that begins with "=" is FEEL; else that of the instance's
    diagram, else FEEL. Warnings go to standard error. Exit status 1 if the expression has no value with these
    variables, 2 if it is none.

    \b
      runner eval 'sum(for i in items return i.price * i.count)' --vars order.json
      runner eval '${amount > 10}' --instance 01M85F --at 3 --element charge_card
    """
    context.obj["json"] = as_json
    from runner.expressions import compile_expression

    variables = read_variables(options["pairs"], options["files"])
    seen, dialect, moment = _seen(options)
    variables = {**seen, **variables}
    read = _expression(expression, options["language"], dialect)
    compiled = compile_expression(read, names=frozenset(name for name in variables if " " in name))
    warnings: list[str] = []
    try:
        value = compiled.evaluate(variables, warnings=warnings, moment=moment)
    except ExpressionFailed as error:
        if as_json:
            print_json({"error": {"code": error.code, "message": str(error)}})
        click.echo(f"runner: {error}", err=True)
        context.exit(NOT_SO)
    if as_json:
        print_json({"value": value, "language": str(read.language), "warnings": warnings})
        return
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    print_json(value)


MODELING = (templates, docs, evaluate)


def _expression(text: str, language: str | None, dialect: str | None) -> Expression:
    from runner.expressions import Expression, Language

    looks = "juel" if "${" in text or "#{" in text else "feel" if text.lstrip().startswith("=") else None
    chosen = Language(language or looks or _DIALECTS.get(dialect or "", "feel"))
    return Expression(text.strip().removeprefix("=").strip() if chosen is Language.FEEL else text, chosen)


def _seen(options: Mapping[str, Any]) -> tuple[dict[str, Any], str | None, Moment | None]:
    """Give the variables of the instance that the options name, its dialect, and what `execution` tells of it.

    Raises Invalid without an instance.
    """
    at, element = options["at"], options["element"]
    if options["instance"] is None:
        if at is not None or element is not None:
            raise Invalid("Expected --instance beside --at and --element, but there is none. Name one.")
        return {}, None, None
    from runner.commands.definitions import get_definition
    from runner.commands.instances import find_instance
    from runner.commands.scopes import visible_variables
    from runner.expressions.moment import Moment, facts_of

    with _open(_settings(options["database"], ())) as opened:
        instance = find_instance(opened.runtime, options["instance"])
        variables = visible_variables(opened.runtime, instance.id, at=at, element_id=element)
        facts = facts_of(
            instance.id,
            instance.key,
            version=instance.version,
            definition_id=instance.definition_id,
            business_key=instance.business_key,
        )
        dialect = get_definition(opened.runtime, instance.definition_id).dialect
        return variables, dialect, Moment(facts={**facts, "currentActivityId": element})


def _processes(settings: Settings, what: str) -> tuple[Process, ...]:
    """Give the processes of a file, or the newest version of a key. Raises DefinitionNotFound or DiagramUnreadable."""
    from runner.bpmn.read import read_diagram
    from runner.bpmn.xml import load_file
    from runner.commands.definitions import find_definition, read_xml

    if what.endswith((".bpmn", ".xml")) or os.path.isfile(what):
        return read_diagram(load_file(Path(what)), source=what).processes
    with _open(settings) as opened:
        definition = find_definition(opened.runtime, what)
        diagram = read_diagram(read_xml(opened.runtime, definition.id), source=definition.source)
    return tuple(process for process in diagram.processes if process.key == definition.key)


def _process_json(process: Process, elements: tuple[ElementDescription, ...]) -> dict[str, Any]:
    return {
        "key": process.key,
        "name": process.name,
        "documentation": process.documentation,
        "elements": [asdict(element) for element in elements],
    }


def _as_text(process: Process, elements: tuple[ElementDescription, ...]) -> str:
    lines = [f"{process.name or process.key} ({process.key})", *_paragraphs(process.documentation, "  ")]
    for element in elements:
        lines += ["", f"{element.label} ({element.type} {element.id})", *_paragraphs(element.documentation, "  ")]
        lines += [f"  {name}: {text}" for name, text in _facts(element)]
    return "\n".join(lines) + "\n"


def _as_markdown(process: Process, elements: tuple[ElementDescription, ...]) -> str:
    parts = [f"# {process.name or process.key}", process.documentation, f"Key: `{process.key}`"]
    for element in elements:
        parts += [f"## {element.label}", f"`{element.id}`, {element.type}", element.documentation]
        parts.append("\n".join(f"- {name}: {text}" for name, text in _facts(element)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(element: ElementDescription) -> list[tuple[str, str]]:
    place = f" ({element.file}:{element.line})" if element.file else ""
    handler = f"{element.handler}{place}, topic '{element.topic}'" if element.handler else ""
    errors = [
        f"{'any error' if error.code is None else error.code}"
        f"{f', caught by {error.caught_by}' if error.caught_by else ', not caught on it'}"
        for error in element.errors
    ]
    facts = [("handler", handler), ("does", element.does)]
    facts += [("input", _value(each)) for each in element.inputs]
    facts += [("output", _value(each)) for each in element.outputs]
    facts += [("retry", element.retry), ("timeout", element.timeout)]
    facts += [("error", each) for each in errors]
    return [(name, text) for name, text in facts if text]


def _value(value: Value) -> str:
    kind = f": {value.type}" if value.type else ""
    source = f" = {value.source}" if value.source else ""
    description = f" ({' '.join(value.description.split())})" if value.description else ""
    return f"{value.name}{kind}{', required' if value.required else ''}{source}{description}"


def _paragraphs(text: str, indent: str) -> list[str]:
    return [f"{indent}{line}" for line in text.splitlines()]


def _settings(database: str | None, handlers: tuple[str, ...]) -> Settings:
    settings = load_settings({"database": database, "handlers": handlers or None})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    return settings


def _open(settings: Settings) -> Runner:
    from runner.app import Runner  # the engine is slow to import; `runner --help` must not wait for it

    return Runner(handlers=(), settings=settings, work=False)
