"""Compiles a template: JSON data in which each text, keys of objects included, is a JUEL text.

That is how Camunda 7's lists and maps of an input or output parameter come out of a diagram."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runner.expressions.faults import EvaluationFault, SyntaxFault
from runner.expressions.juel.program import compile_juel
from runner.expressions.run import Program, Run


def compile_template(text: str) -> Program:
    """Give the program that builds the data anew each time. Raises SyntaxFault."""
    try:
        program = _compiled(json.loads(text))
    except (json.JSONDecodeError, SyntaxFault) as fault:
        # A place inside one text of the template is no place in the template.
        raise SyntaxFault(fault.msg if isinstance(fault, json.JSONDecodeError) else fault.message, 0) from fault

    def build(variables: Mapping[str, Any], run: Run) -> Any:
        try:
            return program(variables, run)
        except EvaluationFault as fault:
            raise EvaluationFault(fault.message) from fault

    return build


def _compiled(part: Any) -> Program:
    if isinstance(part, str):
        return compile_juel(part)
    if isinstance(part, list):
        items = [_compiled(each) for each in part]

        def build_list(variables: Mapping[str, Any], run: Run) -> list[Any]:
            run.items(len(items))
            return [item(variables, run) for item in items]

        return build_list
    if isinstance(part, dict):
        entries = [(compile_juel(key), _compiled(each)) for key, each in part.items()]

        def build_object(variables: Mapping[str, Any], run: Run) -> dict[str, Any]:
            run.items(len(entries))
            return {str(key(variables, run)): entry(variables, run) for key, entry in entries}

        return build_object
    return lambda variables, run: part
