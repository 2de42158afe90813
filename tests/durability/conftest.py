"""Databases that several processes, or several lives of a runner, can open one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from durability.endings import Ending, undisturbed_endings
from durability.invariants import violations
from durability.lives import Midwife, midwife

from runner import Runner
from runner.settings import Settings


@pytest.fixture
def lasting_url(database_url: str, tmp_path: Path) -> str:
    """Give the URL of an empty database that outlives its runner, once of each kind."""
    return f"sqlite:///{tmp_path / 'runner.db'}" if database_url == "sqlite://" else database_url


@pytest.fixture
def verified_url(lasting_url: str) -> Iterator[str]:
    """Give such a URL, and look through the whole database when the test is over."""
    yield lasting_url
    with Runner(lasting_url, [], settings=Settings(), work=False) as runner:
        assert violations(runner.runtime) == []


@pytest.fixture(scope="session")
def undisturbed() -> dict[str, Ending]:
    """Tell how each sample ends when nothing happens to it."""
    return undisturbed_endings()


@pytest.fixture(scope="session")
def attendant() -> Iterator[Midwife]:
    """Give a process that brings runner processes into the world."""
    with midwife() as found:
        yield found
