"""A job that the last answer of a stopping worker claims for it is given back like all that it has not begun."""

from __future__ import annotations

import threading
from pathlib import Path

from builders import chain
from waiting import until

from runner import Runner, handler
from runner.commands import definitions
from runner.settings import Settings
from runner.store.transactions import Transaction


@handler("b")
def never() -> None:
    """Be called by nobody: the worker stops before."""
    raise AssertionError("the worker has stopped")


class Held:
    """A command that holds up the transaction it is in."""

    def __init__(self) -> None:
        self.begun, self.opened = threading.Event(), threading.Event()

    def __call__(self, _transaction: Transaction) -> None:
        """Wait until it is opened."""
        self.begun.set()
        assert self.opened.wait(20)


def test_a_job_that_an_answer_claims_while_its_worker_stops_is_given_back(tmp_path: Path) -> None:
    reached, go_on = threading.Event(), threading.Event()

    @handler("a")
    def a() -> None:
        reached.set()
        assert go_on.wait(20)

    url, before, beside = f"sqlite:///{tmp_path}/x.db", Held(), Held()
    runner = Runner(url, [a, never], settings=Settings(threads=1))
    definitions.deploy(runner.runtime, chain("ab"), source="test.bpmn")
    instance = runner.start("p").id
    assert reached.wait(20)
    runner.runtime.database.submit(before, ignore)
    assert before.begun.wait(20)
    go_on.set()
    until(lambda: not runner.runtime.database._queue.empty())
    runner.runtime.database.submit(beside, ignore)
    before.opened.set()
    assert beside.begun.wait(20)
    closing = threading.Thread(target=runner.close)
    closing.start()
    until(lambda: not [each for each in threading.enumerate() if each.name.startswith("runner-handler")])
    beside.opened.set()
    closing.join()

    with Runner(url, [], settings=Settings(), work=False) as looking:
        (token,) = looking.instance(instance).tokens
        assert token.job is not None and (token.element_id, token.job.state) == ("b", "ready")


def ignore(_result: object, _error: object) -> None:
    """Be told how a command ended."""
