"""Who may import whom: a file imports only from rooms below its own, and there is no way round in a circle."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Lowest first. A room may import from those before it; siblings share a line and do not know each other.
ROOMS: list[list[str]] = [
    ["runner.errors", "runner.clock", "runner.collecting"],
    ["runner.retry"],
    ["runner.handling"],
    ["runner.scripts"],
    ["runner.model"],
    ["runner.expressions", "runner.marking", "runner.fired"],
    ["runner.schedules"],
    ["runner.forms"],
    ["runner.bpmn"],
    ["runner.decisions"],
    ["runner.engine", "runner.store"],
    ["runner.watches", "runner.alarms", "runner.deciding"],
    ["runner.runtime"],
    ["runner.commands"],
    ["runner.work"],
    ["runner.templates"],
    ["runner.descriptions"],
    ["runner.settings"],
    ["runner.watching"],
    ["runner.instance"],
    ["runner.app"],
    ["runner.running", "runner.serving", "runner.printing"],
    ["runner.printing_verdicts", "runner.cli_variables", "runner.cli_operations"],
    ["runner.cli_waiting", "runner.cli_people", "runner.cli_modeling", "runner.cli_pictures", "runner.cli_data_stores"],
    ["runner.cli_decisions"],
    ["runner.cli"],
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
PUBLIC = {"runner"}


def modules(package: str) -> dict[str, Path]:
    found = {}
    for path in (ROOT / package).rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules("runner") | modules("handlers") | modules("web")


@cache
def imports(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Give the imports of a file, those inside functions and TYPE_CHECKING included."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


@cache
def imported(path: Path) -> frozenset[str]:
    """Give the modules that a file names in its imports."""
    names: set[str] = set()
    for node in imports(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else node.module for name in inner}
    return frozenset(names)


def room(module: str) -> str | None:
    return next((name for name in LEVEL if module == name or module.startswith(name + ".")), None)


@pytest.mark.parametrize("module", sorted(name for name in MODULES if room(name)))
def test_a_file_imports_only_from_rooms_below_its_own(module: str) -> None:
    own = room(module)
    assert own is not None
    above = {
        name
        for name in imported(MODULES[module])
        if (other := room(name)) is not None and other != own and LEVEL[other] >= LEVEL[own]
    }

    assert above == set()


def test_imports_say_the_whole_name() -> None:
    """The tests below read whole names; a relative import would pass them unseen."""
    assert [module for module, path in MODULES.items() for node in imports(path) if getattr(node, "level", 0)] == []


def test_every_file_of_the_runner_has_a_room() -> None:
    assert {name for name in MODULES if name.startswith("runner.") and room(name) is None} == set()


def test_nothing_in_the_runner_imports_pages_or_handlers() -> None:
    found = {
        (module, name)
        for module, path in MODULES.items()
        for name in imported(path)
        if module.startswith("runner") and name.split(".")[0] in {"web", "handlers"}
    }

    assert found == set()


def test_handlers_import_the_public_names_and_themselves() -> None:
    found = {
        (module, name)
        for module, path in MODULES.items()
        for name in imported(path)
        if module.startswith("handlers") and name.split(".")[0] in {"runner", "web"} and name not in PUBLIC
    }

    assert found == set()


def test_pages_import_commands_runtime_and_words_only() -> None:
    allowed = (
        "runner.commands",
        "runner.runtime",
        "runner.model",
        "runner.marking",
        "runner.fired",
        "runner.handling",
        "runner.errors",
        "runner.forms",
    )
    found = {
        (module, name)
        for module, path in MODULES.items()
        for name in imported(path)
        if module.startswith("web")
        and name.startswith("runner")
        and not name.startswith(allowed)
        and name not in PUBLIC
    }

    assert found == set()


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("SpiffWorkflow", "runner.engine"),
        ("lxml", "runner.bpmn"),
        ("alembic", "runner.store.migrations"),
        ("cronsim", "runner.schedules"),
    ],
)
def test_a_library_stays_behind_its_door(library: str, home: str) -> None:
    users = {module for module, path in MODULES.items() for name in imported(path) if name.split(".")[0] == library}

    assert users and all(user.startswith(home) for user in users)


def test_no_file_is_imported_by_what_it_imports() -> None:
    graph = {module: {name for name in imported(path) if name in MODULES} for module, path in MODULES.items()}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for name in graph[module]:
                visit(name, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())
