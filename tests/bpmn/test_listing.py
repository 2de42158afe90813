"""Each element and each vendor attribute of a file has one of four verdicts, with its id, its line and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, drawn, findings, flow, task
from lxml import etree

from runner.bpmn.check import check_diagram
from runner.bpmn.diagram import Diagram
from runner.bpmn.dialects.reading import READERS
from runner.bpmn.listing import PARTS, Listed, count, list_parts
from runner.bpmn.parts import is_listed
from runner.bpmn.read import read_file
from runner.bpmn.verdicts import ELEMENTS, EVENTS, FEATURES, FLOW_NODES, PLACES
from runner.bpmn.xml import BPMN

PROCESSES = sorted((Path(__file__).parents[2] / "processes").glob("*.bpmn"))


def listed(diagram: Diagram) -> dict[tuple[str, str], Listed]:
    """Give what is listed by (id, name)."""
    return {(each.element_id, each.name): each for each in list_parts(diagram, check_diagram(diagram, None))}


def verdict(diagram: Diagram, id: str, name: str) -> str:
    """Give the verdict on one part."""
    return listed(diagram)[id, name].outcome.value


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_each_element_of_a_file_is_listed_once_with_the_line_it_begins_in(path: Path) -> None:
    parts = [each for each in list_parts(read_file(path), ()) if each.kind == "element"]
    nodes = [
        (str(node.get("id")), etree.QName(node).localname)
        for node in etree.parse(path).iter(f"{{{BPMN}}}*")
        if is_listed(etree.QName(node).localname) and node.getparent() is not None
    ]
    lines = path.read_text("utf-8").splitlines()
    assert sorted((each.element_id, each.name) for each in parts) == sorted(nodes)
    assert all(f"{each.name}" in lines[each.line - 1] for each in parts)


def test_refused_element_has_its_finding_as_the_reason_and_speaks_for_what_belongs_to_it() -> None:
    inside = '<startEvent id="x"/><task id="y"/>' + flow("x", "y")
    diagram = around(f'<subProcess id="it" runner:nonsense="1">{inside}</subProcess>')
    found = listed(diagram)
    (refusal,) = findings(diagram, "refused")
    assert (found["it", "subProcess"].outcome, found["it", "subProcess"].reason) == ("refused", refusal.message)
    assert (found["y", "task"].outcome, found["s", "startEvent"].outcome) == ("refused", "executed")
    assert found["y", "task"].reason == "belongs to 'it', which is refused"


def test_unknown_attribute_of_ours_is_refused_and_one_of_a_strange_vendor_is_documentation() -> None:
    diagram = around('<task id="it" runner:handlr="x" xmlns:acme="urn:acme" acme:color="red"/>')
    assert verdict(diagram, "it", "runner:handlr") == "refused"
    assert verdict(diagram, "it", "acme:color") == "documentation only"


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ('camunda:asyncBefore="true"', "emulated"),
        ('camunda:topic="t" camunda:type="external"', "executed"),
        ('camunda:class="org.acme.Pay"', "emulated"),
        ('camunda:expression="${x}"', "executed"),
        ('camunda:historyTimeToLive="P1D"', "documentation only"),
        ('camunda:decisionRef="d"', "refused"),
        ('runner:handler="pay"', "executed"),
    ],
)
def test_vendor_attribute_has_a_verdict_of_its_own(attribute: str, expected: str) -> None:
    diagram = around(task(attributes=attribute), file=CAMUNDA7)
    assert verdict(diagram, "it", attribute.partition("=")[0]) == expected


def test_vendor_element_has_a_verdict_of_its_own() -> None:
    inside = '<zeebe:taskDefinition type="t"/><zeebe:properties/>'
    found = listed(around(task(inside), file=CAMUNDA8))
    assert found["it", "zeebe:taskDefinition"].outcome == "executed"
    assert found["it", "zeebe:properties"].outcome == "documentation only"


def test_what_is_not_executable_is_documentation_only() -> None:
    diagram = around(task(), roots='<process id="q"><userTask id="u" camunda:assignee="kim"/></process>')
    found = listed(diagram)
    assert {found["q", "process"].outcome, found["u", "userTask"].outcome} == {"documentation only"}
    assert found["u", "camunda:assignee"].reason == "process 'q' is not executable"


def test_what_runs_by_other_means_than_drawn_is_emulated() -> None:
    lanes = '<laneSet id="l"><lane id="a"><flowNodeRef>u</flowNodeRef></lane></laneSet>'
    link = "<linkEventDefinition id='{}' name='x'/>"
    thrown = f"<intermediateThrowEvent id='t'>{link.format('d')}</intermediateThrowEvent>"
    caught = f"<intermediateCatchEvent id='c'>{link.format('e')}</intermediateCatchEvent>"
    tasks = '<userTask id="u"/><userTask id="v"/>'
    found = listed(drawn(lanes + tasks + thrown + caught + flow("u", "t") + flow("c", "v")))
    emulated = {key for key, each in found.items() if each.outcome == "emulated"}
    assert emulated >= {("a", "lane"), ("t", "intermediateThrowEvent"), ("p", "process"), ("e", "linkEventDefinition")}


def test_association_is_executed_only_where_it_leads_to_an_undoing() -> None:
    undone = (
        '<boundaryEvent id="b" attachedToRef="it"><compensateEventDefinition/></boundaryEvent><textAnnotation id="n"/>'
        '<serviceTask id="h" isForCompensation="true"/><association id="x" sourceRef="b" targetRef="h"/>'
        '<association id="y" sourceRef="it" targetRef="n"/>'
    )
    diagram = around(task() + undone)
    assert verdict(diagram, "x", "association") == "executed"
    assert verdict(diagram, "y", "association") == "documentation only"


def test_data_store_is_executed_only_where_it_is_read_or_written() -> None:
    moved = (
        '<property id="q" name="q"/><dataInputAssociation><sourceRef>r</sourceRef><targetRef>q</targetRef>'
        "</dataInputAssociation>"
    )
    stores = '<dataStore id="d" name="d"/><dataStore id="x" name="x"/>'
    references = '<dataStoreReference id="r" dataStoreRef="d"/><dataStoreReference id="t" dataStoreRef="x"/>'
    diagram = around(f'<serviceTask id="it">{moved}</serviceTask>{references}', roots=stores)
    assert {verdict(diagram, "r", "dataStoreReference"), verdict(diagram, "d", "dataStore")} == {"executed"}
    assert {verdict(diagram, "t", "dataStoreReference"), verdict(diagram, "x", "dataStore")} == {"documentation only"}


def test_element_without_an_id_is_refused() -> None:
    diagram = drawn('<startEvent id="s"/><serviceTask/>')
    assert verdict(diagram, "p", "serviceTask") == "refused"


def test_global_task_is_emulated_where_it_is_called() -> None:
    call = '<callActivity id="it" calledElement="g"/>'
    role = '<potentialOwner id="o"><resourceRef>r</resourceRef></potentialOwner>'
    tasks = f'<globalUserTask id="g">{role}</globalUserTask><globalUserTask id="h"/>'
    found = listed(around(call, roots=tasks))
    assert (found["g", "globalUserTask"].outcome, found["h", "globalUserTask"].outcome) == (
        "emulated",
        "documentation only",
    )
    assert found["o", "potentialOwner"].outcome == "executed"


def test_all_four_outcomes_are_counted() -> None:
    diagram = around(task(attributes='camunda:asyncBefore="true"'))
    assert count(list_parts(diagram, ())) == {"executed": 6, "emulated": 1, "documentation only": 0, "refused": 0}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_every_vendor_word_that_is_honoured_says_what_it_does(reader: object) -> None:
    assert set(getattr(reader, "effects", {})) == set(getattr(reader, "honoured", {}))


def test_every_row_of_the_tables_says_how_and_where_the_standard_has_it() -> None:
    rows = [*ELEMENTS.values(), *FEATURES.values(), *PARTS.values()]
    assert [row for row in rows if row.outcome != "refused" and not (row.how and row.section)] == []
    assert [(kind, place) for kind, row in EVENTS.items() for place in row.executed_at if not row.how(place)] == []
    assert not set(PARTS) & FLOW_NODES and set(PLACES)


def test_what_is_in_a_choreography_is_documentation() -> None:
    inside = '<startEvent id="a"/><endEvent id="b"/>' + flow("a", "b")
    diagram = around('<task id="it"/>', roots=f'<choreography id="c">{inside}</choreography>')
    verdicts = {verdict(diagram, *part) for part in (("a", "startEvent"), ("a-b", "sequenceFlow"))}
    assert verdicts == {"documentation only"}


def test_how_much_fits_into_a_data_store_is_documentation() -> None:
    diagram = around('<task id="it"/>', roots='<dataStore id="d" name="d" capacity="3" isUnlimited="false"/>')
    assert [each.message for each in findings(diagram, "note") if each.element_id == "d"] == [
        "capacity and isUnlimited of data store 'd' are documentation: a data store has room for what is put there."
    ]
