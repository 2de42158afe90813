"""Python, carried out by pydantic-monty: an interpreter of its own, without files, network and foreign modules."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

import pydantic_monty

from runner.scripts.answers import Answer, Request

SECONDS = 1.0
MEMORY = 64 << 20
_LIMITS = pydantic_monty.ResourceLimits(
    max_feed_duration_secs=SECONDS, max_memory=MEMORY, max_recursion_depth=200, max_total_sleep_secs=0.0
)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class Engine:
    """Runs scripts, one after the other, each in a session of its own."""

    def __init__(self) -> None:
        self._pool = pydantic_monty.Monty(max_processes=1, request_timeout=SECONDS + 0.5)
        self._pool.__enter__()

    def run(self, request: Request) -> Answer:
        """Run a script whose globals are the variables; what it sets comes back, except for names with "_"."""
        thrown: list[tuple[str, str]] = []

        def throw(code: Any, message: Any = "") -> None:
            thrown.append((str(code), str(message)))
            raise RuntimeError(f"BPMN error {code}")

        try:
            with self._pool.checkout(script_name="script", limits=_LIMITS) as session:
                output = pydantic_monty.CollectString()
                outside = {"BpmnError": throw}
                result = session.feed_run(
                    request.text, inputs=dict(request.variables), external_lookup=outside, print_callback=output
                )
                return _answer(result, dict(_changed(session, request)))
        except pydantic_monty.MontyError as error:
            if thrown and f"BPMN error {thrown[-1][0]}" in str(error):
                return Answer(code=thrown[-1][0], error=thrown[-1][1], line=0)
            return Answer(error=str(error), line=_line(error))


def _answer(result: Any, variables: dict[str, Any]) -> Answer:
    for name, value in variables.items():
        if not _is_json(value):
            kind = type(value).__name__
            return Answer(
                error=f"Expected variables that are JSON, but '{name}' is a {kind}. What begins with '_' stays inside.",
                line=0,
            )
    return Answer(result=result if _is_json(result) else str(result), variables=variables)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _changed(session: Any, request: Request) -> Iterator[tuple[str, Any]]:
    """Give the variables that the script set, and those of the given ones that it changed inside."""
    for name in sorted(_names(request.text, request.variables)):
        try:
            value = session.feed_run(name)
        except pydantic_monty.MontyRuntimeError:
            continue  # assigned in a branch that was not taken
        if name not in request.variables or value != request.variables[name]:
            yield name, value


def _names(text: str, given: Any) -> set[str]:
    found: set[str] = set()
    nodes: list[ast.AST] = [ast.parse(text)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Name) and (isinstance(node.ctx, ast.Store) or node.id in given):
            found.add(node.id)
        # Names in functions are their own, except for the given ones: those may be changed from inside.
        inside = ast.walk(node) if isinstance(node, _SCOPES) else ()
        found |= {each.id for each in inside if isinstance(each, ast.Name) and each.id in given}
        nodes += [] if isinstance(node, _SCOPES) else list(ast.iter_child_nodes(node))
    return {name for name in found if not name.startswith("_")}


def _line(error: pydantic_monty.MontyError) -> int | None:
    frames: list[Any] = getattr(error, "traceback", list)()
    return frames[-1].line if frames else None
