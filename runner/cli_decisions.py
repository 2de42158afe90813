"""The command of `runner` that evaluates decisions. `cli.py` registers it and translates errors."""

from __future__ import annotations

import logging
import os.path
import sys
from typing import TYPE_CHECKING, Any

import click

from runner.cli_variables import read_variables, with_variables
from runner.errors import DecisionFailed, DecisionNotFound, Invalid
from runner.fired import rules_in_words
from runner.printing import print_json
from runner.settings import load_settings

if TYPE_CHECKING:
    from runner.decisions import DecisionResult, Decisions

NO_RESULT = 1
_FIRST, _LAST = 1, 2**31 - 1


@click.command()
@click.argument("what", metavar="FILE|KEY")
@with_variables
@click.option("--decision", metavar="ID|NAME", help="Which decision of a file; default: the one that all others serve.")
@click.option("--version", type=click.IntRange(_FIRST, _LAST), metavar="N", help="An older version than the newest.")
@click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.pass_context
def decide(context: click.Context, /, what: str, as_json: bool, **options: Any) -> None:
    """Evaluate a decision and say which rules fired; nothing is stored.

    FILE need not be deployed; files that it imports are looked for beside it. KEY is the id or name of a deployed
    decision. The value is printed as JSON, which rules fired and what was taken for null on standard error. Exit status
    1 if there is no result with these variables.

    \b
      runner decide rules/loan.dmn --var amount=5000 --var age=30
      runner decide "Approve loan" --vars application.json --json
    """
    context.obj["json"] = as_json
    variables = read_variables(options["pairs"], options["files"])
    try:
        result = _result(what, variables, options)
    except DecisionFailed as error:
        if as_json:
            print_json({"error": {"code": error.code, "message": str(error)}})
        click.echo(f"runner: {error}", err=True)
        context.exit(NO_RESULT)
    if as_json:
        print_json(
            {
                "decision": result.decision,
                "value": result.value,
                "fired": result.rules,
                "warnings": list(result.warnings),
            }
        )
        return
    for line in _told(result):
        click.echo(line, err=True)
    print_json(result.value)


def _result(what: str, variables: dict[str, Any], options: dict[str, Any]) -> DecisionResult:
    settings = load_settings({"database": options["database"]})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    if what.lower().endswith((".dmn", ".xml")) or os.path.isfile(what):
        if options["version"] is not None:
            raise Invalid("Expected --version with a deployed decision, but this is a file. Leave it out.")
        return _of_file(what, variables, options["decision"])
    if options["decision"] is not None:
        raise Invalid("Expected --decision with a file, but this is a deployed decision. Leave it out.")
    from runner.app import Runner  # slow to import; `runner --help` must not wait for it

    with Runner(handlers=(), settings=settings, work=False) as opened:
        return opened.decide(what, variables, version=options["version"])


def _of_file(name: str, variables: dict[str, Any], wanted: str | None) -> DecisionResult:
    from runner.decisions import load_decisions

    read = load_decisions(name)
    for finding in read.findings:
        if finding.verdict == "refused":  # what is evaluated may be sound all the same
            click.echo(finding.describe(name), err=True)
    return read.evaluate(wanted or _only(read), variables)


def _only(read: Decisions) -> str:
    """Give the decision that is meant when none is named. Raises Invalid, or DecisionNotFound if there is none."""
    if not read.ids:
        raise DecisionNotFound(read.source)
    if len(read.tops) != 1:
        raise Invalid(
            f"Expected one decision that no other requires, but {read.source} has {len(read.tops)}: name one with "
            f"--decision: {', '.join(read.tops)}."
        )
    return read.tops[0]


def _told(result: DecisionResult) -> list[str]:
    return [*rules_in_words(result.rules), *(f"warning: {each}" for each in result.warnings)]
