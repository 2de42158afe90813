"""Fixtures that every test may use, and the promise that in CI nothing is skipped."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from runner import Runner

ROOT = Path(__file__).parent.parent
# How long an example takes says something about the machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def quiet_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith(("RUNNER_", "POKEMON_", "OAK_"))]:
        if name not in ("RUNNER_TESTS_MUST_NOT_SKIP", "RUNNER_TEST_POSTGRESQL"):
            monkeypatch.delenv(name)


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """Give a runner on a throwaway database with the project's own handlers and processes."""
    monkeypatch.chdir(ROOT)
    with Runner(database="sqlite://", handlers=["handlers"]) as opened:
        opened.deploy(*sorted((ROOT / "processes").glob("*.bpmn")))
        yield opened


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Turn a skip into a failure where everything that tests need is promised to be there."""
    if report.skipped and os.environ.get("RUNNER_TESTS_MUST_NOT_SKIP"):
        report.outcome = "failed"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of an empty database, once of each kind. PostgreSQL: RUNNER_TEST_POSTGRESQL, else the local one."""
    if request.param == "sqlite":
        yield "sqlite://"
    else:
        yield from _postgresql_schema()


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    yield from _postgresql_schema()


def _postgresql_schema() -> Iterator[str]:
    psycopg = pytest.importorskip("psycopg", reason="needs the extra 'postgresql'")
    server = os.environ.get("RUNNER_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/test")
    name = f"test_{secrets.token_hex(6)}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"needs a PostgreSQL server: {error}")
    with connection:
        connection.execute(f"CREATE SCHEMA {name}")
        yield server.replace("postgresql://", "postgresql+psycopg://") + f"?options=-csearch_path%3D{name}"
        connection.execute(f"DROP SCHEMA {name} CASCADE")
