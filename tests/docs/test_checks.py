"""The page of rules is the table of rules. `python tests/docs/test_checks.py` writes it anew."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from documents import ROOT

from runner.bpmn.rules.table import RULES, SECTIONS, Rule

PAGE = ROOT / "docs" / "checks.md"
MARK = "<!-- From here on the table of rules, runner/bpmn/rules/table.py. -->\n"
EMITTING = frozenset({"refuse", "warn", "note", "refused", "warning", "Finding"})


def row(code: str, rule: Rule) -> str:
    verdict = f"{rule.verdict}{', when executed' if rule.executed_only else ''}"
    return f"| `{code}` | {verdict} | {rule.meaning} | {rule.source} |"


def page() -> str:
    """Give the page with the table as it is now."""
    parts = [PAGE.read_text("utf-8").partition(MARK)[0], MARK]
    for heading, rules in SECTIONS.items():
        rows = "\n".join(row(code, rule) for code, rule in rules.items())
        parts.append(f"\n## {heading}\n\n| Rule | Verdict | It is found that … | Source |\n|---|---|---|---|\n{rows}\n")
    return "".join(parts)


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text("utf-8") == page()


def codes(file: Path) -> Iterator[str]:
    """Give the codes that a file's findings have, those that are written as they are."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            for argument in node.args[1:2] if name in EMITTING else ():
                yield from (
                    each.value for each in ast.walk(argument) if isinstance(each, ast.Constant) and "_" in each.value
                )


def test_every_finding_about_a_diagram_has_a_rule() -> None:
    found = {code for file in (ROOT / "runner" / "bpmn").rglob("*.py") for code in codes(file)}
    # Codes that begin or end with _ are put together with the kind of an event, or the name of an attribute.
    assert {code for code in found if not code.startswith("_") and not code.endswith("_")} - set(RULES) == set()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
