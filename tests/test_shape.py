"""Tripwires for size and habits. A limit is raised only together with the reason why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for package in ("runner", "handlers", "web") for path in (ROOT / package).rglob("*.py"))
FILE_LINES, FUNCTION_LINES, PARAMETERS = 400, 60, 6
# Around code that is not ours: importing a handler module, reading its annotations, calling it, a model's validators;
# and the writing thread, which hands a command's failure to its caller; and threads that must never end by a defect of
# ours.
BROAD_EXCEPTS = {
    "runner/forms/models.py": 1,
    "runner/handling.py": 1,
    "runner/work/calling.py": 2,
    "runner/work/executor.py": 1,
    "runner/work/rounds.py": 1,
    "runner/store/database.py": 4,
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count what a caller passes: the first of a method is not."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_small_and_says_what_it_owns(path: Path) -> None:
    text = path.read_text("utf-8")

    assert text.count("\n") <= FILE_LINES
    assert "versions/__init__" in str(path) or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_functions_are_short_and_take_few_parameters(path: Path) -> None:
    long = [each.name for each in functions(path) if body_lines(each) > FUNCTION_LINES and each.name != "upgrade"]
    wide = [each.name for each in functions(path) if parameters(each) > PARAMETERS]

    assert (long, wide) == ([], [])


def test_broad_excepts_stand_only_around_foreign_code() -> None:
    found: dict[str, int] = {}
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
                found[named(path)] = found.get(named(path), 0) + 1

    assert found == BROAD_EXCEPTS


@pytest.mark.parametrize("path", FILES, ids=named)
def test_text_is_never_executed_and_nothing_is_left_for_later(path: Path) -> None:
    calls = {node.func.id for node in nodes(path) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    assert calls & {"eval", "exec", "__import__"} == set()
    assert not any(word in path.read_text("utf-8") for word in ("TODO", "FIXME", "NotImplementedError", "pickle"))


def test_only_the_database_commits() -> None:
    assert [named(path) for path in FILES if '"COMMIT"' in path.read_text("utf-8")] == ["runner/store/database.py"]


def _is_broad(caught: ast.expr | None) -> bool:
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        name is None or (isinstance(name, ast.Name) and name.id in {"Exception", "BaseException"}) for name in names
    )
