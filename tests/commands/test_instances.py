"""Starting, finding, showing and restoring instances."""

from __future__ import annotations

import pytest
from builders import chain, loop
from commands.conftest import Bench

from runner.commands import definitions, instances
from runner.commands.jobs import complete_job
from runner.errors import (
    DefinitionNotFound,
    DiagramRefused,
    IncidentNotFound,
    InstanceEnded,
    InstanceNotFound,
    Invalid,
    VariablesInvalid,
)
from runner.model import InstanceState


def test_an_unknown_key_names_the_known_ones(bench: Bench) -> None:
    bench.deploy(chain(["a"], key="capture"))

    with pytest.raises(DefinitionNotFound, match=r"(?s)'captur'.*Known: capture.*Did you mean 'capture'"):
        bench.runner.start("captur")


def test_unchanged_content_makes_no_new_version_and_changed_content_does(bench: Bench) -> None:
    results = [
        definitions.deploy(bench.runtime, xml, source="x.bpmn")[0]
        for xml in (chain(["a"]), chain(["a"]), chain(["a", "b"]))
    ]

    assert [(each.definition.version, each.created) for each in results] == [(1, True), (1, False), (2, True)]


def test_an_instance_keeps_its_version(bench: Bench) -> None:
    old = bench.start(["a"])
    new = bench.start(["b"])

    assert [old.view().instance.version, new.view().instance.version] == [1, 2]
    assert {job.topic for job in bench.claim()} == {"a", "b"}


def test_a_refused_diagram_stores_nothing(bench: Bench) -> None:
    with pytest.raises(DiagramRefused, match="nobody"):
        bench.deploy(chain(["a", "nobody"]))

    assert definitions.list_definitions(bench.runtime) == ()


def test_variables_that_are_not_json_store_nothing(bench: Bench) -> None:
    bench.deploy(chain(["a"]))

    with pytest.raises(VariablesInvalid, match="price"):
        bench.runner.start("p", {"price": float("nan")})
    assert instances.list_instances(bench.runtime).total == 0


@pytest.mark.parametrize("variables", [{"typename": "str", "": None, "ключ": "🦊"}, {"n": 10**400, "deep": [[[[{}]]]]}])
def test_any_json_input_works(bench: Bench, variables: dict[str, object]) -> None:
    instance = bench.start(["a"], variables)
    complete_job(bench.runtime, bench.claim()[0], {})

    assert instance.variables == variables


def test_an_instance_restored_from_the_log_goes_on(bench: Bench) -> None:
    bench.deploy(loop("n < 200"))
    instance = bench.runner.start("p", {"n": 0, "payload": "x" * 300})
    for number in range(1, 201):
        bench.runtime.hot.take(instance.id)
        (job,) = bench.claim()
        complete_job(bench.runtime, job, {"n": number})

    assert instance.state is InstanceState.COMPLETED and instance.variables["n"] == 200


def test_an_earlier_step_can_be_read_back(bench: Bench) -> None:
    instance = bench.start(["a", "b"], {"n": 0})
    for number in (1, 2):
        complete_job(bench.runtime, bench.claim()[0], {"n": number})

    then = instance.view(at=1)

    assert then.variables == {"n": 1}
    assert [token.element_id for token in then.tokens] == ["b"]


def test_history_numbers_every_entry_without_a_gap(bench: Bench) -> None:
    instance = bench.start(["a", "b"])
    for _ in range(2):
        complete_job(bench.runtime, bench.claim()[0], {})

    history = instance.history
    assert [entry.seq for entry in history] == list(range(1, len(history) + 1))
    assert [entry.element_id for entry in history if entry.event == "completed"] == ["s", "a", "b", "e", "p"]


def test_an_instance_is_found_by_the_beginning_of_its_id(bench: Bench) -> None:
    instance = bench.start(["a"])

    assert instances.find_instance(bench.runtime, instance.id[:20]).id == instance.id
    with pytest.raises(InstanceNotFound, match="nonsense"):
        instances.find_instance(bench.runtime, "nonsense")


def test_a_beginning_of_several_ids_names_them(bench: Bench) -> None:
    ids = sorted(bench.start(["a"]).id for _ in range(2))

    with pytest.raises(Invalid, match=f"begins several: {ids[0]}, {ids[1]}\\."):
        instances.find_instance(bench.runtime, "01")


def test_instances_are_listed_by_key_state_and_problem(bench: Bench) -> None:
    bench.start(["a"]).cancel()
    alive = bench.start(["a"])

    assert [each.id for each in instances.list_instances(bench.runtime, state="active").instances] == [alive.id]
    assert instances.list_instances(bench.runtime, key="p", limit=1).total == 2
    assert instances.list_instances(bench.runtime, problem="incident").total == 0


def test_what_has_ended_cannot_be_canceled_or_retried(bench: Bench) -> None:
    instance = bench.start(["a"])
    with pytest.raises(IncidentNotFound):
        instance.retry()
    instance.cancel()

    with pytest.raises(InstanceEnded):
        instance.cancel()
    with pytest.raises(InstanceEnded):
        instance.retry()


def test_changes_tell_which_instances_moved_since_a_cursor(bench: Bench) -> None:
    first = bench.start(["a"])
    cursor = instances.last_change(bench.runtime)
    second = bench.start(["a"])

    assert [(each.instance_id, each.seq) for each in instances.changes(bench.runtime, cursor)] == [(second.id, 0)]
    assert [each.instance_id for each in instances.changes(bench.runtime, 0)] == [first.id, second.id]
