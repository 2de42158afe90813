"""What a diagram says to the handler of a job: its topic, and what a call of a bean passes to its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, task
from pydantic import BaseModel

from runner import Job, Runner, handler


class Order(BaseModel):
    """A model of the tests' own."""

    id: str


@handler("orders.place")
def place(order: Order, total: int, job: Job) -> dict[str, Any]:
    return {"receipt": f"{job.element_id}: {order.id}, {total}"}


@handler("it_start")
def announced(order_id: str, total: int) -> dict[str, Any]:
    return {"told": f"{order_id} {total}"}


def test_a_call_of_a_bean_fills_the_parameters_of_its_handler_and_of_a_listeners(tmp_path: Path) -> None:
    attributes = 'camunda:expression="${orders.place(cart, execution, sum * 2)}" camunda:resultVariable="answer"'
    listener = '<camunda:executionListener event="start" expression="${notifier.tell(cart.id, sum)}"/>'
    file = tmp_path / "p.bpmn"
    file.write_bytes(around(task(listener, attributes), file=CAMUNDA7).xml)
    with Runner("sqlite://", handlers=[place, announced]) as runner:
        runner.deploy(file)
        instance = runner.start("p", {"cart": {"id": "A"}, "sum": 4})
        instance.wait(timeout=10)
        assert (instance.variables["answer"], instance.variables["told"]) == ({"receipt": "it: A, 8"}, "A 4")


@handler("pay_by_card")
def pay_by_card() -> dict[str, Any]:
    return {"paid": True}


DYNAMIC = (
    """<zeebe:taskDefinition type='="pay_by_" + method' retries="=1"/><zeebe:executionListeners>"""
    """<zeebe:executionListener eventType="end" type='="pay_by_" + method' retries="=2"/>"""
    "</zeebe:executionListeners>"
)


def test_computed_topics_of_a_task_and_its_listener_find_their_handlers(tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(around(task(DYNAMIC), file=CAMUNDA8).xml)
    with Runner("sqlite://", handlers=[pay_by_card]) as runner:
        runner.deploy(tmp_path / "p.bpmn")
        instance = runner.start("p", {"method": "card"})
        instance.wait(timeout=10)
        assert (str(instance.state), instance.variables["paid"]) == ("completed", True)


def test_a_computed_topic_that_nobody_has_is_warned_about_with_what_comes_near(tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(around(task(DYNAMIC), file=CAMUNDA8).xml)
    with Runner("sqlite://", handlers=[pay_by_card]) as runner:
        runner.deploy(tmp_path / "p.bpmn")
        instance = runner.start("p", {"method": "cart"})
        (warned,) = [each.detail for each in instance.history if each.event == "warned"]
        assert "'pay_by_cart'" in str(warned) and "Did you mean 'pay_by_card'?" in str(warned)
