"""Choreographies, conversations and messages, and what is drawn on dark colours."""

from __future__ import annotations

import pytest
from bpmn.render_pictures import NAMESPACES, SVG, group, pictured, shape, written
from bpmn.test_render_shapes import one, outlines
from lxml import etree

from runner.bpmn.render import render_svg
from runner.bpmn.render.icons import GLYPHS
from runner.bpmn.render.themes import legible_on

TASK = (
    '<choreographyTask id="t" name="Order" initiatingParticipantRef="A" loopType="Standard">'
    "<participantRef>A</participantRef><participantRef>B</participantRef></choreographyTask>"
)
PARTNERS = '<participant id="A" name="Buyer"/><participant id="B" name="Seller"/>'


def choreography(*shapes: str) -> str:
    page = f'<di:BPMNDiagram><di:BPMNPlane bpmnElement="c">{"".join(shapes)}</di:BPMNPlane></di:BPMNDiagram>'
    inner = f'<choreography id="c">{PARTNERS}{TASK}</choreography>{page if shapes else ""}'
    return render_svg(f"<definitions {NAMESPACES}>{inner}</definitions>".encode(), theme="light")


def band(participant: str, y: float, kind: str, extra: str = "") -> str:
    return shape(participant, 0, y, "100x20", f'choreographyActivityShape="s" participantBandKind="{kind}" {extra}')


def test_a_choreography_task_without_bands_names_its_participants() -> None:
    for svg in (choreography(), choreography(shape("t", 0, 0, "100x80"))):
        assert sorted(written(svg)) == ["Buyer", "Order", "Seller"]
        assert outlines(group(svg, "t")) == [stroke.d for stroke in GLYPHS["loop"]]


def test_bands_that_the_file_places_are_drawn_once_and_the_one_that_does_not_begin_is_shaded() -> None:
    bands = band("A", 0, "top_initiating"), band("B", 60, "bottom_non_initiating", 'isMessageVisible="true"')
    svg = choreography(shape("t", 0, 0, "100x80", 'id="s"'), *bands)
    assert sorted(written(svg)) == ["Buyer", "Order", "Seller"]
    fills = [next(group(svg, key).iter(f"{SVG}path")).get("fill") for key in "AB"]
    assert fills == ["#ffffff", "#d8dee4"]
    assert [len(list(group(svg, key).iter(f"{SVG}rect"))) for key in "AB"] == [0, 1]


@pytest.mark.parametrize(("tag", "width"), [("conversation", "1.5"), ("callConversation", "3.5")])
def test_a_conversation_is_a_hexagon_and_one_that_calls_is_thick(tag: str, width: str) -> None:
    (path,) = one(f'<{tag} id="x"/>', "60x52").iter(f"{SVG}path")
    assert (path.get("d", "").count("L"), path.get("stroke-width")) == (5, width)


def test_a_conversation_link_is_a_double_line() -> None:
    parts = '<participant id="A"/><conversation id="k"/><conversationLink id="x" sourceRef="A" targetRef="k"/>'
    svg = render_svg(f'<definitions {NAMESPACES}><collaboration id="c">{parts}</collaboration></definitions>'.encode())
    assert [path.get("stroke-width") for path in group(svg, "x").iter(f"{SVG}path")] == ["5", "2.5"]


def test_a_message_is_an_envelope_with_its_name_beside() -> None:
    svg = render_svg(pictured("", shape("m", 0, 0, "40x28"), around='<message id="m" name="Order"/>'))
    assert written(svg) == ["Order"] and len(list(group(svg, "m").iter(f"{SVG}path"))) == 1


@pytest.mark.parametrize("flag", ["true", "1"])
def test_booleans_are_read_as_xml_schema_writes_them(flag: str) -> None:
    node = one(f'<task id="x" isForCompensation="{flag}"/>', "100x80")
    assert outlines(node) == [stroke.d for stroke in GLYPHS["compensation"]]


@pytest.mark.parametrize(
    ("fill", "ink"), [("#2953e7", "#ffffff"), ("#ffffcc", "#24292f"), ("rgb(0,0,90)", "#ffffff"), ("teal", "#24292f")]
)
def test_signs_on_a_dark_colour_are_pale(fill: str, ink: str) -> None:
    assert legible_on(fill, "#24292f") == ink
    event = '<startEvent id="x"><timerEventDefinition/></startEvent>'
    icon = one(event, "36x36", f'bioc:fill="{fill}"').find(f".//{SVG}g")
    assert icon is not None and etree.tostring(icon).count(f'stroke="{ink}"'.encode()) == 3


def test_data_beside_each_other_is_joined_around_what_is_between() -> None:
    flows = '<association id="x" sourceRef="d" targetRef="f"/>'
    data = "".join(f'<dataObjectReference id="{key}"/>' for key in "def")
    svg = render_svg(pictured(data + flows))
    line = next(group(svg, "x").iter(f"{SVG}path")).get("d", "")
    assert line.count("Q") == 2
