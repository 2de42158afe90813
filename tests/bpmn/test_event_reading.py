"""What events wait for and throw, in three dialects."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, drawn, flow, it, refused, task, warned

from runner.bpmn.diagram import Diagram, EventDefinition, TimerDefinition
from runner.expressions.language import Expression, Language

PLAIN = ""
CORRELATED = """
<correlationProperty id="cp"><correlationPropertyRetrievalExpression messageRef="m"><messagePath>order.id</messagePath>
</correlationPropertyRetrievalExpression></correlationProperty>
"""


def catch(definition: str, *, file: str = PLAIN, roots: str = "", tag: str = "intermediateCatchEvent") -> Diagram:
    return around(f'<{tag} id="it">{definition}</{tag}>', file=file, roots=roots)


def event(
    definition: str, *, file: str = PLAIN, roots: str = "", tag: str = "intermediateCatchEvent"
) -> EventDefinition:
    (found,) = it(catch(definition, file=file, roots=roots, tag=tag)).events
    return found


def timer(text: str, *, file: str = PLAIN, kind: str = "timeDuration") -> TimerDefinition:
    found = event(f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>", file=file).timer
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("file", "text", "language"),
    [
        (CAMUNDA8, "=pause", Language.FEEL),
        (CAMUNDA8, "PT1H", Language.TEXT),
        (CAMUNDA7, "${pause}", Language.JUEL),
        (CAMUNDA7, "PT1H", Language.TEXT),
        (PLAIN, "PT1H", Language.TEXT),
        (PLAIN, "pause", Language.PYTHON),
        (PLAIN, "=pause", Language.FEEL),
        (PLAIN, "${pause}", Language.JUEL),
    ],
)
def test_timer_is_a_time_or_an_expression_by_its_form(file: str, text: str, language: Language) -> None:
    assert timer(text, file=file) == TimerDefinition("duration", Expression(text.removeprefix("="), language, 1))


@pytest.mark.parametrize(
    ("kind", "name", "text"), [("timeDate", "date", "2026-01-01"), ("timeCycle", "cycle", "R3/PT1M")]
)
def test_dates_and_cycles_are_read(kind: str, name: str, text: str) -> None:
    assert (timer(text, kind=kind).kind, timer(text, kind=kind).value.text) == (name, text)


@pytest.mark.parametrize("file", [CAMUNDA8, CAMUNDA7, PLAIN])
@pytest.mark.parametrize(("kind", "text"), [("timeDuration", "PT1X"), ("timeDate", "2026-13-01"), ("timeCycle", "R3/")])
def test_wrong_time_is_refused_with_the_element(file: str, kind: str, text: str) -> None:
    definition = f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"
    assert refused(catch(definition, file=file))[0][1] == "it"


@pytest.mark.parametrize(
    ("inside", "code"),
    [("", "timer_missing"), ("<timeDate>2026-01-01</timeDate><timeDuration>PT1H</timeDuration>", "timer_ambiguous")],
)
def test_timer_needs_exactly_one_time(inside: str, code: str) -> None:
    assert refused(catch(f"<timerEventDefinition>{inside}</timerEventDefinition>")) == [(code, "it")]


@pytest.mark.parametrize(
    ("file", "text", "read"),
    [
        (CAMUNDA8, "= n &gt; 1", Expression("n > 1", Language.FEEL, 1)),
        (CAMUNDA7, "${n &gt; 1}", Expression("${n > 1}", Language.JUEL, 1)),
        (PLAIN, "n &gt; 1", Expression("n > 1", Language.PYTHON, 1)),
    ],
)
def test_condition_is_an_expression_of_the_dialect(file: str, text: str, read: Expression) -> None:
    definition = f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"
    assert event(definition, file=file).condition == read


def test_conditional_event_without_a_condition_is_refused() -> None:
    assert refused(catch("<conditionalEventDefinition/>")) == [("schema_missing", "it")]


@pytest.mark.parametrize("kind", ["message", "signal"])
@pytest.mark.parametrize(("file", "text"), [(CAMUNDA8, "=n"), (CAMUNDA7, "n-${n}"), (PLAIN, "=n")])
def test_message_and_signal_may_be_named_by_an_expression(kind: str, file: str, text: str) -> None:
    definition = f'<{kind}EventDefinition {kind}Ref="m"/>'
    plain = event(definition, file=file, roots=f'<{kind} id="m" name="Order  paid"/>')
    computed = event(definition, file=file, roots=f'<{kind} id="m" name="{text}"/>')
    assert (plain.name, plain.name_expression) == ("Order paid", None)
    assert computed.name is None and computed.name_expression is not None


@pytest.mark.parametrize(
    ("file", "inside"),
    [
        (CAMUNDA8, '>{}<zeebe:subscription correlationKey="=order.id"/>{}</message>'),
        (PLAIN, ' runner:correlationKey="=order.id"/>'),
    ],
)
def test_correlation_key_belongs_to_the_message(file: str, inside: str) -> None:
    around_it = inside.format("<extensionElements>", "</extensionElements>")
    found = event('<messageEventDefinition messageRef="m"/>', file=file, roots=f'<message id="m" name="M"{around_it}')
    assert found.correlation_key == Expression("order.id", Language.FEEL, 1)


def test_standard_correlation_reads_the_message_and_the_process() -> None:
    subscription = (
        '<correlationSubscription id="cs"><correlationPropertyBinding '
        'correlationPropertyRef="cp"><dataPath>mine</dataPath>'
        "</correlationPropertyBinding></correlationSubscription>"
    )
    events = (
        '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        '<intermediateThrowEvent id="t"><messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
    )
    diagram = drawn(subscription + events, roots=CORRELATED + '<message id="m" name="M"/>')
    keys = [diagram.processes[0].elements[id].events[0].correlation_key for id in ("c", "t")]
    assert [key.text for key in keys if key] == ["mine", "order.id"]


def test_two_correlation_properties_for_a_message_are_refused() -> None:
    roots = CORRELATED + CORRELATED.replace('"cp"', '"other"') + '<message id="m" name="M"/>'
    found = catch('<messageEventDefinition messageRef="m"/>', roots=roots)
    assert [code for code, _ in refused(found)] == ["correlation_ambiguous"]


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_computed_code_is_thrown_and_refused_where_it_is_caught(kind: str) -> None:
    roots = f'<{kind} id="r" {kind}Code="=code"/>'
    definition = f'<{kind}EventDefinition {kind}Ref="r"/>'
    end = f'<endEvent id="it">{definition}</endEvent>'
    thrown = drawn(f'<startEvent id="s"/>{end}{flow("s", "it")}', file=CAMUNDA8, roots=roots)
    assert it(thrown).events[0].code_expression == Expression("code", Language.FEEL, 1)
    assert refused(thrown) == []
    boundary = f'<boundaryEvent id="b" attachedToRef="it">{definition}</boundaryEvent>'
    caught = around(task() + boundary, file=CAMUNDA8, roots=roots)
    assert ("code_dynamic", "r") in refused(caught)


def test_variables_of_a_caught_error_are_read() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="it"><errorEventDefinition camunda:errorCodeVariable="code" '
    boundary += 'camunda:errorMessageVariable="text"/></boundaryEvent>'
    (found,) = around(task() + boundary, file=CAMUNDA7).processes[0].elements["b"].events
    assert (found.code, found.code_variable, found.message_variable) == (None, "code", "text")


def test_thrown_signal_carries_what_is_mapped() -> None:
    given = '<camunda:in source="a" target="b"/><camunda:in sourceExpression="${a + 1}" target="c"/>'
    definition = (
        f'<signalEventDefinition signalRef="r"><extensionElements>{given}</extensionElements></signalEventDefinition>'
    )
    found = event(definition, file=CAMUNDA7, roots='<signal id="r" name="S"/>', tag="intermediateThrowEvent")
    assert [(each.target, each.source.text) for each in found.payload] == [("b", "a"), ("c", "${a + 1}")]


def test_signal_that_is_to_carry_everything_says_so() -> None:
    given = '<extensionElements><camunda:in variables="all"/></extensionElements>'
    definition = f'<signalEventDefinition signalRef="r">{given}</signalEventDefinition>'
    diagram = catch(definition, file=CAMUNDA7, roots='<signal id="r" name="S"/>', tag="intermediateThrowEvent")
    assert it(diagram).events[0].all_variables and warned(diagram) == []


def test_definition_that_is_referred_to_is_read_where_it_is_used() -> None:
    roots = '<timerEventDefinition id="hour"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    found = event("<eventDefinitionRef>hour</eventDefinitionRef>", roots=roots)
    assert found.timer == TimerDefinition("duration", Expression("PT1H", Language.TEXT, 1))


def test_reference_to_a_definition_that_is_not_there_is_refused() -> None:
    thrown = catch("<eventDefinitionRef>none</eventDefinitionRef>", tag="intermediateThrowEvent")
    assert refused(thrown) == [("reference_dangling", "it")]


def test_compensation_says_what_it_undoes_and_whether_it_waits() -> None:
    found = event(
        '<compensateEventDefinition activityRef="a" waitForCompletion="false"/>', tag="intermediateThrowEvent"
    )
    assert (found.activity, found.waits) == ("a", False)


def test_several_definitions_are_kept_in_order_with_what_they_need() -> None:
    diagram = around(
        '<intermediateCatchEvent id="it" parallelMultiple="true"><messageEventDefinition messageRef="m"/>'
        '<signalEventDefinition signalRef="n"/></intermediateCatchEvent>',
        roots='<message id="m" name="M"/><signal id="n" name="N"/>',
    )
    assert ([each.kind for each in it(diagram).events], it(diagram).all_events) == (["message", "signal"], True)
    assert refused(diagram) == []


@pytest.mark.parametrize(("tag", "attribute"), [("startEvent", "isInterrupting"), ("boundaryEvent", "cancelActivity")])
def test_interrupting_is_read_from_the_attribute_of_its_place(tag: str, attribute: str) -> None:
    assert it(drawn(f'<{tag} id="it" {attribute}="false"/>')).interrupting is False
    assert it(drawn(f'<{tag} id="it"/>')).interrupting is True


def test_link_has_its_own_name() -> None:
    assert event('<linkEventDefinition name=" to  B "/>').name == "to B"


def test_message_of_an_operation_is_the_one_it_takes_in() -> None:
    roots = (
        '<message id="m" name="M"/><interface id="i" name="I"><operation id="op" '
        'name="o"><inMessageRef>m</inMessageRef>'
        "</operation></interface>"
    )
    found = event("<messageEventDefinition><operationRef>op</operationRef></messageEventDefinition>", roots=roots)
    assert found.name == "M"
