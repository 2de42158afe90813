"""What becomes of a handler's answer: connector-style headers of Camunda 8, expressions and Java code of Camunda 7."""

from __future__ import annotations

from typing import Any

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, NAMESPACES, around, flow, it, refused, task
from engine.executing import Drive

from runner.engine.elements.answering import Judgement


def drive(inside: str = "", attributes: str = "", *, file: str = CAMUNDA7, tag: str = "serviceTask") -> Drive:
    """Give an instance of one task, whose handler answers with a status and a body."""
    body = f'<startEvent id="s"/>{task(inside, attributes, tag)}<endEvent id="e"/>{flow("s", "it")}{flow("it", "e")}'
    process = f'<error id="Err" errorCode="BAD"/><process id="p" isExecutable="true">{body}</process>'
    xml = f"<definitions {NAMESPACES} {file}>{process}</definitions>".encode()
    return Drive(xml, lambda *_: {"status": 200, "body": {"id": 7}}, restoring=True)


def headers(**named: str) -> str:
    """Give Camunda 8's task headers."""
    parts = "".join(f"<zeebe:header key='{key}' value='{value}'/>" for key, value in named.items())
    return f"<zeebe:taskHeaders>{parts}</zeebe:taskHeaders>"


def test_a_result_variable_takes_the_whole_answer() -> None:
    found = drive(headers(resultVariable="answer"), file=CAMUNDA8).run({"n": 1}).variables
    assert found == {"n": 1, "answer": {"status": 200, "body": {"id": 7}}}


def test_a_result_expression_makes_the_variables() -> None:
    found = drive(headers(resultExpression="={id: response.body.id, ok: status = 200}"), file=CAMUNDA8).run().variables
    assert found == {"id": 7, "ok": True}


def test_a_result_expression_that_gives_no_variables_changes_nothing() -> None:
    with pytest.raises(Exception, match="Expected the result expression"):
        drive(headers(resultExpression="=status"), file=CAMUNDA8).run()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('=if response.status = 200 then bpmnError("OK", "fine", {m: 1}) else null', Judgement("OK", "fine", {"m": 1})),
        ('=jobError("later", {}, 0)', Judgement(None, "later", {}, 0)),
        ("=null", None),
        ('bpmnError("NO", "equals sign")', Judgement("NO", "equals sign")),
        ('=if error != null then bpmnError("X") else null', None),
    ],
)
def test_an_error_expression_judges_the_answer(text: str, expected: Judgement | None) -> None:
    started = drive(headers(errorExpression=text.replace("'", "")), file=CAMUNDA8).start()
    assert started.execution.judge(started.open[0][0], lambda: {"response": {"status": 200}}) == expected


def test_an_expression_of_camunda_7_is_the_work() -> None:
    assert drive(attributes='camunda:expression="${n + 1}" camunda:resultVariable="m"').run({"n": 1}).variables == {
        "n": 1,
        "m": 2,
    }
    set_by_hand = """camunda:expression="${execution.setVariable('m', n * 2)}\""""
    assert drive(attributes=set_by_hand).run({"n": 2}).variables == {"n": 2, "m": 4}


@pytest.mark.parametrize("tag", ["sendTask", "businessRuleTask", "serviceTask"])
def test_tasks_of_all_kinds_may_be_an_expression(tag: str) -> None:
    found = drive(attributes='camunda:expression="${n}" camunda:resultVariable="m"', tag=tag).run({"n": 1})
    assert (found.called, found.variables["m"]) == ([], 1)


def test_a_call_of_a_bean_is_the_work_of_its_handler() -> None:
    diagram = around(task(attributes='camunda:expression="${orderService.placeOrder(id, 1)}"'), file=CAMUNDA7)
    service = it(diagram).service
    assert service is not None and service.candidates[:2] == ("orderService.placeOrder", "order_service_place_order")
    result = 'camunda:expression="${orderService.place(id)}" camunda:resultVariable="order"'
    found = drive(attributes=result).run({"id": 3}).variables
    assert found == {"id": 3, "order": {"status": 200, "body": {"id": 7}}}


def test_fields_of_a_class_are_its_handlers_variables() -> None:
    fields = '<camunda:field name="a" stringValue="${kept}"/><camunda:field name="b" expression="${n}"/>'
    seen: dict[str, Any] = {}
    started = drive(fields, 'camunda:class="org.example.Pay"')
    started.answer = lambda _, variables: seen.update(variables) or {}
    started.run({"n": 1})
    assert seen == {"a": "${kept}", "b": 1, "n": 1} and started.variables == {"n": 1}


def test_a_connector_is_the_work_of_a_handler_of_its_id() -> None:
    given = '<camunda:inputParameter name="url">http://x/${n}</camunda:inputParameter>'
    taken = '<camunda:outputParameter name="code">${status}</camunda:outputParameter>'
    connector = (
        f"<camunda:connector><camunda:inputOutput>{given}{taken}</camunda:inputOutput>"
        "<camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>"
    )
    service = it(around(task(connector), file=CAMUNDA7)).service
    assert service is not None and service.candidates[0] == "http_connector"
    assert drive(connector).run({"n": 1}).variables == {"n": 1, "code": 200}


def test_an_error_definition_judges_answers_and_failures() -> None:
    condition = "${status == 200 || externalTask.errorMessage == 'refused'}"
    part = f'<camunda:errorEventDefinition errorRef="Err" expression="{condition}"/>'
    started = drive(part, 'camunda:type="external" camunda:topic="pay"').start({"status": 0})
    token = started.open[0][0]
    refusal = {"externalTask": {"errorMessage": "refused"}}
    assert started.execution.judge(token, lambda: refusal) == Judgement("BAD", "refused")
    assert started.execution.judge(token, lambda: {"externalTask": {"errorMessage": None}}) is None


def test_an_error_definition_without_a_condition_is_refused() -> None:
    part = '<camunda:errorEventDefinition errorRef="Err"/>'
    assert refused(around(task(part), file=CAMUNDA7)) == [("mapping_incomplete", "it")]


def test_the_variable_of_the_initiator_is_null_unless_it_is_given() -> None:
    xml = around('<userTask id="it" camunda:assignee="${starter}"/>', file=CAMUNDA7).xml.decode()
    xml = xml.replace('<startEvent id="s"', '<startEvent id="s" camunda:initiator="starter"')
    assert Drive(xml.encode(), lambda *_: {}).start().user_tasks["it"].assignee is None
    assert Drive(xml.encode(), lambda *_: {}).start({"starter": "ash"}).user_tasks["it"].assignee == "ash"


def test_a_due_date_may_be_a_duration_from_now_on() -> None:
    started = Drive(around('<userTask id="it" camunda:dueDate="P1D"/>', file=CAMUNDA7).xml, lambda *_: {}).start()
    due = started.user_tasks["it"].due_at
    assert due is not None and abs((due - started.execution.moment.now()).total_seconds() - 86400) < 60


def test_a_call_of_a_bean_gives_its_handler_the_arguments() -> None:
    call = "camunda:expression=\"${orders.place(n * 2, 'EUR, net', items[0])}\" camunda:resultVariable='m'"
    started = drive(attributes=call).start({"n": 2, "items": [7]})
    seen = started.execution.variables_at(started.open[0][0])
    assert (seen["arguments"], seen["n"]) == ([4, "EUR, net", 7], 2)
    assert started.run_on().variables == {"n": 2, "items": [7], "m": {"status": 200, "body": {"id": 7}}}


def test_arguments_that_are_no_expressions_are_refused() -> None:
    broken = around(task(attributes='camunda:expression="${orders.place(n + )}"'), file=CAMUNDA7)
    assert refused(broken, frozenset({"it"})) == [("expression_invalid", "it")]


def test_a_bean_that_is_given_the_execution_is_given_nothing_for_it() -> None:
    seen: dict[str, Any] = {}
    started = drive(attributes='camunda:expression="${orders.place(execution, n, task)}"')
    started.answer = lambda _, variables: seen.update(variables) or {}
    started.run({"n": 1})
    assert seen["arguments"] == [None, 1, None]
