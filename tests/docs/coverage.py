"""Writes `docs/bpmn-coverage.md` from the verdict tables: `PYTHONPATH=tests .venv/bin/python -m docs.coverage`.

What is said there is in `runner/bpmn/verdicts.py`, `parts.py` and `dialects/`; which test shows it is looked up: a
feature that covers the row or draws the thing, else a test that names it, else the one that goes over the table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from documents import ROOT
from features.feature import Feature, read_features

from runner.bpmn.dialects.reading import READERS
from runner.bpmn.dialects.vendor import Consequence
from runner.bpmn.parts import ATTRIBUTES, CHILDREN, NESTED, ROOTS, Part
from runner.bpmn.verdicts import ELEMENTS, EVENTS, FEATURES, PLACES, SECTIONS, Outcome

PAGE = ROOT / "docs" / "bpmn-coverage.md"
VENDORS = {"camunda7": ("Camunda 7", "camunda"), "camunda8": ("Camunda 8", "zeebe"), "plain": ("Our own", "runner")}
FEATURE = "tests/features/test_features.py::test_feature_ends_as_it_says[{}]"
LEGAL = "tests/bpmn/test_verdicts.py::test_event_is_legal_where_the_standard_allows_its_kind_and_nowhere_else"
# Where tests are looked for that name a thing, the best first.
FOLDERS = ("engine", "commands", "work", "bpmn", "unit")
# What no feature covers, and no test names as it is written in a file.
SHOWN = {
    "conditional startEvent": "tests/commands/test_conditions.py"
    "::test_each_process_whose_condition_is_true_is_started_with_the_variables",
    "decision": "tests/commands/test_decisions.py::test_the_newest_version_is_called_unless_another_is_named",
    "data store": "tests/commands/test_data_stores.py::test_a_step_reads_when_it_begins_and_writes_when_it_ends",
    "message sent": FEATURE.format("send_task"),
    "compensation handler": FEATURE.format("compensate_boundary_event"),
}
INTRODUCTION = """# What of BPMN is executed, and how

Written from the tables in `runner/bpmn/verdicts.py`, `runner/bpmn/parts.py` and `runner/bpmn/dialects/` by
`PYTHONPATH=tests .venv/bin/python -m docs.coverage`; a test compares it with them. `runner check FILE` says it for a
file, element by element ([bpmn.md](bpmn.md#what-runner-check-prints)); what a drawing must fulfil beside is in
[checks.md](checks.md).

*Executed*: it does what BPMN, or its vendor, says. *Emulated*: its effect is had by other means than those drawn.
*Refused*: it cannot run, and the file is not deployed. *Documentation only*: nothing follows from it.

Each feature is a small diagram in `tests/features/` with what becomes of it beside: it is run straight, saved and
restored after every step, and by runners that are killed after every step, on SQLite and PostgreSQL.
"""


def page() -> str:
    """Give the whole page."""
    return "\n".join((INTRODUCTION, *_elements(), *_events(), *_features(), *_parts(), *_attributes(), *_vendors()))


def _elements() -> Iterator[str]:
    yield "## Activities and gateways\n"
    yield _head("Element", "Verdict", "How", "BPMN 2.0.2", "Shown by")
    for tag, row in ELEMENTS.items():
        yield _row(f"`{tag}`", row.outcome, row.how or row.advice, f"§{row.section}", _covered(tag))


def _events() -> Iterator[str]:
    yield "\n## Events\n"
    yield (
        "A `subProcessStart` is a start event in a sub-process, an `eventSubProcessStart` one in an event sub-process. "
        "What an\nevent waits for or throws is in §10.5.5. A kind that is not named at a place is refused there: BPMN "
        "does not allow it.\n"
    )
    yield _head("Event", "Place", "Verdict", "How", "BPMN 2.0.2", "Shown by")
    for kind, row in EVENTS.items():
        for place in (place for place in PLACES if place in row.allowed_at):
            if place in row.executed_at:
                told = (row.outcome, row.how(place))
                shown = _covered(f"{kind} {place}")
            else:
                told = (Outcome.REFUSED, row.advice)
                shown = f"`{LEGAL}`"
            yield _row(f"{kind}", f"`{place}`", *told, f"§{SECTIONS[place]}", shown)


def _features() -> Iterator[str]:
    yield "\n## What an element can have beside\n"
    yield _head("It is or has", "Verdict", "How", "BPMN 2.0.2", "Shown by")
    for name, row in FEATURES.items():
        yield _row(row.what, row.outcome, row.how or row.advice, f"§{row.section}", _covered(name))


def _parts() -> Iterator[str]:
    for title, parts in (
        ("In a process or flow node", CHILDREN),
        ("Deeper inside", NESTED),
        ("Beside processes", ROOTS),
    ):
        yield f"\n## {title}\n"
        yield _head("Element", "Verdict", "How", "BPMN 2.0.2", "Shown by")
        for tag, part in parts.items():
            yield _row(f"`{tag}`", part.outcome, _how(part), f"§{part.section}", _drawn(rf"<{tag}\b", tag))


def _attributes() -> Iterator[str]:
    yield "\n## Attributes of the standard\n"
    yield _head("Attribute", "Verdict", "How", "BPMN 2.0.2", "Shown by")
    for name, part in ATTRIBUTES.items():
        yield _row(f"`{name}`", part.outcome, _how(part), f"§{part.section}", _drawn(rf'\b{name}="', name))


def _vendors() -> Iterator[str]:
    for dialect, (title, prefix) in VENDORS.items():
        reader = next(reader for name, reader in READERS.items() if name == dialect)
        yield f"\n## {title}: `{prefix}:`\n"
        yield _head("Attribute or element", "On", "Verdict", "How", "Shown by")
        for name in sorted({*reader.honoured, *reader.consequences}):
            word = f"{prefix}:{name}"
            if name in reader.honoured:
                shown = _named(word, rf"\b{word}\b", rf"\b{name}\b")
                yield _row(f"`{word}`", _tags(reader.honoured[name]), *_consequence(reader.effects[name]), shown)
            if name in reader.consequences:
                where = "elsewhere" if name in reader.honoured else "any element"
                yield _row(f"`{word}`", where, *_consequence(reader.consequences[name]), _table(word))
        others = "refused" if dialect == "plain" else "documentation only, with a note"
        yield f"\nAny other word of this vendor is {others}."


def _how(part: Part) -> str:
    return part.how if not part.otherwise else f"{part.how}; elsewhere documentation only: it {part.otherwise}"


def _consequence(comes_to: Consequence) -> tuple[str, str]:
    verdict = {"warning": "documentation only, with a warning", "note": "documentation only"}
    return verdict.get(comes_to.verdict, comes_to.verdict), comes_to.message


def _tags(tags: frozenset[str]) -> str:
    shown = [f"`{tag}`" for tag in sorted(tags)]
    return ", ".join(shown) if len(shown) < 6 else f"{', '.join(shown[:4])} and {len(shown) - 4} others"


def _covered(row: str) -> str:
    """Give the features that cover a row of the verdict table."""
    names = [feature.name for feature in _all() if feature.covers == row]
    return ", ".join(f"`{FEATURE.format(name)}`" for name in names) or f"`{SHOWN[row]}`"


def _drawn(pattern: str, name: str) -> str:
    """Give a feature that draws a thing, else a test that names it."""
    drawing = re.compile(pattern)
    found = next((each for each in _all() if drawing.search(each.path.read_text("utf-8"))), None)
    return _named(name, pattern) if found is None else f"`{FEATURE.format(found.name)}`"


def _named(name: str, *patterns: str) -> str:
    """Give a test that names a thing, by the best pattern that is found, else the test that goes over the tables.

    What the page says already stays for as long as that test does: a new one elsewhere must not make the page stale.
    """
    sources = ((re.compile(pattern), id, source) for pattern in patterns for id, source in _tests())
    found = next((f"`{id}`" for naming, id, source in sources if naming.search(source)), _table(name))
    known = {f"`{id}`" for id, _ in _tests()} | {_table(name)}
    said = [line.split(" | ")[-1].removesuffix(" |") for line in _lines() if line.startswith(f"| `{name}` |")]
    return found if found in said else next((id for id in said if id in known), found)


def _table(name: str) -> str:
    if ":" in name:
        return f"`tests/bpmn/test_vendor_words.py::test_vendor_word_has_the_verdict_of_its_row[{name}]`"
    if name in ATTRIBUTES and name not in NESTED and name not in CHILDREN:
        return f"`tests/bpmn/test_parts.py::test_attribute_of_a_row_is_in_the_schema[{name}]`"
    return f"`tests/bpmn/test_parts.py::test_part_has_the_verdict_of_its_row[{name}]`"


@cache
def _lines() -> tuple[str, ...]:
    """Give the lines of the page as it is."""
    return tuple(PAGE.read_text("utf-8").splitlines()) if PAGE.exists() else ()


@cache
def _all() -> tuple[Feature, ...]:
    return tuple(read_features())


@cache
def _tests() -> tuple[tuple[str, str], ...]:
    """Give each test of the folders with its source, and that of the texts and functions of its file that it uses."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / "tests" / folder).glob("test_*.py")):
            parts = _defined(path.read_text("utf-8"))
            for name in (name for name in parts if name.startswith("test_")):
                used = (parts[word] for word in set(re.findall(r"\w+", parts[name])) & set(parts) - {name})
                found.append((f"{path.relative_to(ROOT)}::{name}", "\n".join((parts[name], *used))))
    return tuple(found)


def _defined(text: str) -> dict[str, str]:
    """Give what a file defines, with its decorators."""
    lines, found = text.splitlines(), {}
    for node in ast.parse(text).body:
        begins = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        source = "\n".join(lines[begins - 1 : node.end_lineno])
        if isinstance(node, ast.FunctionDef):
            found[node.name] = source
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            found[getattr(target, "id", "")] = source
    return found


def _head(*cells: str) -> str:
    return _row(*cells) + "\n" + "|" + "---|" * len(cells)


def _row(*cells: str) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.unlink(missing_ok=True)
    PAGE.write_text(page() + "\n", "utf-8")
