"""Call activities: one process starts another, waits for it, and goes on with what it gave, threw or left behind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from builders import bpmn, chain
from commands.conftest import Bench
from commands.drawings import caller, caught, ending, put

from runner.app import RunnerInstance
from runner.commands import calls
from runner.commands.instances import list_instances
from runner.commands.jobs import ThrownError, complete_job, throw_error
from runner.commands.upkeep import delete_ended
from runner.commands.verification import verify
from runner.errors import Conflict
from runner.model import IncidentKind


def child_of(bench: Bench, instance: RunnerInstance) -> RunnerInstance:
    (token,) = (token for token in instance.tokens if token.waiting_for == "call")
    assert token.called_id is not None
    return bench.runner.instance(token.called_id)


def begun(bench: Bench, *files: bytes, variables: dict[str, object] | None = None) -> RunnerInstance:
    for file in files:
        bench.deploy(file)
    return bench.runner.start("p", variables or {})


def places(instance: RunnerInstance) -> list[str]:
    return [token.element_id for token in instance.tokens]


def fits(bench: Bench) -> bool:
    return verify(bench.runtime).violations == []


def test_a_caller_waits_for_what_it_called_and_takes_its_results(bench: Bench) -> None:
    instance = begun(bench, chain(["work"], key="child"), caller(), variables={"n": 1})
    child = child_of(bench, instance)
    assert (child.variables, child.view().instance.parent_id, fits(bench)) == ({"n": 1}, instance.id, True)

    complete_job(bench.runtime, bench.claim()[0], {"done": True})

    assert (child.state, instance.variables, places(instance)) == ("completed", {"n": 1, "done": True}, ["a"])
    assert fits(bench)


def test_what_never_waits_is_called_and_over_in_one_step(bench: Bench) -> None:
    instance = begun(bench, bpmn([("s", "startEvent"), ("e", "endEvent")], [("s", "e")], key="child"), caller())

    assert places(instance) == ["a"] and fits(bench)


def test_a_missing_process_is_an_incident_and_a_retry_calls_it(bench: Bench) -> None:
    instance = begun(bench, caller())
    assert [(each.element_id, each.kind) for each in instance.incidents] == [("call", IncidentKind.CALL_FAILED)]
    assert "'child'" in instance.incidents[0].message and fits(bench)
    bench.deploy(chain(["work"], key="child"))

    instance.retry()

    assert instance.incidents == () and child_of(bench, instance).state == "active" and fits(bench)


def test_an_endless_recursion_is_an_incident(bench: Bench) -> None:
    instance = begun(bench, caller("p"))

    deepest = [each for each in _all(bench) if each.incidents]
    assert [each.incidents[0].kind for each in deepest] == [IncidentKind.CALL_FAILED]
    assert len(_all(bench)) == 101 and instance.state == "active"


def test_canceling_the_caller_ends_all_that_it_called(bench: Bench) -> None:
    instance = begun(bench, chain(["work"], key="inner"), caller("inner", key="child"), caller())

    instance.cancel()

    assert [each.state for each in _all(bench)] == ["terminated"] * 3
    assert bench.claim() == [] and fits(bench)


def test_what_was_called_cannot_be_canceled_by_itself(bench: Bench) -> None:
    child = child_of(bench, begun(bench, chain(["work"], key="child"), caller()))

    with pytest.raises(Conflict, match="was called by"):
        child.cancel()

    assert child.state == "active"


def test_an_error_end_is_caught_by_the_caller_and_leaves_no_incident(bench: Bench) -> None:
    bad = '<errorEventDefinition errorRef="bad"/>'
    instance = begun(bench, ending(bad), caller(more=caught("error", "bad")))

    (child,) = [each for each in _all(bench) if each.id != instance.id]
    assert (child.state, child.view().incidents, places(instance)) == ("terminated", (), ["b"])
    assert fits(bench)


def test_an_error_passes_through_callers_that_do_not_catch_it(bench: Bench) -> None:
    bad = '<errorEventDefinition errorRef="bad"/>'
    files = [
        ending(bad, key="inner", first=["work"]),
        caller("inner", key="child"),
        caller(more=caught("error", "bad")),
    ]
    instance = begun(bench, *files)

    complete_job(bench.runtime, bench.claim()[0], {})

    assert [each.state for each in _all(bench)].count("terminated") == 2
    assert places(instance) == ["b"] and fits(bench)


def test_an_error_that_no_caller_catches_is_an_incident_where_it_was_thrown(bench: Bench) -> None:
    instance = begun(bench, ending('<errorEventDefinition errorRef="bad"/>'), caller())

    child = child_of(bench, instance)
    assert [(each.element_id, each.kind) for each in child.incidents] == [("e", IncidentKind.ERROR_UNCAUGHT)]
    assert instance.incidents == () and fits(bench)


def test_an_error_of_a_handler_is_caught_by_the_caller_with_its_variables(bench: Bench) -> None:
    instance = begun(bench, chain(["work"], key="child"), caller(more=caught("error", "bad")))

    throw_error(bench.runtime, bench.claim()[0], ThrownError("BAD", "no", {"why": "x"}))

    assert places(instance) == ["b"] and instance.variables == {"why": "x"}
    assert fits(bench)


@pytest.mark.parametrize(
    ("interrupting", "state", "after"), [(False, "active", {"call", "b"}), (True, "terminated", {"b"})]
)
def test_an_escalation_reaches_the_caller(bench: Bench, interrupting: bool, state: str, after: set[str]) -> None:
    throws = '<escalationEventDefinition escalationRef="up"/>'
    nodes = [("s", "startEvent"), ("up_it", "intermediateThrowEvent", throws), ("work", "serviceTask")]
    up = bpmn(
        nodes, [("s", "up_it"), ("up_it", "work")], key="child", extra='<escalation id="up" escalationCode="UP"/>'
    )
    instance = begun(bench, up, caller(more=caught("escalation", "up", interrupting=interrupting)))

    (child,) = [each for each in _all(bench) if each.id != instance.id]
    assert (child.state, set(places(instance))) == (state, after)
    assert fits(bench)


def test_a_version_that_is_bound_is_called_and_not_the_newest(bench: Bench) -> None:
    bench.deploy(chain(["work"], key="child"))
    bench.deploy(chain(["work", "b"], key="child"))
    ns = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    binding = f'{ns} camunda:calledElementBinding="version" camunda:calledElementVersion="1"'

    instance = begun(bench, caller(attributes=binding))

    assert child_of(bench, instance).view().instance.version == 1


def test_what_was_deployed_together_is_called_after_a_newer_version_came(bench: Bench) -> None:
    ns = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    files = (chain(["work"], key="child"), caller(attributes=f'{ns} camunda:calledElementBinding="deployment"'))
    for file in files:
        bench.deploy(file)
    bench.deploy(chain(["work", "b"], key="child"))

    assert child_of(bench, bench.runner.start("p")).view().instance.version == 1


def test_an_incident_in_a_call_can_be_skipped_with_a_result(bench: Bench) -> None:
    instance = begun(bench, caller())

    instance.resolve(variables={"given": 1}, skip=True)

    assert (instance.incidents, instance.variables, places(instance)) == ((), {"given": 1}, ["a"])
    assert fits(bench)


def _all(bench: Bench) -> list[RunnerInstance]:
    return [bench.runner.instance(each.id) for each in list_instances(bench.runtime, limit=500).instances]


def test_what_was_called_is_kept_as_long_as_its_caller(bench: Bench) -> None:
    instance = begun(bench, chain(["work"], key="child"), caller())
    complete_job(bench.runtime, bench.claim()[0], {})
    bench.clock.move(10)

    assert delete_ended(bench.runtime, timedelta(0)) == 0
    complete_job(bench.runtime, bench.claim()[0], {})
    bench.start(["a"])  # the one that moved last of all is never deleted
    bench.clock.move(10)
    assert [delete_ended(bench.runtime, timedelta(0)) for _ in range(3)] == [1, 1, 0]
    assert instance.id not in {each.id for each in _all(bench)} and fits(bench)


def test_a_caller_that_is_out_of_date_in_memory_gets_its_results_all_the_same(bench: Bench) -> None:
    nodes = [("s", "startEvent"), ("b", "serviceTask")]
    call = '<callActivity id="call" calledElement="child"/><sequenceFlow id="x" sourceRef="b" targetRef="call"/>'
    bench.deploy(chain(["work"], key="child"))
    bench.deploy(put(bpmn(nodes, [("s", "b")]), call))
    instance = bench.runner.start("p")
    stale = bench.runtime.hot.take(instance.id)
    complete_job(bench.runtime, bench.claim()[0], {})
    assert stale is not None
    bench.runtime.hot.put(stale)  # as in a process that has not seen the call begin

    complete_job(bench.runtime, bench.claim()[0], {"done": True})

    assert (instance.state, instance.variables) == ("completed", {"done": True}) and fits(bench)


def test_a_loop_of_calls_that_never_wait_becomes_an_incident(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MOST", 50)
    bench.deploy(bpmn([("s", "startEvent"), ("e", "endEvent")], [("s", "e")], key="child"))
    again = '<exclusiveGateway id="g"/><callActivity id="call" calledElement="child"/>'
    flows = [("s", "g"), ("g", "call"), ("call", "g")]
    arrows = "".join(f'<sequenceFlow id="{a}{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows)
    bench.deploy(put(bpmn([("s", "startEvent")], []), again + arrows))

    instance = bench.runner.start("p")

    assert [(each.element_id, each.kind) for each in instance.incidents] == [("call", IncidentKind.CALL_FAILED)]
    assert "again and again" in instance.incidents[0].message and fits(bench)


def test_a_retry_with_changed_variables_calls_what_they_say(bench: Bench) -> None:
    bench.deploy(chain(["work"], key="child"))
    instance = begun(bench, caller("${which}"), variables={"which": "nothing"})
    assert [each.kind for each in instance.incidents] == [IncidentKind.CALL_FAILED]

    instance.retry({"which": "child"})

    assert instance.incidents == () and child_of(bench, instance).state == "active" and fits(bench)


def test_every_item_of_a_repetition_calls_an_instance_of_its_own(bench: Bench) -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    drawn = caller().replace(b'calledElement="child" />', f'calledElement="child">{many}</callActivity>'.encode())
    instance = begun(bench, chain(["work"], key="child"), drawn)
    assert len({token.called_id for token in instance.tokens if token.called_id}) == 3 and fits(bench)

    for job in bench.claim():
        complete_job(bench.runtime, job, {})

    assert places(instance) == ["a"] and fits(bench)


@pytest.mark.parametrize("where", ["in", "around"])
def test_counters_of_a_repetition_are_not_handed_over_with_all_variables(bench: Bench, where: str) -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>1</loopCardinality></multiInstanceLoopCharacteristics>"
    call = f'<callActivity id="call" calledElement="child">{many if where == "in" else ""}</callActivity>'
    inner = call.replace('id="call"', 'id="inner"')
    around = f'<subProcess id="call">{inner}{many}</subProcess>'
    drawn = caller().replace(b'<callActivity id="call" calledElement="child" />', call.encode())
    if where == "around":
        drawn = drawn.replace(call.encode(), around.encode())
    instance = begun(bench, chain(["work"], key="child"), drawn, variables={"n": 1})
    (token,) = (token for token in instance.tokens if token.called_id)
    assert bench.runner.instance(str(token.called_id)).variables == {"n": 1}


def test_a_call_of_what_is_not_deployed_is_warned_about_when_it_is_deployed(bench: Bench, tmp_path: Path) -> None:
    for name, content in {"caller": caller(), "child": chain(["work"], key="child")}.items():
        (tmp_path / f"{name}.bpmn").write_bytes(content)
    (alone,) = bench.runner.deploy(tmp_path / "caller.bpmn")
    together = bench.runner.deploy(tmp_path / "caller.bpmn", tmp_path / "child.bpmn")
    (said,) = (each for each in alone.warnings if "called_not_deployed" in each)
    assert "[call] warning: Expected process 'child', which 'call' calls, to be deployed, but it is not" in said
    assert not any("called_not_deployed" in each for deployment in together for each in deployment.warnings)
