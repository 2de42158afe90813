"""What does an activity's work: a handler, a message, a called process, a script; in three dialects."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, drawn, findings, flow, it, refused, task

from runner.bpmn.diagram import AdHoc, Called, Diagram, Script
from runner.expressions.language import Expression, Language

PLAIN = ""
MESSAGE = '<message id="m" name="M"/>'


def text(value: str) -> Expression:
    return Expression(value, Language.TEXT, 1)


def called(xml: str, *, file: str = PLAIN) -> Called:
    found = it(around(xml, file=file)).called
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("file", "xml"),
    [
        (CAMUNDA8, task('<zeebe:calledElement processId="child"/>', tag="callActivity")),
        (
            CAMUNDA7,
            task(
                '<camunda:in variables="all"/><camunda:out variables="all"/>', 'calledElement="child"', "callActivity"
            ),
        ),
        (PLAIN, '<callActivity id="it" calledElement="x:child"/>'),
    ],
)
def test_call_with_all_variables_reads_the_same_in_three_dialects(file: str, xml: str) -> None:
    assert called(xml, file=file) == Called(text("child"))


@pytest.mark.parametrize(
    ("file", "xml", "version"),
    [
        (
            CAMUNDA8,
            task('<zeebe:calledElement processId="c" bindingType="versionTag" versionTag="v1"/>', tag="callActivity"),
            "v1",
        ),
        (
            CAMUNDA7,
            '<callActivity id="it" calledElement="c" camunda:calledElementBinding="versionTag" '
            'camunda:calledElementVersionTag="v1"/>',
            "v1",
        ),
        (PLAIN, '<callActivity id="it" calledElement="c" runner:binding="versionTag" runner:version="v1"/>', "v1"),
    ],
)
def test_version_to_call_is_read(file: str, xml: str, version: str) -> None:
    assert (called(xml, file=file).binding, called(xml, file=file).version) == ("versionTag", text(version))


def test_camunda7_hands_over_what_is_named_and_nothing_else() -> None:
    inside = (
        '<camunda:in source="a" target="b"/><camunda:in businessKey="#{key}"/><camunda:out source="r"/>'
        '<camunda:in sourceExpression="${x + 1}" target="c"/>'
    )
    element = it(around(task(inside, 'calledElement="child"', "callActivity"), file=CAMUNDA7))
    assert [(each.target, each.source.text) for each in element.inputs] == [("b", "a"), ("c", "${x + 1}")]
    assert [(each.target, each.source.text) for each in element.outputs] == [("r", "r")]
    expected = Expression("#{key}", Language.JUEL, 1)
    assert element.called == Called(text("child"), all_inputs=False, all_outputs=False, business_key=expected)


def test_camunda7_call_without_mappings_hands_nothing_over() -> None:
    found = called('<callActivity id="it" calledElement="child"/>', file=CAMUNDA7)
    assert (found.all_inputs, found.all_outputs) == (False, False)


def test_camunda8_call_may_keep_variables_to_itself() -> None:
    part = (
        '<zeebe:calledElement processId="=which" propagateAllParentVariables="false" '
        'propagateAllChildVariables="false"/>'
    )
    found = called(task(part, tag="callActivity"), file=CAMUNDA8)
    assert found == Called(Expression("which", Language.FEEL, 1), all_inputs=False, all_outputs=False)


def test_mapped_inputs_of_a_plain_call_are_all_that_goes_in() -> None:
    part = '<runner:input source="n + 1" target="m"/>'
    element = it(around(task(part, 'calledElement="c" runner:allOutputs="true"', "callActivity")))
    assert element.inputs[0].source == Expression("n + 1", Language.PYTHON, 1)
    assert element.called is None or (element.called.all_inputs, element.called.all_outputs) == (False, True)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<callActivity id="it"/>', "called_missing"),
        ('<callActivity id="it" calledElement="c" runner:binding="newest"/>', "binding_invalid"),
        ('<callActivity id="it" calledElement="c" runner:binding="version"/>', "binding_invalid"),
    ],
)
def test_call_without_a_target_or_version_is_refused(xml: str, code: str) -> None:
    assert refused(around(xml)) == [(code, "it")]


def test_called_case_is_refused_in_its_own_words_only() -> None:
    assert refused(around('<callActivity id="it" camunda:caseRef="c"/>', file=CAMUNDA7)) == [("not_honoured", "it")]


@pytest.mark.parametrize(
    ("file", "xml", "language"),
    [
        (CAMUNDA8, task('<zeebe:script expression="=n + 1" resultVariable="r"/>', tag="scriptTask"), Language.FEEL),
        (
            CAMUNDA7,
            '<scriptTask id="it" scriptFormat="juel" camunda:resultVariable="r"><script>${n + 1}</script></scriptTask>',
            Language.JUEL,
        ),
        (PLAIN, '<scriptTask id="it" runner:resultVariable="r"><script>n + 1</script></scriptTask>', Language.PYTHON),
        (
            PLAIN,
            '<scriptTask id="it" scriptFormat="FEEL" runner:resultVariable="r"><script>=n + 1</script></scriptTask>',
            Language.FEEL,
        ),
    ],
)
def test_script_in_an_expression_language_is_evaluated(file: str, xml: str, language: Language) -> None:
    source = "${n + 1}" if language is Language.JUEL else "n + 1"
    element = it(around(xml, file=file))
    assert (element.script, element.service) == (Script(Expression(source, language, 1), "r"), None)


@pytest.mark.parametrize(("format", "script"), [("groovy", "x = 1"), ("python", "x = 1"), ("javascript", "")])
def test_foreign_script_is_the_work_of_a_handler_of_its_id(format: str, script: str) -> None:
    diagram = around(f'<scriptTask id="it" scriptFormat="{format}"><script>{script}</script></scriptTask>')
    assert it(diagram).script == Script(text(script), format=format)
    assert refused(diagram, frozenset({"it"})) == []
    (finding,) = findings(diagram, "refused", frozenset())
    assert finding.code == "script_foreign" and '@handler("it")' in finding.message


@pytest.mark.parametrize(
    ("xml", "by_handler"),
    [
        ('<sendTask id="it" messageRef="m"/>', False),
        ('<sendTask id="it"/>', True),
        ('<sendTask id="it" messageRef="m" runner:handler="h"/>', True),
        ('<endEvent id="it"><messageEventDefinition messageRef="m"/></endEvent>', False),
        ('<endEvent id="it"><messageEventDefinition/></endEvent>', True),
        ('<intermediateThrowEvent id="it"/>', False),
    ],
)
def test_message_is_sent_unless_a_handler_does_it(xml: str, by_handler: bool) -> None:
    element = it(drawn(f'<startEvent id="s"/>{xml}' + flow("s", "it"), roots=MESSAGE))
    assert (element.service is not None) == by_handler


@pytest.mark.parametrize(
    ("file", "xml"),
    [
        (
            CAMUNDA8,
            task('<zeebe:taskDefinition type="pay"/>', tag="endEvent").replace(
                "</end", "<messageEventDefinition/></end"
            ),
        ),
        (
            CAMUNDA7,
            '<endEvent id="it"><messageEventDefinition camunda:type="external" camunda:topic="pay"/></endEvent>',
        ),
    ],
)
def test_topic_of_a_message_event_is_read_where_each_vendor_puts_it(file: str, xml: str) -> None:
    element = it(drawn(f'<startEvent id="s"/>{xml}' + flow("s", "it"), file=file))
    assert element.service is not None and element.service.candidates[0] == "pay"


@pytest.mark.parametrize(
    ("file", "xml"),
    [
        (CAMUNDA8, task('<zeebe:calledDecision decisionId="d" resultVariable="r"/>', tag="businessRuleTask")),
        (CAMUNDA7, '<businessRuleTask id="it" camunda:decisionRef="d" camunda:resultVariable="r"/>'),
        (PLAIN, '<businessRuleTask id="it" runner:decision="d" runner:resultVariable="r"/>'),
    ],
)
def test_called_decision_is_read_and_executed(file: str, xml: str) -> None:
    diagram = around(xml, file=file)
    found = it(diagram).called
    assert found is not None and (found.id, found.result_variable) == (text("d"), "r")
    assert refused(diagram) == []


def test_receive_task_names_its_message() -> None:
    diagram = around('<receiveTask id="it" messageRef="m" instantiate="true"/>', roots=MESSAGE)
    assert ([each.name for each in it(diagram).events], it(diagram).creates_instance) == (["M"], True)


def test_camunda7_receive_task_without_a_message_waits_for_one_of_its_id() -> None:
    diagram = around('<receiveTask id="it"/>', file=CAMUNDA7)
    assert [each.name for each in it(diagram).events] == ["it"]
    assert [each.code for each in findings(diagram, "warning")] == ["message_assumed"]


def test_quantities_and_marks_are_read() -> None:
    element = it(around('<task id="it" startQuantity="2" completionQuantity="3" isForCompensation="true"/>'))
    assert (element.start_quantity, element.completion_quantity, element.for_compensation) == (2, 3, True)


@pytest.mark.parametrize("value", ["0", "-1", "many", "9" * 5000])
def test_wrong_quantity_is_refused(value: str) -> None:
    assert refused(around(f'<task id="it" startQuantity="{value}"/>')) == [("quantity_invalid", "it")]


def ad_hoc(inside: str, attributes: str = "", *, file: str = PLAIN) -> Diagram:
    xml = f'<adHocSubProcess id="it" {attributes}>{inside}<task id="a"/></adHocSubProcess>'
    return around(xml, file=file)


def test_ad_hoc_sub_process_says_how_it_runs() -> None:
    inside = "<completionCondition>done</completionCondition>"
    found = it(ad_hoc(inside, 'ordering="Sequential" cancelRemainingInstances="false"')).ad_hoc
    assert found == AdHoc("sequential", Expression("done", Language.PYTHON, 1), False)


def test_ad_hoc_elements_to_begin_with_are_read() -> None:
    part = '<extensionElements><zeebe:adHoc activeElementsCollection="=chosen"/></extensionElements>'
    assert it(ad_hoc(part, file=CAMUNDA8)).ad_hoc == AdHoc(active=Expression("chosen", Language.FEEL, 1))
    assert it(ad_hoc("", 'runner:activeElements="chosen"')).ad_hoc == AdHoc(
        active=Expression("chosen", Language.PYTHON, 1)
    )


GLOBAL = '<globalUserTask id="sign" name="Sign"/><globalTask id="unused"/>'


def test_global_task_that_is_called_is_a_process_of_its_own() -> None:
    diagram = around('<callActivity id="it" calledElement="sign"/>', roots=GLOBAL)
    sign = next(process for process in diagram.processes if process.key == "sign")
    assert [(element.type, element.name) for element in sign.elements.values()] == [
        ("startEvent", ""),
        ("userTask", "Sign"),
        ("endEvent", ""),
    ]
    assert (sign.executable, refused(diagram)) == (True, [])


def test_global_task_that_nothing_calls_is_documentation() -> None:
    diagram = around('<callActivity id="it" calledElement="sign"/>', roots=GLOBAL)
    assert [process.executable for process in diagram.processes if process.key == "unused"] == [False]


@pytest.mark.parametrize(
    ("file", "inside", "attributes"),
    [
        (CAMUNDA8, '<extensionElements><zeebe:versionTag value="v1"/></extensionElements>', ""),
        (CAMUNDA7, "", 'camunda:versionTag="v1"'),
        (PLAIN, "", 'runner:versionTag="v1"'),
    ],
)
def test_version_tag_of_a_process_is_read(file: str, inside: str, attributes: str) -> None:
    diagram = drawn(f'{inside}<startEvent id="s"/>', file=file, process=f'id="p" isExecutable="true" {attributes}')
    assert (diagram.processes[0].version_tag, refused(diagram)) == ("v1", [])
