"""What a call of a bean passes reaches the typed parameters of the handler that stands in for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpmn.drawn import CAMUNDA7, around, task
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
