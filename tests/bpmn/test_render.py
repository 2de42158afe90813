"""The picture of a diagram: well-formed, safe to put in a page, and true to the file and to the marks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bpmn.render_pictures import NAMESPACES, SVG, edge, group, parsed, pictured, shape, title, view, written
from builders import BPMN, bpmn, chain
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from runner.bpmn.render import render_svg
from runner.errors import DiagramUnreadable
from runner.model import Mark

PROCESSES = Path(__file__).parents[2] / "processes"
ATTACK = pictured('<serviceTask id="attack" name="Attack"/>', shape("attack", 100, 50))


def test_each_element_is_a_group_with_its_id_family_type_and_name() -> None:
    found = group(render_svg(ATTACK), "attack")
    assert found.get("class") == "bpmn-task"
    assert found.get("data-element-type") == "serviceTask"
    assert found.findtext(f"{SVG}title") == "Attack (service task)"


def test_a_mark_is_told_by_class_title_badge_and_label() -> None:
    svg = render_svg(ATTACK, marks={"attack": Mark("retrying", tokens=2, note="attempt 3")}, title="Capture")
    assert group(svg, "attack").get("class") == "bpmn-task is-retrying"
    assert title(svg, "attack") == "Attack (service task): retrying, 2 tokens, attempt 3"
    assert {"2", "attempt 3"} <= set(written(svg))
    assert parsed(svg).get("aria-label") == "Capture. retrying: Attack"
    assert [parsed(svg).findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == ["Capture", "retrying: Attack"]


@pytest.mark.parametrize("status", ["done", "failed", "retrying", "waiting"])
def test_a_state_has_a_sign_beside_its_colour(status: str) -> None:
    signs = [node.get("class") for node in parsed(render_svg(ATTACK, marks={"attack": Mark(status)})).iter(f"{SVG}g")]
    assert "bpmn-sign" in signs


def test_a_mark_for_an_element_that_is_not_drawn_changes_nothing() -> None:
    assert render_svg(ATTACK, marks={"gone": Mark("active", tokens=1)}) == render_svg(ATTACK)


def test_a_done_flow_is_marked() -> None:
    xml = pictured(
        '<task id="a"/><task id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>',
        shape("a", 0, 0),
        shape("b", 200, 0),
        edge("f", (100, 40), (200, 40)),
    )
    assert group(render_svg(xml, marks={"f": Mark("done")}), "f").get("class") == "bpmn-flow is-done"


def test_an_unknown_status_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"mark of 'attack' to be one of done, .*, but got 'happy'"):
        render_svg(ATTACK, marks={"attack": Mark("happy")})


def test_an_unknown_theme_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="auto, light, dark, but got 'pink'"):
        render_svg(ATTACK, theme="pink")


def test_a_file_that_is_not_xml_is_refused() -> None:
    with pytest.raises(DiagramUnreadable):
        render_svg(b"not a diagram")


def test_an_entity_is_refused() -> None:
    with pytest.raises(DiagramUnreadable, match="DOCTYPE"):
        render_svg(b'<!DOCTYPE x [<!ENTITY e "boom">]>' + ATTACK)


def test_auto_leaves_the_colours_to_the_page_and_light_does_not() -> None:
    assert "var(--bpmn-ink, #24292f)" in render_svg(ATTACK)
    assert "var(" not in render_svg(ATTACK, theme="light")
    assert render_svg(ATTACK, theme="light") != render_svg(ATTACK, theme="dark")


def test_a_strict_content_security_policy_lets_the_picture_pass_and_two_share_a_page() -> None:
    for name in ("capture", "helloworld"):
        for node in parsed(render_svg((PROCESSES / f"{name}.bpmn").read_bytes())).iter():
            assert not {"style", "id", "href", "onload"} & set(node.attrib)
            assert etree.QName(node).localname in {
                "svg",
                "g",
                "title",
                "desc",
                "path",
                "circle",
                "rect",
                "text",
                "tspan",
            }


HOSTILE = ["<script>alert(1)</script>", "\" onload='x'", "]]>&amp;", "x" * 3000, "שלום עולם", "👩‍👩‍👧 ́́́", " ", "\u202e"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name: str) -> None:
    xml = etree.fromstring(ATTACK)
    for task in xml.iter(f"{{{BPMN}}}serviceTask"):
        task.set("name", name)
    svg = render_svg(etree.tostring(xml), marks={"attack": Mark("active", note=name)}, title=name)
    assert not list(parsed(svg).iter(f"{SVG}script"))
    assert {attribute for node in parsed(svg).iter() for attribute in node.attrib}.isdisjoint({"onload", "onclick"})
    assert len(svg) < 20_000


@given(st.text())
def test_any_note_and_title_gives_well_formed_xml(text: str) -> None:
    svg = render_svg(ATTACK, marks={"attack": Mark("active", note=text)}, title=text)
    assert parsed(svg).get("role") == "img"


@pytest.mark.parametrize("colour", ["#1e88e5", "#fff8", "teal", "rgb(1, 2,3)"])
def test_a_colour_of_the_diagram_is_used(colour: str) -> None:
    svg = render_svg(pictured('<task id="a"/>', shape("a", 0, 0, extra=f'bioc:fill="{colour}"')))
    assert f'fill="{colour}"' in svg


@pytest.mark.parametrize(
    "colour", ["url(http://evil)", "red;x:y", "#12345", "var(--x)", "rgb(1,2,3)\n", "expression(1)"]
)
def test_what_is_not_a_plain_colour_is_dropped(colour: str) -> None:
    plain = render_svg(pictured('<task id="a"/>', shape("a", 0, 0)))
    assert render_svg(pictured('<task id="a"/>', shape("a", 0, 0, extra=f'color:border-color="{colour}"'))) == plain


def test_black_on_white_follows_the_theme() -> None:
    usual = shape("a", 0, 0, extra='color:border-color="#000000" color:background-color="white"')
    plain = pictured('<task id="a" name="A"/>', shape("a", 0, 0))
    assert render_svg(pictured('<task id="a" name="A"/>', usual), theme="dark") == render_svg(plain, theme="dark")


@pytest.mark.parametrize("number", ["NaN", "inf", "1e300", "ten", ""])
def test_a_file_with_a_senseless_place_is_laid_out_anew(number: str) -> None:
    xml = pictured('<task id="a"/><task id="b"/>', shape("a", 0, 0), shape("b", 1, 1).replace('"1"', f'"{number}"', 1))
    assert render_svg(xml) == render_svg(pictured('<task id="a"/><task id="b"/>'))


def test_the_frame_holds_all_shapes_lines_and_labels() -> None:
    xml = pictured(
        '<task id="a"/><startEvent id="s" name="begin"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/>',
        shape("a", -500, 20),
        shape("s", 300, 700, "36x36"),
        edge("f", (300, 718), (300, 900), (-450, 100)),
    )
    x, y, width, height = view(render_svg(xml))
    assert x <= -500 + 500 and y <= 0 and width >= 836 and height >= 880


def test_a_boundary_event_lies_on_top_and_a_pool_below_all() -> None:
    xml = pictured(
        '<boundaryEvent id="b" attachedToRef="a"/><task id="a"/>',
        shape("b", 80, 60, "36x36"),
        shape("a", 0, 0),
        shape("pool", -50, -50, "400x300"),
        around='<collaboration id="c"><participant id="pool" processRef="p" name="Team"/></collaboration>',
    )
    order = re.findall(r'data-element-id="(\w+)"', render_svg(xml))
    assert order == ["pool", "a", "b"]


def test_several_pages_stand_below_each_other_with_captions() -> None:
    page = '<di:BPMNDiagram name="{0}"><di:BPMNPlane>{1}</di:BPMNPlane></di:BPMNDiagram>'
    pages = page.format("First", shape("a", 0, 0)) + page.format("Second", shape("b", 5000, 0))
    body = f'<definitions {NAMESPACES}><process id="p"><task id="a"/><task id="b"/></process>{pages}</definitions>'
    svg = render_svg(body.encode())
    assert written(svg) == ["First", "Second"]
    assert view(svg)[2] < 300 and view(svg)[3] > 200


def test_a_process_with_nothing_in_it_says_so() -> None:
    assert "".join(written(render_svg(bpmn([], [])))) == "Nothing is drawn here yet"


def test_a_file_without_a_picture_gets_one() -> None:
    ids = re.findall(r'data-element-id="(\w+)"', render_svg(chain(["a", "b"])))
    assert sorted(ids) == ["a", "b", "e", "f0", "f1", "f2", "s"]
