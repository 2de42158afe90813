"""The options --var and --vars: variables on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from runner.errors import VariablesInvalid

_variables = [
    click.option("--var", "pairs", multiple=True, metavar="NAME=VALUE", help="A variable; VALUE is JSON, else text."),
    click.option("--vars", "files", multiple=True, metavar="FILE.json", help="A JSON object of variables."),
]


def with_variables(function: Any) -> Any:
    """Add --var and --vars to a command."""
    for option in _variables:
        function = option(function)
    return function


def read_variables(pairs: tuple[str, ...], files: tuple[str, ...]) -> dict[str, Any]:
    """Put the variables of --vars files together, then those of --var. Raises VariablesInvalid."""
    variables: dict[str, Any] = {}
    for name in files:
        try:
            found = _parsed(Path(name).read_text("utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise VariablesInvalid(f"Expected a JSON file of variables, but {name} cannot be read: {error}.") from error
        if not isinstance(found, dict):
            raise VariablesInvalid(f"Expected a JSON object in {name}, but it holds a {type(found).__name__}.")
        variables |= found
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise VariablesInvalid(f"Expected --var NAME=VALUE, but got '{pair}'.")
        variables[name] = read_value(text)
    return variables


def read_value(text: str) -> Any:
    """Read a value: JSON, else the text itself."""
    try:
        return _parsed(text)
    except (ValueError, RecursionError):
        return text


def _parsed(text: str) -> Any:
    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)
