"""Every diagram that is accepted runs: to its end, or to something it waits for, or to an incident that says why.

Our own diagrams are run; RUNNER_DRAWINGS names a folder of others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from stubbed import drawings, run_file

ROOT = Path(__file__).parents[2]
OWN = [ROOT / name for name in ("processes", "examples", "tests/diagrams")]
OTHERS = os.environ.get("RUNNER_DRAWINGS")
FOLDERS = [Path(OTHERS)] if OTHERS else OWN
FILES = [path for folder in FOLDERS for path in drawings(folder)]
# Kinds of incidents that a stub's missing answers can explain; any other would be our own fault.
EXPLAINED = {"expression_failed", "no_flow_taken", "error_uncaught", "call_failed"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_runs_or_says_why_not(path: Path) -> None:
    outcomes = list(run_file(path))

    assert all(each.end or each.reasons for each in outcomes)
    assert {kind for each in outcomes for kind, _ in each.incidents} <= EXPLAINED
    if not OTHERS:
        assert {each.verdict for each in outcomes} == {"accepted"} and not any(each.incidents for each in outcomes)
