"""Connections to a PostgreSQL server that are terminated under load, again and again: nothing is lost, work goes on."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from durability.endings import Ending, unlike
from durability.faults import PATIENCE, start_what_can_be, working
from durability.invariants import violations
from sqlalchemy import make_url
from waiting import until

from runner.commands.instances import list_instances

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"


class Terminator:
    """Terminates all connections of one application, every few hundredths of a second."""

    def __init__(self, url: str, name: str) -> None:
        self._server = make_url(url).set(drivername="postgresql", query={})
        self._name = name
        self._stopping = threading.Event()
        self.terminated = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Terminate for as long as the block runs."""
        thread = threading.Thread(target=self._run, name="terminator")
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join()

    def _run(self) -> None:
        with psycopg.connect(self._server.render_as_string(hide_password=False), autocommit=True) as connection:
            while not self._stopping.wait(0.03):
                self.terminated += len(connection.execute(TERMINATE, [self._name]).fetchall())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_terminated_connections_lose_nothing_and_the_work_goes_on(
    database_url: str, undisturbed: dict[str, Ending], caplog: pytest.LogCaptureFixture
) -> None:
    name = f"test_{secrets.token_hex(6)}"
    with working(f"{database_url}&application_name={name}") as runner:
        terminator = Terminator(database_url, name)
        with terminator.at_work():
            acknowledged = start_what_can_be(runner, 100)
        assert terminator.terminated > 10 and acknowledged
        assert "terminat" in caplog.text
        until(lambda: not list_instances(runner.runtime, state="active", limit=1).total, timeout=PATIENCE)
        known = {each.id for each in list_instances(runner.runtime, limit=1_000).instances}
        assert known >= {instance.id for instance in acknowledged}
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])
