"""Listeners are called around the work of an element, in the order drawn, stored at each, with their vendor's rules."""

from __future__ import annotations

from typing import Any

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, NAMESPACES, flow
from engine.executing import Answer, Drive

TASK = "serviceTask"


def zeebe(*listeners: str, tag: str = TASK, more: str = "", inside: str = "") -> str:
    """Give the element "it" of a Camunda 8 file; a listener is "event type"."""
    parts = ""
    for kind in ("execution", "task"):
        own = [each.split() for each in listeners if (each.split()[0] in ("start", "end")) == (kind == "execution")]
        drawn = "".join(f'<zeebe:{kind}Listener eventType="{event}" type="{type}"/>' for event, type in own)
        parts += f"<zeebe:{kind}Listeners>{drawn}</zeebe:{kind}Listeners>"
    return f'<{tag} id="it"><extensionElements>{parts}{more}</extensionElements>{inside}</{tag}>'


def camunda(*listeners: str, tag: str = TASK, more: str = "", inside: str = "") -> str:
    """Give the element "it" of a Camunda 7 file; a listener is "event class"."""
    parts = ""
    for each in listeners:
        event, name = each.split()
        kind = "execution" if event in ("start", "end") else "task"
        parts += f'<camunda:{kind}Listener event="{event}" class="org.example.{name}"/>'
    return f'<{tag} id="it"><extensionElements>{parts}{more}</extensionElements>{inside}</{tag}>'


def drawn(element: str, file: str = CAMUNDA8, *, arrows: str = "", process: str = "") -> bytes:
    """Give a process with a start, the element, and service task "next"."""
    ways = arrows or flow("it", "next")
    body = f'{process}<startEvent id="s"/>{element}<serviceTask id="next"/>{flow("s", "it")}{ways}'
    return (
        f'<definitions {NAMESPACES} {file}><process id="p" isExecutable="true">{body}</process></definitions>'.encode()
    )


def run(xml: bytes, answers: dict[str, dict[str, Any]] | None = None, **variables: Any) -> Drive:
    """Run with each job answered as said, the instance put together anew after every step."""
    answer: Answer = lambda work, _: (answers or {}).get(work, {})  # noqa: E731
    return Drive(xml, answer, restoring=True).run(variables)


@pytest.mark.parametrize(
    "xml",
    [
        drawn(zeebe("start first", "end last", "start second")),
        drawn(camunda("start First", "end Last", "start Second"), CAMUNDA7),
    ],
)
def test_they_are_called_around_the_work_in_the_order_drawn(xml: bytes) -> None:
    drive = run(xml)

    assert drive.called == ["it[start 0]", "it[start 2]", "it", "it[end 1]", "next"]
    assert drive.completed and drive.events("listener_completed") == ["it"] * 3
    assert (drive.events("entered").count("it"), drive.events("completed").count("it")) == (1, 1)


def test_what_a_start_listener_of_camunda_8_gives_belongs_to_the_element() -> None:
    seen: dict[str, Any] = {}

    def answer(work: str, variables: dict[str, Any]) -> dict[str, Any]:
        seen[work] = dict(variables)
        return {"start": {"n": 2}, "it": {"m": 3}, "end": {"n": 4}}.get(work.split("[")[-1].split()[0], {})

    drive = Drive(drawn(zeebe("start a", "end b")), answer, restoring=True).run({"n": 1})
    assert seen["it"]["n"] == 2 and seen["it[end 1]"] == {"n": 2, "m": 3}
    assert drive.variables == {"n": 4, "m": 3}


def test_what_a_listener_of_camunda_7_gives_goes_where_the_variable_is() -> None:
    drive = run(drawn(camunda("start A", "end B"), CAMUNDA7), {"it[start 0]": {"n": 2}, "it[end 1]": {"m": 3}}, n=1)
    assert drive.variables == {"n": 2, "m": 3}


@pytest.mark.parametrize(("vendor", "expected"), [("camunda8", 1), ("camunda7", 2)])
def test_outputs_are_mapped_after_the_end_listeners_of_camunda_7_only(vendor: str, expected: int) -> None:
    if vendor == "camunda8":
        mapped = '<zeebe:ioMapping><zeebe:output source="=n" target="r"/></zeebe:ioMapping>'
        xml = drawn(zeebe("end a", more=mapped))
    else:
        mapped = '<camunda:outputParameter name="r">${n}</camunda:outputParameter>'
        xml = drawn(camunda("end A", more=f"<camunda:inputOutput>{mapped}</camunda:inputOutput>"), CAMUNDA7)
    assert run(xml, {"it[end 0]": {"n": 2}}, n=1).variables["r"] == expected


def test_inputs_are_mapped_before_and_only_once() -> None:
    mapped = '<zeebe:ioMapping><zeebe:input source="=n + 1" target="n"/></zeebe:ioMapping>'
    seen: list[Any] = []
    xml = drawn(zeebe("start a", more=mapped))
    Drive(xml, lambda work, variables: seen.append((work, variables["n"])) or {}, restoring=True).run({"n": 1})
    assert seen == [("it[start 0]", 2), ("it", 2), ("next", 1)]


def test_an_error_of_a_listener_is_caught_at_the_border_of_its_element() -> None:
    caught = '<boundaryEvent id="b" attachedToRef="it"><errorEventDefinition/></boundaryEvent>'
    xml = drawn(zeebe("start a") + caught, arrows=flow("it", "next") + flow("b", "next"))
    drive = Drive(xml, lambda *_: {}, restoring=True).start()
    drive.throw_at("it[start 0]", "BAD")
    assert drive.events("canceled") == ["it"] and [work for _, work in drive.open] == ["next"]


def test_a_gateway_chooses_when_its_listeners_have_been_called() -> None:
    gateway = zeebe("start a", tag="exclusiveGateway").replace('id="it"', 'id="it" default="it-e"')
    ways = flow("it", "next", "=n = 2") + '<endEvent id="e"/>' + flow("it", "e")
    drive = run(drawn(gateway, arrows=ways), {"it[start 0]": {"n": 2}}, n=1)
    assert drive.called == ["it[start 0]", "next"] and drive.variables == {"n": 1}


@pytest.mark.parametrize("tag", ["subProcess", "intermediateThrowEvent", "manualTask", "scriptTask"])
def test_elements_of_every_kind_call_them(tag: str) -> None:
    inside = '<startEvent id="in"/>' if tag == "subProcess" else ""
    script = '<zeebe:script expression="=1" resultVariable="r"/>' if tag == "scriptTask" else ""
    drive = run(drawn(zeebe("start a", "end b", tag=tag, more=script, inside=inside)))
    assert drive.called == ["it[start 0]", "it[end 1]", "next"] and drive.completed


def test_a_receive_task_waits_when_they_have_been_called() -> None:
    drive = Drive(
        drawn(camunda("start A", "end B", tag="receiveTask"), CAMUNDA7), lambda *_: {}, restoring=True
    ).start()
    assert drive.waiting() == []
    drive.run_on().happen("it")
    assert drive.run_on().called == ["it[start 0]", "it[end 1]", "next"] and drive.completed


def test_each_run_of_a_multi_instance_calls_them() -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    assert sorted(run(drawn(zeebe("start a", inside=many))).called) == [
        "it",
        "it",
        "it[start 0]",
        "it[start 0]",
        "next",
    ]


def test_a_flow_of_camunda_7_calls_them_on_the_way() -> None:
    take = '<extensionElements><camunda:executionListener class="x.Note" event="take"/></extensionElements>'
    arrow = f'<sequenceFlow id="f" sourceRef="it" targetRef="next">{take}</sequenceFlow>'
    drive = run(drawn('<serviceTask id="it"/>', CAMUNDA7, arrows=arrow), {"it[take f 0]": {"n": 2}})
    assert drive.called == ["it", "it[take f 0]", "next"] and drive.variables == {"n": 2}


@pytest.mark.parametrize("file", [CAMUNDA8, CAMUNDA7])
def test_a_process_calls_them_at_its_start_and_end(file: str) -> None:
    ours = {
        CAMUNDA8: '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="a"/>'
        '<zeebe:executionListener eventType="end" type="b"/></zeebe:executionListeners>',
        CAMUNDA7: '<camunda:executionListener event="start" class="A"/>'
        '<camunda:executionListener event="end" class="B"/>',
    }[file]
    xml = drawn('<serviceTask id="it"/>', file, process=f"<extensionElements>{ours}</extensionElements>")
    drive = run(xml, {"p[start 0]": {"n": 1}, "p[end 1]": {"n": 2}})
    assert drive.called == ["p[start 0]", "it", "next", "p[end 1]"]
    assert drive.completed and drive.variables == {"n": 2}


def test_expressions_are_evaluated_and_set_their_variable() -> None:
    texts = ("${execution.setVariable('m', n + 1)}", "${n}", "${notifier.tell(execution)}")
    parts = "".join(f'<camunda:executionListener event="start" expression="{text}"/>' for text in texts)
    drive = run(drawn(camunda(more=parts), CAMUNDA7), n=1)
    assert drive.called == ["it[start 2]", "it", "next"] and drive.variables == {"n": 1, "m": 2}


def test_an_expression_that_fails_is_an_incident_and_tried_again() -> None:
    part = '<camunda:executionListener event="end" expression="${missing + 1}"/>'
    drive = run(drawn(camunda(more=part), CAMUNDA7))
    ((token, element, kind),) = drive.incidents
    drive.execution.set_variables({"missing": 1})
    drive.take(drive.execution.retry(token))
    assert (element, kind) == ("it", "expression_failed") and drive.run_on().completed


def test_fields_are_variables_of_the_listener_alone() -> None:
    fields = '<camunda:field name="greeting" stringValue="${kept}"/><camunda:field name="who" expression="${n}"/>'
    part = f'<camunda:executionListener event="start" class="x.Greet">{fields}</camunda:executionListener>'
    seen: list[Any] = []
    Drive(drawn(camunda(more=part), CAMUNDA7), lambda _, variables: seen.append(dict(variables)) or {}).run({"n": 1})
    assert seen[0] == {"greeting": "${kept}", "who": 1, "n": 1} and seen[1] == {"n": 1}


def people(*listeners: str) -> bytes:
    """Give a user task for Ash with listeners and a signal that interrupts it."""
    signal = '<boundaryEvent id="b" attachedToRef="it"><signalEventDefinition signalRef="x"/></boundaryEvent>'
    assigned = '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=who"/>'
    element = zeebe(*listeners, tag="userTask", more=assigned) + signal
    xml = drawn(element, arrows=flow("it", "next") + flow("b", "next")).decode()
    return xml.replace("<process", '<signal id="x" name="stop"/><process', 1).encode()


def test_a_user_task_calls_those_of_its_creation_assignment_and_completion() -> None:
    seen: list[Any] = []
    xml = people("completing d", "assigning c", "creating b", "start a")
    drive = Drive(
        xml, lambda work, variables: seen.append((work, variables.get("assignee"))) or {"who": "ash"}, restoring=True
    )
    drive.run({"who": "misty"})
    assert drive.user_tasks["it"].assignee == "ash"
    drive.take(drive.execution.complete(drive.user_tasks["it"].token_id, {"ok": True}))
    drive.run_on()
    works = ["it[start 0]", "it[creating 3]", "it[assigning 2]", "it[completing 1]", "next"]
    assert [work for work, _ in seen] == works and seen[2][1] == "ash"


def test_a_user_task_does_not_end_before_its_assignment_is_told() -> None:
    drive = Drive(people("assigning a", "end b"), lambda *_: {}, restoring=True).start({"who": "ash"})
    drive.take(drive.execution.complete(drive.user_tasks["it"].token_id, {}))
    assert [work for _, work in drive.open] == ["it[assigning 1]"]
    assert drive.run_on().called == ["it[assigning 1]", "it[end 0]", "next"] and drive.completed


def test_an_interrupted_user_task_calls_its_listener_beside_what_follows() -> None:
    seen: list[Any] = []
    drive = Drive(people("canceling a"), lambda *each: seen.append(each) or {}, restoring=True).start({"who": "ash"})
    drive.happen("b")
    assert drive.run_on().called == ["it[canceling 0]", "next"] and drive.completed
    assert seen[0][1] == {"who": "ash"}


def test_a_canceled_instance_calls_nothing() -> None:
    drive = Drive(people("canceling a"), lambda *_: {}).start({"who": "ash"})
    drive.take(drive.execution.cancel())
    assert (drive.open, drive.state["tokens"]) == ([], {})


def test_an_error_that_a_person_throws_ends_the_listener_of_the_assignment() -> None:
    caught = '<boundaryEvent id="bad" attachedToRef="it"><errorEventDefinition/></boundaryEvent>'
    xml = people("assigning a").decode().replace("<boundaryEvent", f"{caught}{flow('bad', 'next')}<boundaryEvent", 1)
    drive = Drive(xml.encode(), lambda *_: {}, restoring=True).start({"who": "ash"})
    drive.take(drive.execution.throw_error(drive.user_tasks["it"].token_id, "BAD", {}))
    assert [work for _, work in drive.open] == ["next"]
    assert drive.run_on().completed and drive.state["tokens"] == {}


def test_a_process_that_is_undone_calls_no_listener_of_its_end() -> None:
    part = '<camunda:executionListener event="end" class="B"/>'
    process = f"<extensionElements>{part}</extensionElements>"
    drive = Drive(drawn('<serviceTask id="it"/>', CAMUNDA7, process=process), lambda *_: {}, restoring=True).start()
    advance = drive.execution.compensate()
    drive.take(advance)
    assert (advance.completed, advance.terminated, drive.open) == (True, True, [])
