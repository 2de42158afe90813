"""A store in every condition that there is, on every kind of database, and a way to damage it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from awaiting import message, timed
from builders import bpmn, chain, fork
from commands.conftest import Bench
from commands.drawings import caller, work
from sqlalchemy import text

from runner import Runner, handler
from runner.commands import definitions
from runner.commands.jobs import complete_job, fail_job
from runner.commands.upkeep import archive_ended
from runner.commands.verification import verify
from runner.model import Failure, IncidentKind
from runner.retry import RetryPolicy

BOOM = Failure("ConnectionError", "connection refused", "Traceback …")
LARGE = {"large": "x" * 9000}


class Store(Bench):
    """A bench that can bring instances into every condition."""

    def completed(self) -> str:
        """Run an instance to its end, with a snapshot on the way."""
        instance = self.start(["a", "b"], {"n": 1})
        for variables in (LARGE, {"b": 2}):
            complete_job(self.runtime, self.claim()[0], variables)
        return instance.id

    def canceled(self) -> str:
        """Cancel an instance."""
        instance = self.start(["a"])
        instance.cancel()
        return instance.id

    def retrying(self) -> str:
        """Let an instance's second job fail once, with a snapshot before."""
        instance = self.start(["a", "b"])
        complete_job(self.runtime, self.claim()[0], LARGE)
        fail_job(self.runtime, self.claim()[0], BOOM)
        return instance.id

    def troubled(self) -> str:
        """Let an instance's job fail for good."""
        instance = self.start(["a"])
        fail_job(self.runtime, self.claim()[0], BOOM, kind=IncidentKind.PERMANENT_FAILURE)
        return instance.id

    def joining(self) -> str:
        """Let one of two branches arrive at the join; the other is at work."""
        self.deploy(fork("a", "b"))
        instance = self.runner.start("p")
        (job,) = (job for job in self.claim() if job.topic == "a")
        complete_job(self.runtime, job, {})
        return instance.id

    def assigned(self) -> str:
        """Let a token wait for a person."""
        self.deploy(work().replace(b'"b"', b'"c"'))
        return self.runner.start("p").id

    def calling(self) -> str:
        """Let an instance wait for one that it called."""
        self.deploy(chain(["a"], key="child"))
        self.deploy(caller())
        return self.runner.start("p").id

    def stalled(self) -> str:
        """Let a token wait at a join that no other can reach any more."""
        nodes = [(id, tag) for id, tag in [("s", "startEvent"), ("way", "exclusiveGateway"), ("e", "endEvent")]]
        arrows = [("s", "way"), ("way", "join", "false"), ("way", "join", "default"), ("join", "e")]
        self.deploy(bpmn([*nodes, ("join", "parallelGateway")], arrows))
        return self.runner.start("p").id

    def waiting(self) -> str:
        """Let a token wait for a message, beside a timer on its border."""
        timer = ("late", 'boundaryEvent attachedToRef="c"', timed("Duration", "PT1H"))
        nodes = [("s", "startEvent"), ("c", "receiveTask messageRef='Paid'"), ("e", "endEvent"), timer]
        self.deploy(bpmn(nodes, [("s", "c"), ("c", "e"), ("late", "e")], extra=message("Paid", "order")))
        return self.runner.start("p", {"order": 7}).id

    def published(self) -> str:
        """Keep a message beside an instance that waits for another one."""
        id = self.waiting()
        self.runner.publish_message("Paid", 8)
        return id

    def archived(self) -> str:
        """Archive a completed instance."""
        id = self.completed()
        self.clock.move(10)
        self.start(["a"])  # the one that moved last is never archived
        assert archive_ended(self.runtime, timedelta(seconds=5)) > 0
        return id

    def change(self, statement: str, **values: object) -> None:
        """Change rows behind the runner's back."""
        with self.runtime.database.read() as connection:
            assert connection.execute(text(statement), values).rowcount > 0

    def violations(self) -> list[tuple[str, str]]:
        """Verify, and give what was found as (invariant, sentence)."""
        return [(each.invariant, each.message) for each in verify(self.runtime).violations]


@contextmanager
def under_load(url: str) -> Iterator[Runner]:
    """Give a runner whose instances are started and worked on, again and again, by threads of its own."""
    quick: list[Callable[[], None]] = [handler(topic)(lambda: None) for topic in "ab"]
    with Runner(url, handlers=quick) as runner:
        definitions.deploy(runner.runtime, chain(["a", "b"]), source="test.bpmn")
        stopping = threading.Event()

        def load() -> None:
            while not stopping.is_set():
                runner.start("p", {"payload": "x" * 500}).wait(10)

        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        yield runner
        stopping.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give a store with handlers `a`, `b`, `c`; their jobs are answered by the test."""
    opened = Store(database_url, dict.fromkeys("abc", RetryPolicy()))
    yield opened
    opened.runner.close()
