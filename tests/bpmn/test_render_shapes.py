"""How elements look: what the notation tells apart is told apart."""

from __future__ import annotations

import pytest
from bpmn.render_pictures import SVG, edge, group, pictured, shape, written
from lxml import etree

from runner.bpmn.render import render_svg
from runner.bpmn.render.icons import GLYPHS

EVENTS = [
    "message",
    "timer",
    "error",
    "escalation",
    "signal",
    "compensate",
    "conditional",
    "link",
    "cancel",
    "terminate",
]
TASKS = ["serviceTask", "userTask", "scriptTask", "manualTask", "sendTask", "receiveTask", "businessRuleTask"]
GATEWAYS = ["exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"]


def one(inner: str, size: str = "36x36", extra: str = "") -> etree._Element:
    return group(render_svg(pictured(inner, shape("x", 0, 0, size, extra)), theme="light"), "x")


def circles(node: etree._Element) -> list[etree._Element]:
    return list(node.iter(f"{SVG}circle"))


def outlines(node: etree._Element) -> list[str | None]:
    return [path.get("d") for icon in node.iter(f"{SVG}g") if icon.get("class") == "bpmn-icon" for path in icon]


def test_events_are_thin_to_start_double_between_and_thick_to_end() -> None:
    start, between, end = (
        circles(one(f'<{tag} id="x"/>')) for tag in ("startEvent", "intermediateThrowEvent", "endEvent")
    )
    assert (len(start), len(between), len(end)) == (1, 2, 1)
    assert float(end[0].get("stroke-width", "")) > 2 * float(start[0].get("stroke-width", ""))


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_shows_what_it_is_about(kind: str) -> None:
    node = one(f'<intermediateCatchEvent id="x"><{kind}EventDefinition/></intermediateCatchEvent>')
    assert outlines(node) == [stroke.d for stroke in GLYPHS[kind]]


def test_a_throwing_event_is_filled_and_a_catching_one_is_not() -> None:
    fills = {
        tag: next(
            path.get("fill") for path in one(f'<{tag} id="x"><signalEventDefinition/></{tag}>').iter(f"{SVG}path")
        )
        for tag in ("startEvent", "endEvent")
    }
    assert fills == {"startEvent": "#ffffff", "endEvent": "#24292f"}


@pytest.mark.parametrize(("flag", "glyph"), [("", "multiple"), ('parallelMultiple="true"', "parallelMultiple")])
def test_an_event_about_several_has_the_glyph_for_that(flag: str, glyph: str) -> None:
    several = "<signalEventDefinition/><timerEventDefinition/>"
    node = one(f'<startEvent id="x" {flag}>{several}</startEvent>')
    assert outlines(node) == [stroke.d for stroke in GLYPHS[glyph]]


def test_an_event_definition_may_stand_elsewhere_in_the_file() -> None:
    event = '<startEvent id="x"><eventDefinitionRef>shared</eventDefinitionRef></startEvent>'
    svg = render_svg(pictured(event, shape("x", 0, 0, "36x36"), around='<errorEventDefinition id="shared"/>'))
    assert outlines(group(svg, "x")) == [stroke.d for stroke in GLYPHS["error"]]


@pytest.mark.parametrize(
    ("element", "dashed"),
    [
        ('boundaryEvent id="x" cancelActivity="false"', True),
        ('boundaryEvent id="x"', False),
        ('startEvent id="x" isInterrupting="false"', True),
        ('startEvent id="x"', False),
    ],
)
def test_only_what_does_not_interrupt_is_dashed(element: str, dashed: bool) -> None:
    assert all(bool(circle.get("stroke-dasharray")) is dashed for circle in circles(one(f"<{element}/>")))


@pytest.mark.parametrize("tag", TASKS)
def test_a_task_shows_its_type(tag: str) -> None:
    assert outlines(one(f'<{tag} id="x"/>', "100x80")) == [stroke.d for stroke in GLYPHS[tag]]


def test_a_plain_task_has_no_icon() -> None:
    assert outlines(one('<task id="x"/>', "100x80")) == []


@pytest.mark.parametrize("tag", GATEWAYS)
def test_each_gateway_has_a_sign_of_its_own(tag: str) -> None:
    others = [outlines(one(f'<{other} id="x"/>', "50x50")) for other in GATEWAYS if other != tag]
    assert outlines(one(f'<{tag} id="x"/>', "50x50")) not in [[], *others]


def test_an_exclusive_gateway_may_go_without_its_cross() -> None:
    assert outlines(one('<exclusiveGateway id="x"/>', "50x50", 'isMarkerVisible="false"')) == []


@pytest.mark.parametrize(
    ("inner", "glyph"),
    [
        ("<standardLoopCharacteristics/>", "loop"),
        ("<multiInstanceLoopCharacteristics/>", "parallelInstances"),
        ('<multiInstanceLoopCharacteristics isSequential="true"/>', "sequentialInstances"),
    ],
)
def test_repetition_is_marked(inner: str, glyph: str) -> None:
    assert outlines(one(f'<task id="x">{inner}</task>', "100x80")) == [stroke.d for stroke in GLYPHS[glyph]]


def test_markers_stand_side_by_side() -> None:
    tag = '<adHocSubProcess id="x" isForCompensation="true"><multiInstanceLoopCharacteristics/></adHocSubProcess>'
    expected = [
        stroke.d for name in ("parallelInstances", "compensation", "collapsed", "adHoc") for stroke in GLYPHS[name]
    ]
    assert outlines(one(tag, "100x80", 'isExpanded="false"')) == expected


def test_a_call_activity_is_thick_an_event_sub_process_dotted_a_transaction_double() -> None:
    borders = {
        tag.split()[0]: list(one(f'<{tag} id="x"/>', "300x200", 'isExpanded="true"').iter(f"{SVG}rect"))
        for tag in ("callActivity", 'subProcess triggeredByEvent="true"', "transaction")
    }
    assert borders["callActivity"][0].get("stroke-width") == "3.5"
    assert borders["subProcess"][0].get("stroke-dasharray")
    assert len(borders["transaction"]) == 2


def test_an_open_sub_process_has_its_name_at_the_top() -> None:
    spans = one('<subProcess id="x" name="Inside"/>', "300x200", 'isExpanded="true"').iter(f"{SVG}tspan")
    assert [float(span.get("y", "")) < 30 for span in spans] == [True]


def test_a_pool_with_a_process_has_its_name_turned_and_one_without_in_the_middle() -> None:
    pools = '<participant id="a" name="A" processRef="p"/><participant id="b" name="B"/>'
    svg = render_svg(
        pictured(
            "",
            shape("a", 0, 0, "600x200"),
            shape("b", 0, 300, "600x60"),
            around=f"<collaboration>{pools}</collaboration>",
        )
    )
    turned = [bool(text.get("transform")) for pool in ("a", "b") for text in group(svg, pool).iter(f"{SVG}text")]
    assert turned == [True, False]


@pytest.mark.parametrize(
    "element",
    [
        '<dataObjectReference id="x" name="What"/>',
        '<dataStoreReference id="x" name="What"/>',
        '<dataInput id="x" name="What"/>',
        '<textAnnotation id="x"><text>What</text></textAnnotation>',
        '<conversation id="x" name="What"/>',
    ],
)
def test_whatever_has_a_name_shows_it(element: str) -> None:
    assert written(render_svg(pictured(element, shape("x", 0, 0, "50x50")))) == ["What"]


def test_a_group_is_named_by_its_category_value() -> None:
    category = '<category><categoryValue id="v" value="Later"/></category>'
    svg = render_svg(pictured('<group id="x" categoryValueRef="v"/>', shape("x", 0, 0, "300x200"), around=category))
    assert written(svg) == ["Later"]


def flow(attributes: str, inner: str = "", source: str = '<task id="a"/>') -> etree._Element:
    xml = pictured(
        f'{source}<task id="b"/><sequenceFlow id="x" sourceRef="a" targetRef="b" {attributes}>{inner}</sequenceFlow>',
        shape("a", 0, 0),
        shape("b", 300, 0),
        edge("x", (100, 40), (200, 40), (200, 60), (300, 60)),
    )
    return group(render_svg(xml), "x")


def test_a_default_flow_and_a_conditional_one_show_at_their_start() -> None:
    condition = "<conditionExpression>x</conditionExpression>"
    plain, default = flow(""), flow("", source='<task id="a" default="x"/>')
    conditional, gated = flow("", condition), flow("", condition, '<exclusiveGateway id="a"/>')
    assert [len(node.findall(f"{SVG}path")) for node in (plain, default, conditional, gated)] == [2, 3, 3, 2]


def test_a_message_flow_is_dashed_with_an_envelope_where_the_file_says_so() -> None:
    around = '<collaboration id="c"><messageFlow id="x" name="order" sourceRef="a" targetRef="b"/></collaboration>'
    line = edge("x", (0, 0), (0, 200), extra='messageVisibleKind="initiating"')
    svg = render_svg(
        pictured('<task id="a"/><task id="b"/>', shape("a", 0, -80), shape("b", 0, 200), line, around=around)
    )
    assert next(path.get("stroke-dasharray") for path in group(svg, "x").findall(f"{SVG}path")) == "8 5"
    assert outlines(group(svg, "x")) == [stroke.d for stroke in GLYPHS["message"]]
    assert written(svg) == ["order"]


def test_a_name_leaves_room_for_an_event_on_the_border_if_it_can() -> None:
    guest = '<boundaryEvent id="g" attachedToRef="x"/>'
    task = '<serviceTask id="x" name="Decide how best to expand Rome"/>'
    svg = render_svg(pictured(task + guest, shape("x", 0, 0), shape("g", 30, 62, "36x36")))
    last = max(float(span.get("y", "")) for span in group(svg, "x").iter(f"{SVG}tspan"))
    assert last < 62
