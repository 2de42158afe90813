"""Deviations from BPMN's XML schema: which are refused, which run as drawn, and that none is missed."""

from __future__ import annotations

import copy
import random
from pathlib import Path

import pytest
from bpmn.drawn import NAMESPACES, around, drawn, findings, flow, refused, task, warned
from lxml import etree

from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_diagram
from runner.bpmn.rules.schema_types import schema_file

ROOT = Path(__file__).parents[2]
ENDS = '<startEvent id="s"/><endEvent id="e"/>' + flow("s", "e")
FILES = (*sorted((ROOT / "processes").glob("*.bpmn")), *sorted((ROOT / "tests" / "diagrams").glob("*.bpmn")))
SCHEMA = etree.XMLSchema(file=str(schema_file()))


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ('<script id="x">n + 1</script>', ("element_misplaced", "x")),
        ('<dataInputs id="x"/>', ("element_unknown", "x")),
        ('<flowElement id="x"/>', ("element_unknown", "x")),
        ('<subProcess id="x" triggeredByEvent="yes"/>', ("value_invalid", "x")),
        ('<adHocSubProcess id="x" ordering="serial"><task id="y"/></adHocSubProcess>', ("value_invalid", "x")),
        ('<ioSpecification id="x"><inputSet/></ioSpecification>', ("schema_missing", "x")),
        ('<association id="x" sourceRef="s"/>', ("attribute_missing", "x")),
        ('<task id="x"><extensionElements/><extensionElements/></task>', ("schema_repeated", "x")),
    ],
)
def test_what_would_be_lost_or_guessed_is_refused(inside: str, found: tuple[str, str]) -> None:
    assert found in refused(drawn(inside + ENDS))


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ('<task id="x" colour="red"/>', ("attribute_unknown", "x")),
        ('<task id="4711"/>', ("name_invalid", "4711")),
        ('<task id="x"><camunda:note/></task>', ("schema_foreign", "x")),
        ('<exclusiveGateway id="x" gatewayDirection="diverging"/>', ("value_invalid", "x")),
        ('<task id="x">by hand</task>', ("schema_text", "x")),
        ('<task id="x"><documentation camunda:lang="en">.</documentation></task>', ("schema_foreign", "x")),
    ],
)
def test_what_runs_as_it_is_drawn_is_a_warning(inside: str, found: tuple[str, str]) -> None:
    assert found in warned(drawn(inside + ENDS))


def test_the_order_of_elements_is_a_warning_that_names_both() -> None:
    diagram = around('<task id="it"><incoming>s-it</incoming><documentation>Late.</documentation></task>')
    (finding,) = (each for each in findings(diagram, "warning") if "before <incoming>" in each.message)
    assert (finding.code, finding.source) == ("schema_order", "BPMN 2.0 XML schema")
    assert "Expected <documentation> before <incoming> in <task>" in finding.message


def test_a_type_that_is_none_is_a_warning_and_one_that_may_stand_there_is_none() -> None:
    def typed(name: str) -> list[tuple[str, str]]:
        head = f'{NAMESPACES} xmlns:b="{"http://www.omg.org/spec/BPMN/20100524/MODEL"}" xmlns:xsi="{XSI}"'
        condition = f'<conditionExpression xsi:type="{name}">n</conditionExpression>'
        flows = f'<sequenceFlow id="f" sourceRef="s" targetRef="e">{condition}</sequenceFlow>'
        xml = f'<definitions {head}><process id="p" isExecutable="true">{ENDS}{flows}</process></definitions>'
        return [(each.code, each.element_id) for each in check_diagram(read_diagram(xml.encode(), source="a"), None)]

    assert ("schema_type", "f") in typed("bpmn:tFormalExpression") and ("schema_type", "f") in typed("b:tTask")
    assert ("schema_type", "f") not in typed("b:tFormalExpression")


XSI = "http://www.w3.org/2001/XMLSchema-instance"


def test_extensions_of_vendors_are_fine_where_the_schema_has_room() -> None:
    other = '<x:y xmlns:x="urn:x"><x:z/></x:y>'
    assert warned(around(task(other, 'xmlns:x="urn:x" x:colour="red"'))) == []


def mutated(root: etree._Element, chance: random.Random) -> bytes:
    """Change one thing in a file, anywhere."""
    nodes = list(root.iter(etree.Element))
    node = chance.choice(nodes)
    kind = chance.randrange(5)
    if kind == 0 and node is not root:
        node.getparent().remove(node)
    elif kind == 1:
        node[:] = chance.sample(list(node), len(node))
    elif kind == 2 and node.attrib:
        del node.attrib[chance.choice(list(node.attrib))]
    elif kind == 3:
        names = (*node.attrib, "colour", "default", "isExecutable")
        node.set(chance.choice(names), chance.choice(("x y", "true", "TRUE", "12", "no:where")))
    elif kind == 4:
        node.append(copy.deepcopy(chance.choice(nodes)))
    return etree.tostring(root)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sentences_are_said_exactly_where_libxml2_finds_something(path: Path) -> None:
    chance = random.Random(path.name)
    for _ in range(60):
        xml = mutated(etree.fromstring(path.read_bytes()), chance)
        root = etree.fromstring(xml)
        if root.tag.endswith("}definitions"):
            found = check_diagram(read_diagram(xml, source=path.name), None)
            said = {each.code for each in found if "schema" in each.source} - {"schema_invalid"}
            assert SCHEMA.validate(root) == (not said), (xml, SCHEMA.error_log)


def test_what_definitions_inherit_by_the_standard_only_is_a_warning() -> None:
    diagram = around('<task id="it"/>', roots="<extensionElements/>")
    assert refused(diagram) == [] and ("schema_foreign", "") in warned(diagram)
