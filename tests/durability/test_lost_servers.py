"""A PostgreSQL server that is stopped and started again, or crashes, while it is used: what was acknowledged is there,
the runner says what is wrong, and goes on by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from durability import samples
from durability.endings import Ending, unlike
from durability.faults import PATIENCE, working
from durability.invariants import violations
from durability.servers import Server, private_server, programs
from waiting import until

from runner import Runner
from runner.app import RunnerInstance
from runner.commands.instances import list_instances
from runner.errors import DatabaseUnusable
from web import create_app

# Enough to go on with while the server is away.
ROOM = 10_000


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        pytest.skip("needs PostgreSQL's own programs: initdb, pg_ctl")
    with private_server(found) as started:
        yield started


class Customer(threading.Thread):
    """Starts instances one after the other, whatever happens, until told to stop."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(name="customer")
        self._runner = runner
        self._enough = threading.Event()
        self.acknowledged: list[RunnerInstance] = []
        self.refused = 0

    def run(self) -> None:
        """Start the samples in turn."""
        keys = list(samples.SAMPLES)
        for turn in range(ROOM):
            if self._enough.is_set():
                return
            try:
                key = keys[turn % len(keys)]
                self.acknowledged.append(self._runner.start(key, samples.SAMPLES[key].variables))
            except DatabaseUnusable:
                self.refused += 1
                self._enough.wait(0.02)

    def more(self, number: int) -> None:
        """Wait until so many more have been started."""
        wanted = len(self.acknowledged) + number
        until(lambda: len(self.acknowledged) >= wanted, timeout=PATIENCE)

    def stop(self) -> None:
        """Start no more."""
        self._enough.set()
        self.join()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_is_restarted_under_load_loses_nothing_and_the_work_goes_on(
    server: Server, mode: str, undisturbed: dict[str, Ending], caplog: pytest.LogCaptureFixture
) -> None:
    with working(server.url) as runner:
        customer = Customer(runner)
        customer.start()
        for _ in range(2):
            customer.more(10)
            server.stop(mode)
            refused = customer.refused
            until(lambda: customer.refused > refused, timeout=PATIENCE)  # noqa: B023  # waited for at once
            server.start()
        customer.more(10)
        customer.stop()
        until(lambda: not list_instances(runner.runtime, state="active", limit=1).total, timeout=PATIENCE)
        assert "no server listens there: start PostgreSQL or correct the address" in caplog.text
        known = {each.id for each in list_instances(runner.runtime, limit=ROOM).instances}
        assert known >= {instance.id for instance in customer.acknowledged}
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])


def test_health_is_an_error_while_the_server_is_away(server: Server) -> None:
    with working(server.url) as runner:
        client = create_app(runner.runtime).test_client()
        server.stop("fast")
        assert client.get("/healthz").status_code >= 500
        server.start()
        assert client.get("/healthz").status_code == 200
