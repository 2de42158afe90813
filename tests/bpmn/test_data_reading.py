"""Data objects, properties, stores and associations; pools and message flows."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, drawn, findings, flow, it, refused

from runner.bpmn.diagram import DataMove, DataStore, Element, MessageFlow
from runner.expressions.language import Expression, Language

OBJECT = '<dataObject id="do"/><dataObjectReference id="dr" name="Order" dataObjectRef="do"/>'
INPUT = (
    '<ioSpecification><dataInput id="di" name="order_in"/><dataOutput id="dout" name="order_out"/></ioSpecification>'
)


def moving(associations: str, *, file: str = "", beside: str = OBJECT) -> Element:
    return it(around(f'{beside}<serviceTask id="it">{INPUT}{associations}</serviceTask>', file=file))


def association(way: str, source: str, target: str, inside: str = "") -> str:
    ends = (f"<sourceRef>{source}</sourceRef>" if source else "") + f"<targetRef>{target}</targetRef>"
    return f"<data{way}Association>{ends}{inside}</data{way}Association>"


def test_associations_move_data_between_objects_and_the_task() -> None:
    element = moving(association("Input", "dr", "di") + association("Output", "dout", "dr"))
    assert element.data_inputs == (DataMove("order_in", Expression("Order", Language.FEEL, 1)),)
    assert element.data_outputs == (DataMove("Order", Expression("order_out", Language.FEEL, 1)),)


def test_transformation_and_assignments_say_what_is_moved() -> None:
    assigned = "<assignment><from>n + 1</from><to>total</to></assignment>"
    element = moving(
        association("Input", "dr", "di", "<transformation>Order</transformation>")
        + association("Output", "dout", "dr", assigned)
    )
    assert element.data_inputs == (DataMove("order_in", Expression("Order", Language.PYTHON, 1)),)
    assert element.data_outputs == (DataMove("total", Expression("n + 1", Language.PYTHON, 1)),)


def test_association_that_modelers_draw_for_the_eye_moves_nothing_and_is_noted() -> None:
    inside = '<property id="pl" name="__targetRef_placeholder"/>' + association("Input", "dr", "pl")
    diagram = around(
        f'{OBJECT}<serviceTask id="it">{inside}{association("Output", "", "dr")}</serviceTask>', file=CAMUNDA7
    )
    assert (it(diagram).data_inputs, it(diagram).data_outputs) == ((), ())
    assert any("A data association: it is documentation" in each.message for each in findings(diagram, "note"))


@pytest.mark.parametrize(
    ("name", "variable"), [("order", "order"), ("Customer Order", "customer_order"), ("", "do_1"), ("2 items", "do_1")]
)
def test_data_object_is_a_variable_of_a_name_that_expressions_can_say(name: str, variable: str) -> None:
    process = drawn(f'<dataObject id="do_1" name="{name}"/><startEvent id="s"/>').processes[0]
    assert process.data_objects == {"p": (variable,)}


def test_data_objects_and_properties_belong_to_their_container() -> None:
    inside = f'<property id="a" name="a"/><subProcess id="sub">{OBJECT}<property id="b" name="b"/></subProcess>'
    assert drawn(inside).processes[0].data_objects == {"p": ("a",), "sub": ("Order", "b")}


def test_references_to_one_data_store_share_its_name() -> None:
    references = (
        '<dataStoreReference id="r1" name="Read" dataStoreRef="ds"/><dataStoreReference id="r2" dataStoreRef="ds"/>'
        '<dataStoreReference id="r3" name="Own"/>'
    )
    stores = drawn(references, roots='<dataStore id="ds" name="Stock"/>').processes[0].data_stores
    assert stores == {"r1": DataStore("r1", "Stock"), "r2": DataStore("r2", "Stock"), "r3": DataStore("r3", "Own")}


def test_association_with_a_data_store_names_it() -> None:
    beside = '<dataStoreReference id="r" name="stock"/>'
    element = moving(association("Input", "r", "di") + association("Output", "dout", "r"), beside=beside)
    assert [(move.target, move.store) for move in element.data_inputs] == [("order_in", "stock")]
    assert [(move.target, move.store) for move in element.data_outputs] == [("stock", "stock")]


@pytest.mark.parametrize("file", [CAMUNDA7, CAMUNDA8])
def test_associations_are_for_people_in_camundas_dialects(file: str) -> None:
    element = moving(association("Input", "dr", "di") + association("Output", "dout", "dr"), file=file)
    assert (element.data_inputs, element.data_outputs) == ((), ())


POOLS = (
    '<message id="m" name="m"/>'
    '<collaboration id="c"><participant id="p1" name="Shop" processRef="p"/><participant id="p2" name="Customer"/>'
    '<messageFlow id="mf" sourceRef="a" targetRef="{}" messageRef="m"/></collaboration>'
)
TWO = '<startEvent id="s"/><task id="a"/><task id="b"/>' + flow("s", "a") + flow("a", "b")


def test_pools_and_message_flows_are_read() -> None:
    diagram = drawn(TWO, roots=POOLS.format("p2"))
    assert diagram.pools == {"p": "Shop"}
    (found,) = diagram.message_flows
    assert found == MessageFlow("mf", "a", "p2", "m", found.line)
    assert refused(diagram) == []


def test_message_flow_inside_a_pool_is_refused() -> None:
    assert refused(drawn(TWO, roots=POOLS.format("b"))) == [("message_flow_inside_pool", "mf")]
