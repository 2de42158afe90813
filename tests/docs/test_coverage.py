"""The page of what is executed is what the verdict tables say, and each test that it names is there."""

from __future__ import annotations

import re

from docs.coverage import PAGE, page
from documents import ROOT
from features.feature import read_features

from runner.bpmn.listing import PARTS
from runner.bpmn.parts import ATTRIBUTES
from runner.bpmn.verdicts import ELEMENTS, EVENTS


def test_the_page_is_what_the_tables_say() -> None:
    stale = "docs/bpmn-coverage.md is stale: PYTHONPATH=tests .venv/bin/python -m docs.coverage writes it anew"
    assert PAGE.read_text("utf-8") == page() + "\n", stale


def test_each_test_that_shows_a_row_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`", PAGE.read_text("utf-8"))
    sources = {path: (ROOT / path).read_text("utf-8") for path, *_ in named}
    assert [(path, test) for path, test, _ in named if f"def {test}(" not in sources[path]] == []
    features = {name for path, _, name in named if "features" in path}
    assert features <= {feature.name for feature in read_features()}


def test_every_row_of_the_page_names_a_test() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and "| Shown by" not in line]
    assert [line for line in rows if "`tests/" not in line] == []
    assert len(rows) > len(ELEMENTS) + len(EVENTS) + len(PARTS) + len(ATTRIBUTES)
