"""Reads how often an activity runs: standard loops and multi-instances of all three dialects.

Source: BPMN 2.0.2 §10.3.8; the vendors' ways to name the items are `dialects/`'s."""

from __future__ import annotations

from lxml import etree

from runner.bpmn.diagram import Dialect, EventDefinition, Repetition
from runner.bpmn.dialects.reading import read_extensions, report_unread
from runner.bpmn.dialects.texts import read_expression, read_variable
from runner.bpmn.dialects.vendor import RepeatedOver, whole_number
from runner.bpmn.events import DEFINITION, read_event
from runner.bpmn.findings import Report
from runner.bpmn.surroundings import Surroundings
from runner.bpmn.xml import BPMN, children, first, is_true, local_id, name_of, text_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language

_BEHAVIORS = ("None", "One", "All", "Complex")


def read_repetition(node: etree._Element, around: Surroundings, *, report: Report) -> Repetition | None:
    """Read the loop or multi-instance marker of an activity; None if it has none."""
    loop = first(node, BPMN, "standardLoopCharacteristics")
    if loop is not None:
        report_unread(loop, report)
        return _loop(loop, around, report=report)
    many = first(node, BPMN, "multiInstanceLoopCharacteristics")
    if many is None:
        return None
    report_unread(many, report)
    return _multi_instance(many, around, report=report)


def _loop(node: etree._Element, around: Surroundings, *, report: Report) -> Repetition:
    condition = _child(node, "loopCondition", around, what="a loop condition", report=report)
    maximum, text = None, (node.get("loopMaximum") or "").strip()
    try:
        if text:
            maximum = Expression(str(whole_number(text, low=0)), Language.PYTHON, report.line(node))
    except ExpressionInvalid as error:
        report.refuse(node, "loop_invalid", message=f"In loopMaximum: {error}")
    if condition is None and not text:
        report.refuse(
            node,
            "loop_endless",
            message="Expected a loop with a condition or a maximum, but it has neither and would never end. Write one.",
        )
    before = is_true(node.get("testBefore"), default=False)
    return Repetition("loop", report.line(node), condition=condition, test_before=before, maximum=maximum)


def _multi_instance(node: etree._Element, around: Surroundings, *, report: Report) -> Repetition:
    items = _items(node, around, report=report)
    cardinality = _child(node, "loopCardinality", around, what="a number of instances", report=report)
    if cardinality is None and items.collection is None:
        report.refuse(
            node,
            "repetition_incomplete",
            message="Expected a collection or a number of instances for the multi-instance marker, but it has neither. "
            "Write one.",
        )
    behavior = (node.get("behavior") or "All").strip()
    if behavior not in _BEHAVIORS:
        report.refuse(
            node,
            "behavior_invalid",
            message=f"Expected behavior to be one of {', '.join(_BEHAVIORS)}, but it is '{behavior}'. Choose one.",
        )
    return Repetition(
        kind="sequential" if is_true(node.get("isSequential"), default=False) else "parallel",
        line=report.line(node),
        cardinality=cardinality,
        collection=items.collection,
        item_variable=items.item_variable,
        output_collection=items.output_collection,
        output_item=items.output_item,
        completion=_child(node, "completionCondition", around, what="a completion condition", report=report),
        behavior=behavior,
        thrown=_thrown(node, behavior, around, report=report),
    )


def _items(node: etree._Element, around: Surroundings, *, report: Report) -> RepeatedOver:
    """Take each part from the first vendor that has it, else from the standard's elements."""
    found = [each.repeated for each in read_extensions(node, report) if each.repeated is not None]
    standard = _standard(node, around, report=report)
    every = (*found, standard)
    return RepeatedOver(
        collection=next((each.collection for each in every if each.collection is not None), None),
        item_variable=next((each.item_variable for each in every if each.item_variable), None),
        output_collection=next((each.output_collection for each in every if each.output_collection), None),
        output_item=next((each.output_item for each in every if each.output_item is not None), None),
    )


def _standard(node: etree._Element, around: Surroundings, *, report: Report) -> RepeatedOver:
    """Read loopDataInputRef, inputDataItem, loopDataOutputRef and outputDataItem: names of variables."""
    source, target = (first(node, BPMN, name) for name in ("loopDataInputRef", "loopDataOutputRef"))
    given, taken = (_item(first(node, BPMN, name)) for name in ("inputDataItem", "outputDataItem"))
    return RepeatedOver(
        collection=None if source is None else _collection(source, around, report=report),
        item_variable=given,
        output_collection=None if target is None else _referred(target, around),
        output_item=None if taken is None else read_variable(taken, Dialect.CAMUNDA8, line=report.line(node)),
    )


def _collection(node: etree._Element, around: Surroundings, *, report: Report) -> Expression | None:
    text = text_of(node)
    if text.startswith(("${", "#{", "=")):
        return read_expression(node, around, what="a collection", report=report)
    return read_variable(_referred(node, around), around.dialect, line=report.line(node)) if text else None


def _referred(node: etree._Element, around: Surroundings) -> str:
    """Give the variable that a reference means: that of a data object, data input or property, else its own text."""
    reference = local_id(text_of(node)) or ""
    return around.names.get(reference, reference)


def _item(node: etree._Element | None) -> str | None:
    return None if node is None else (node.get("name") or node.get("id") or "").strip() or None


def _child(node: etree._Element, name: str, around: Surroundings, *, what: str, report: Report) -> Expression | None:
    child = first(node, BPMN, name)
    if child is None or (not text_of(child) and name == "completionCondition"):
        return None
    return read_expression(child, around, what=what, report=report)


def _thrown(
    node: etree._Element, behavior: str, around: Surroundings, *, report: Report
) -> tuple[tuple[Expression | None, EventDefinition], ...]:
    """Read which events are thrown when instances end: none for "All", one for "None" and "One", each for "Complex"."""
    if behavior == "Complex":
        return tuple(
            (_child(each, "condition", around, what="a condition", report=report), event)
            for each in children(node, BPMN, local="complexBehaviorDefinition")
            for event in _implicit(each, around, report=report)
        )
    reference = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}.get(behavior)
    identity = local_id(node.get(reference)) if reference else None
    if identity is None:
        return ()
    definition = around.roots.get(identity)
    if definition is None or not name_of(definition)[1].endswith(DEFINITION):
        return ()
    return ((None, read_event(definition, around, throws=True, report=report)),)


def _implicit(node: etree._Element, around: Surroundings, *, report: Report) -> tuple[EventDefinition, ...]:
    """Read the events that a complexBehaviorDefinition throws."""
    event = first(node, BPMN, "event")
    found = () if event is None else (each for each in children(event, BPMN) if name_of(each)[1].endswith(DEFINITION))
    return tuple(read_event(each, around, throws=True, report=report) for each in found)
