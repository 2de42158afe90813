"""Loops and multi-instances, in three dialects."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, it, refused

from runner.bpmn.diagram import Diagram, Repetition
from runner.expressions.language import Expression, Language

PLAIN = ""


def repeated(marker: str, *, file: str = PLAIN, roots: str = "", beside: str = "") -> Diagram:
    return around(f'<serviceTask id="it">{marker}</serviceTask>{beside}', file=file, roots=roots)


def repetition(marker: str, *, file: str = PLAIN, roots: str = "", beside: str = "") -> Repetition:
    found = it(repeated(marker, file=file, roots=roots, beside=beside)).repetition
    assert found is not None
    return found


def many(inside: str = "", attributes: str = "") -> str:
    return f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"


ZEEBE = many(
    '<extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item" '
    'outputCollection="results" outputElement="=result"/></extensionElements>'
)


@pytest.mark.parametrize(
    ("file", "marker", "collection"),
    [
        (CAMUNDA8, ZEEBE, Expression("items", Language.FEEL, 1)),
        (
            CAMUNDA7,
            many(
                "<loopDataOutputRef>results</loopDataOutputRef><outputDataItem name='result'/>",
                'camunda:collection="items" camunda:elementVariable="item"',
            ),
            Expression("${items}", Language.JUEL, 1),
        ),
        (
            PLAIN,
            many(
                "",
                'runner:collection="items" runner:item="item" runner:outputCollection="results" '
                'runner:outputItem="result"',
            ),
            Expression("items", Language.PYTHON, 1),
        ),
        (
            PLAIN,
            many(
                "<loopDataInputRef>items</loopDataInputRef><loopDataOutputRef>results</loopDataOutputRef>"
                "<inputDataItem name='item'/><outputDataItem name='result'/>"
            ),
            Expression("items", Language.PYTHON, 1),
        ),
    ],
)
def test_items_are_read_in_each_way_of_writing_them(file: str, marker: str, collection: Expression) -> None:
    found = repetition(marker, file=file)
    assert (found.kind, found.collection, found.item_variable) == ("parallel", collection, "item")
    assert found.output_item is not None
    assert (found.output_collection, found.output_item.text) == ("results", "result")


@pytest.mark.parametrize(("file", "text"), [(CAMUNDA8, "=n &gt; 1"), (CAMUNDA7, "${n &gt; 1}"), (PLAIN, "n &gt; 1")])
def test_number_of_instances_and_the_early_end_are_read(file: str, text: str) -> None:
    inside = f"<loopCardinality>3</loopCardinality><completionCondition>{text}</completionCondition>"
    found = repetition(many(inside, 'isSequential="true"'), file=file)
    assert (found.kind, found.cardinality) == ("sequential", Expression("3", Language.PYTHON, 1))
    assert found.completion is not None and "n > 1" in found.completion.text


def test_collection_may_be_a_data_object() -> None:
    beside = '<dataObject id="do"/><dataObjectReference id="dr" name="Order Lines" dataObjectRef="do"/>'
    found = repetition(many("<loopDataInputRef>dr</loopDataInputRef>"), beside=beside)
    assert found.collection == Expression("order_lines", Language.PYTHON, 1)


def test_standard_loop_is_read() -> None:
    marker = '<standardLoopCharacteristics testBefore="true" loopMaximum="5"><loopCondition>again</loopCondition>'
    found = repetition(f"{marker}</standardLoopCharacteristics>")
    assert (found.kind, found.test_before) == ("loop", True)
    assert found.condition == Expression("again", Language.PYTHON, 1)
    assert found.maximum == Expression("5", Language.PYTHON, 1)


@pytest.mark.parametrize(
    ("marker", "code"),
    [
        ("<standardLoopCharacteristics/>", "loop_endless"),
        ('<standardLoopCharacteristics loopMaximum="-1"/>', "loop_invalid"),
        (many(), "repetition_incomplete"),
        (many("<loopCardinality>2</loopCardinality>", 'behavior="Some"'), "behavior_invalid"),
        (many("<loopCardinality>2 +</loopCardinality>"), "expression_invalid"),
        (many("<loopCardinality>2</loopCardinality>", 'behavior="One" oneBehaviorEventRef="x"'), "reference_dangling"),
    ],
)
def test_repetition_that_cannot_run_is_refused(marker: str, code: str) -> None:
    assert refused(repeated(marker)) == [(code, "it")]


SIGNAL = '<signal id="sig" name="S"/><signalEventDefinition id="def" signalRef="sig"/>'


@pytest.mark.parametrize("behavior", ["None", "One"])
def test_event_of_a_behavior_is_read(behavior: str) -> None:
    attributes = f'behavior="{behavior}" {behavior.lower()}BehaviorEventRef="def"'
    found = repetition(many("<loopCardinality>2</loopCardinality>", attributes), roots=SIGNAL)
    assert found.behavior == behavior
    assert [(condition, event.name) for condition, event in found.thrown] == [(None, "S")]


def test_complex_behavior_has_a_condition_for_each_event() -> None:
    inside = (
        "<loopCardinality>2</loopCardinality><complexBehaviorDefinition><condition>n &gt; 1</condition>"
        '<event id="ev"><signalEventDefinition signalRef="sig"/></event></complexBehaviorDefinition>'
    )
    found = repetition(many(inside, 'behavior="Complex"'), roots=SIGNAL)
    expected = Expression("n > 1", Language.PYTHON, 1)
    assert [(condition, event.name) for condition, event in found.thrown] == [(expected, "S")]
