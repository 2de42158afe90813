"""A runner whose clock and workers are the test itself, on every kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from builders import FakeClock, chain

from runner import HandlerRegistry
from runner.app import Runner, RunnerInstance
from runner.commands import definitions
from runner.commands.jobs import ClaimedJob, claim_jobs
from runner.handling import Handler
from runner.retry import RetryPolicy
from runner.runtime import Runtime


class Bench:
    """A runner without threads: the test claims jobs and answers them."""

    def __init__(self, url: str, handlers: dict[str, RetryPolicy]) -> None:
        self.clock = FakeClock()
        registry = HandlerRegistry(Handler(topic, _handler(topic), retry=policy) for topic, policy in handlers.items())
        self.runner = Runner(database=url, handlers=registry, clock=self.clock, work=False)

    @property
    def runtime(self) -> Runtime:
        """Give what commands take first."""
        return self.runner.runtime

    def deploy(self, xml: bytes) -> None:
        """Store a diagram."""
        definitions.deploy(self.runtime, xml, source="test.bpmn")

    def start(self, names: list[str], variables: dict[str, Any] | None = None) -> RunnerInstance:
        """Start an instance of a chain of these service tasks."""
        self.deploy(chain(names))
        return self.runner.start("p", variables or {})

    def claim(self, *, worker: str = "w1", limit: int = 10) -> list[ClaimedJob]:
        """Take what is due."""
        return claim_jobs(self.runtime, self.runtime.handlers.topics, worker=worker, limit=limit)


def _handler(topic: str) -> Callable[[], None]:
    def call() -> None:
        raise AssertionError(f"{topic} is answered by the test")

    return call


@pytest.fixture
def bench(database_url: str) -> Iterator[Bench]:
    """Give a bench with handlers `a`, `b`, `c`, `work` (retried for ever) and `thrice` (three attempts)."""
    policies = {"a": RetryPolicy(), "b": RetryPolicy(), "c": RetryPolicy(), "thrice": RetryPolicy(max_attempts=3)}
    policies["work"] = RetryPolicy()
    opened = Bench(database_url, policies)
    yield opened
    opened.runner.close()
