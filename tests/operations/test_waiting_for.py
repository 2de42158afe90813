"""Every token says what it waits for; with none left to move and no end reached, an incident says so."""

from __future__ import annotations

import pytest
from builders import bpmn
from operations.conftest import Store

from runner.commands import definitions, instances
from runner.commands.jobs import complete_job
from runner.errors import InstanceEnded
from runner.model import InstanceState, Token
from runner.printing import token_json, token_line

# What is said is the same on every database: one is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOOP = [("s", "startEvent"), ("again", "exclusiveGateway"), ("more", "exclusiveGateway"), ("e", "endEvent")]
LOOP_ARROWS = [("s", "again"), ("again", "more"), ("more", "again", "true"), ("more", "e", "default")]

# One branch waits at the join; the other, after its task, ends elsewhere.
ASTRAY = [("s", "startEvent"), ("split", "parallelGateway"), ("a", "serviceTask"), ("way", "exclusiveGateway")]
ASTRAY += [("join", "parallelGateway"), ("e", "endEvent"), ("elsewhere", "endEvent")]
ASTRAY_ARROWS = [("s", "split"), ("split", "a"), ("split", "join"), ("a", "way"), ("way", "join", "false")]
ASTRAY_ARROWS += [("way", "elsewhere", "default"), ("join", "e")]


def tokens(store: Store, id: str) -> list[tuple[str, str]]:
    """Give where an instance's tokens are and what each waits for."""
    return sorted((token.element_id, token.waiting_for) for token in store.runner.instance(id).tokens)


def only(store: Store, id: str) -> Token:
    """Give an instance's one token."""
    (token,) = store.runner.instance(id).tokens
    return token


def test_a_token_waits_for_a_worker(store: Store) -> None:
    id = store.start(["a"]).id

    assert token_line(only(store, id)) == "a [a]: waits for a worker for 'a'"


def test_a_token_waits_for_its_handler_at_work(store: Store) -> None:
    id = store.start(["a"]).id
    store.claim()

    assert token_line(only(store, id)) == "a [a]: its handler 'a' is at work, attempt 1"


def test_a_token_waits_for_the_next_attempt_at_its_time(store: Store) -> None:
    token = only(store, store.retrying())

    assert token_line(token).startswith("b [b]: retrying, attempt 2 at ")
    assert token_json(token)["job"]["due_at"] == "2026-01-02T03:04:06+00:00"


def test_a_token_waits_for_a_person(store: Store) -> None:
    token = only(store, store.troubled())

    assert token_line(token) == "a [a]: waits for a person: ConnectionError: connection refused"


def test_a_token_waits_at_a_join_for_the_other_branches(store: Store) -> None:
    id = store.joining()

    assert tokens(store, id) == [("b", "job"), ("join", "join")]
    assert "join [join]: waits for the other branches" in [
        token_line(token) for token in store.runner.instance(id).tokens
    ]


def test_a_join_that_can_never_fire_waits_for_a_person(store: Store) -> None:
    token = only(store, store.stalled())

    assert (token.waiting_for, token.incident and token.incident.kind) == ("incident", "stalled")
    assert "none can arrive any more on f1" in token_line(token)


def test_an_instance_that_stalled_is_active_until_it_is_canceled(store: Store) -> None:
    id = store.stalled()
    before = instances.find_instance(store.runtime, id)

    instances.cancel_instance(store.runtime, id)

    assert (before.state, before.incidents) == (InstanceState.ACTIVE, 1)
    assert instances.find_instance(store.runtime, id).incidents == 0
    assert store.violations() == []


def test_a_loop_without_a_task_is_an_incident(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.engine.workflow.STEP_LIMIT", 50)
    store.deploy(bpmn(LOOP, LOOP_ARROWS))

    token = only(store, store.runner.start("p").id)

    assert (token.waiting_for, token.incident and token.incident.kind) == ("incident", "stalled")
    assert "a loop without a task" in token_line(token)
    assert store.violations() == []


def test_an_earlier_step_does_not_show_the_later_standstill(store: Store) -> None:
    store.deploy(bpmn(ASTRAY, ASTRAY_ARROWS))
    instance = store.runner.start("p")
    complete_job(store.runtime, store.claim()[0], {})

    assert tokens(store, instance.id) == [("join", "incident")]
    then = instance.view(at=0).tokens
    assert sorted((token.element_id, token.waiting_for) for token in then) == [("a", "job"), ("join", "join")]


def test_what_has_ended_waits_for_nothing(store: Store) -> None:
    id = store.canceled()

    assert tokens(store, id) == []
    with pytest.raises(InstanceEnded):
        store.runner.instance(id).retry()


WATCHED = """<subProcess id="watch" triggeredByEvent="true"><startEvent id="hot" isInterrupting="false">
<conditionalEventDefinition id="d1"><condition>n &gt; 9</condition></conditionalEventDefinition></startEvent>
<endEvent id="seen"/><sequenceFlow id="w" sourceRef="hot" targetRef="seen"/></subProcess></process>"""


def test_a_condition_is_named_with_its_text_at_its_token_and_at_the_process(store: Store) -> None:
    condition = "<conditionalEventDefinition id='d0'><condition>paid</condition></conditionalEventDefinition>"
    nodes = [("s", "startEvent"), ("c", "intermediateCatchEvent", condition), ("e", "endEvent")]
    drawn = bpmn(nodes, [("s", "c"), ("c", "e")]).replace(b"</process>", WATCHED.encode())
    definitions.deploy(store.runner.runtime, drawn, source="test.bpmn")
    instance = store.runner.start("p", {"n": 1, "paid": False})

    assert [(token.waiting_for, [str(wait) for wait in token.waits]) for token in instance.tokens] == [
        ("condition", ["condition 'paid'"])
    ]
    assert [str(wait) for wait in instance.view().waits if wait.token_id == 0] == ["condition 'n > 9'"]
