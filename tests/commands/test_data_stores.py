"""Data stores: read when an activity begins, written with its completion, shared by all; kept apart from the log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from builders import bpmn
from commands.conftest import Bench

from runner.app import Runner, RunnerInstance
from runner.commands import definitions, verification
from runner.commands.jobs import complete_job
from runner.errors import DataStoreNotFound, Invalid
from runner.store.statements import Statement
from runner.store.tables import data_stores

STORE = '<dataStore id="ds" name="Stock"/>'
REFERENCE = '<dataStoreReference id="ref" name="On the shelf" dataStoreRef="ds"/>'
ENDS = (
    '<ioSpecification><dataInput id="di" name="seen"/><dataOutput id="do" name="left"/>'
    "<inputSet><dataInputRefs>di</dataInputRefs></inputSet><outputSet><dataOutputRefs>do</dataOutputRefs></outputSet>"
    "</ioSpecification>"
)
READ = "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>di</targetRef></dataInputAssociation>"
WRITTEN = "<dataOutputAssociation><sourceRef>do</sourceRef><targetRef>ref</targetRef></dataOutputAssociation>"
DRAWN = (
    '<property id="pl" name="__targetRef_placeholder"/>'
    "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>pl</targetRef></dataInputAssociation>"
    "<dataOutputAssociation><targetRef>ref</targetRef></dataOutputAssociation>"
)


def moving(inside: str, tag: str = "serviceTask", *, key: str = "p") -> bytes:
    """Give a process with task `a`, which reads or writes data store "Stock"."""
    drawn = bpmn([("s", "startEvent"), ("a", tag, inside), ("e", "endEvent")], [("s", "a"), ("a", "e")], key=key)
    return drawn.replace(b"<process", STORE.encode() + b"<process").replace(
        b"<startEvent", f"{REFERENCE}<startEvent".encode()
    )


def computed(source: str, to: str = "Stock") -> bytes:
    """Give a process that assigns a computed value to the data store."""
    assigned = f"<assignment><from>{source}</from><to>{to}</to></assignment>"
    return moving(f"<dataOutputAssociation><targetRef>ref</targetRef>{assigned}</dataOutputAssociation>", "task")


def answer(bench: Bench, **variables: object) -> dict[str, object]:
    """Answer the oldest job, and give what its handler would have seen."""
    (job,) = bench.claim(limit=1)
    complete_job(bench.runtime, job, variables)
    return dict(job.variables)


def started(bench: Bench, xml: bytes, **variables: object) -> RunnerInstance:
    bench.deploy(xml)
    return bench.runner.start("p", variables)


def test_a_step_reads_when_it_begins_and_writes_when_it_ends(bench: Bench) -> None:
    bench.runner.set_data_store("Stock", 5)
    instance = started(bench, moving(ENDS + READ + WRITTEN))
    bench.runner.set_data_store("Stock", 6)

    assert answer(bench, left=4)["seen"] == 5
    found = bench.runner.data_store("Stock")
    assert (found.value, found.revision, found.instance_id, found.element_id) == (4, 3, instance.id, "a")
    assert instance.variables == {}
    events = [(each.event, each.detail) for each in instance.history if each.event.startswith("data_")]
    assert events == [("data_read", {"store": "Stock"}), ("data_written", {"store": "Stock", "value": 4})]


def test_another_instance_of_another_process_reads_what_was_written(bench: Bench) -> None:
    started(bench, computed("n * 2"), n=21)
    bench.deploy(moving(ENDS + READ, key="q"))
    bench.runner.start("q")
    assert answer(bench)["seen"] == 42


def test_an_empty_data_store_reads_as_null(bench: Bench) -> None:
    started(bench, moving(ENDS + READ))
    assert answer(bench)["seen"] is None


def test_of_a_store_that_is_only_drawn_the_value_is_a_variable_of_its_name(bench: Bench) -> None:
    bench.runner.set_data_store("Stock", [1])
    instance = started(bench, moving(DRAWN))
    assert answer(bench, Stock=[1, 2], other=3)["Stock"] == [1]
    assert bench.runner.data_store("Stock").value == [1, 2]
    assert instance.variables == {"other": 3}


def test_results_that_are_not_there_leave_a_data_store_as_it_is(bench: Bench) -> None:
    bench.runner.set_data_store("Stock", 5)
    started(bench, moving(ENDS + WRITTEN))
    answer(bench)
    assert bench.runner.data_store("Stock").value == 5


def test_counting_in_a_data_store_loses_no_count(bench: Bench) -> None:
    bench.runner.set_data_store("Stock", 0)
    bench.deploy(computed("Stock + n"))
    bench.runner.start_many("p", [{"n": n} for n in range(20)])
    assert bench.runner.data_store("Stock").value == sum(range(20))


def test_an_assignment_writes_at_a_path_and_leaves_the_rest(bench: Bench) -> None:
    bench.runner.set_data_store("Stock", {"pears": 1})
    started(bench, computed("n", "Stock.apples"), n=2)
    assert bench.runner.data_store("Stock").value == {"pears": 1, "apples": 2}


def test_an_element_that_fails_to_leave_has_written_nothing(bench: Bench) -> None:
    instance = started(bench, computed("missing + 1"))
    assert [each.kind for each in instance.incidents] == ["expression_failed"]
    with pytest.raises(DataStoreNotFound, match="All are empty"):
        bench.runner.data_store("Stock")
    instance.resolve(variables={"missing": 1})
    assert bench.runner.data_store("Stock").value == 2


def test_a_data_store_is_set_and_emptied_by_hand(bench: Bench) -> None:
    bench.runner.set_data_store("on the shelf", {"a": [1]})
    assert [each.name for each in bench.runner.data_stores()] == ["on_the_shelf"]
    bench.runner.delete_data_store("on_the_shelf")
    assert bench.runner.data_stores() == ()
    with pytest.raises(DataStoreNotFound):
        bench.runner.delete_data_store("on_the_shelf")
    with pytest.raises(Invalid):
        bench.runner.set_data_store(" ", 1)


def test_verifying_finds_a_value_that_is_no_json(bench: Bench) -> None:
    bench.runner.set_data_store("Stock", 1)
    assert verification.verify(bench.runtime).violations == []
    spoil = Statement(data_stores, data_stores.update().values(value="{"))
    bench.runtime.database.write(lambda transaction: transaction.execute(spoil, {}))
    assert [each.invariant for each in verification.verify(bench.runtime).violations] == ["file"]


def test_runners_that_count_in_one_data_store_lose_no_count(database_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shared.db" if database_url == "sqlite://" else database_url
    with Runner(url, (), work=False) as one, Runner(url, (), work=False) as other:
        definitions.deploy(one.runtime, computed("(Stock.count or 0) + 1", "Stock.count"), source="p.bpmn")
        one.set_data_store("Stock", {"count": 0})
        with ThreadPoolExecutor(2) as pool:
            for counting in [pool.submit(each.start_many, "p", [{}] * 30) for each in (one, other)]:
                counting.result()
        assert one.data_store("Stock").value == {"count": 60}
