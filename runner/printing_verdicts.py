"""What `runner check` prints of files: what was found, and each part with its verdict; for people or programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from runner.bpmn.listing import Listed, count
from runner.errors import Finding
from runner.printing import print_json

_VERDICTS = {"refused": "refused", "not_executable": "not executable", "accepted": "runs as drawn"}
# A column is not widened beyond this by a cell or two, and a reason is cut; the findings have it whole.
_WIDEST, _REASON = 40, 100


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked: what was found, and its parts; a file of decisions or an unreadable one has none."""

    file: str
    findings: tuple[Finding, ...]
    parts: tuple[Listed, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Say whether the file would not be deployed."""
        return self.verdict != "accepted"

    @property
    def verdict(self) -> str:
        """Give the verdict on the file; one that lacks nothing but the mark is "not_executable"."""
        refusals = {finding.code for finding in self.findings if finding.verdict == "refused"}
        return "refused" if refusals - {"no_executable_process"} else "not_executable" if refusals else "accepted"


def print_checked(files: Sequence[Checked], *, as_json: bool, with_parts: bool) -> None:
    """Print what `check` found in each file, and with `with_parts` what each part of it comes to."""
    if as_json:
        print_json({"files": [_as_json(each, with_parts=with_parts) for each in files]})
        return
    for each in files:
        click.echo(f"{each.file}: {_VERDICTS[each.verdict]}")
        for finding in each.findings:
            click.echo(f"  {finding.describe(each.file)}")
        for line in _lines(each.parts) if with_parts and each.parts else ():
            click.echo(f"  {line}")


def _lines(parts: Sequence[Listed]) -> Iterator[str]:
    """Give how many parts there are of each verdict, then a table of them."""
    yield ", ".join(f"{number} {outcome}" for outcome, number in count(parts).items() if number)
    rows = [("line", "verdict", "part", "id")]
    rows += [(str(each.line), each.outcome.value, each.name, each.element_id) for each in parts]
    widths = [min(max(len(row[column]) for row in rows), _WIDEST) for column in range(4)]
    for row, reason in zip(rows, ("reason", *(each.reason for each in parts)), strict=True):
        line, *rest = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(
            (line.strip().rjust(widths[0]), *rest, textwrap.shorten(reason, 100, placeholder=" …"))
        ).rstrip()


def _as_json(checked: Checked, *, with_parts: bool) -> dict[str, Any]:
    return {
        "file": checked.file,
        "verdict": checked.verdict,
        "findings": list(map(_finding, checked.findings)),
        **({"counts": count(checked.parts), "parts": list(map(_part, checked.parts))} if with_parts else {}),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "verdict": finding.verdict,
        "code": finding.code,
        "element_id": finding.element_id,
        "line": finding.line,
        "message": finding.message,
        "source": finding.source,
    }


def _part(part: Listed) -> dict[str, Any]:
    return {
        "verdict": part.outcome.value,
        "kind": part.kind,
        "name": part.name,
        "element_id": part.element_id,
        "line": part.line,
        "reason": part.reason,
    }
