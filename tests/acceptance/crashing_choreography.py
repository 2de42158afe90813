"""Real processes in which three pools exchange messages across a timer, and which kill themselves where a plan says so.

A guest orders and waits to be served; an order starts the kitchen; the kitchen takes its time and serves."""

from __future__ import annotations

import itertools
from multiprocessing.process import BaseProcess

from acceptance import crashing_runner
from acceptance.crashing_runner import Plan
from awaiting import message, named, timed
from builders import Arrow, Node, bpmn

from runner import HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.instances import list_instances
from runner.settings import Settings

TABLES = ("1", "2", "3")
EXTRA = message("Ordered", "table") + message("Served", "table")


def pool(key: str, *nodes: Node) -> bytes:
    """Give a file with these nodes one after the other."""
    arrows: list[Arrow] = [(before[0], after[0]) for before, after in itertools.pairwise(nodes)]
    return bpmn(nodes, arrows, key=key, extra=EXTRA)


GUEST = pool(
    "guest",
    ("s", "startEvent"),
    ("orders", "intermediateThrowEvent", named("message", "Ordered")),
    ("eats", "intermediateCatchEvent", named("message", "Served")),
    ("e", "endEvent"),
)
KITCHEN = pool(
    "kitchen",
    ("s", "startEvent", named("message", "Ordered")),
    ("cooks", "intermediateCatchEvent", timed("Duration", "PT0.02S")),
    ("serves", "endEvent", named("message", "Served")),
)


def live(plan: Plan) -> BaseProcess:
    """Start a process that goes on with the evening of the plan; the caller joins it."""
    process = crashing_runner.processes.Process(target=run, args=(plan,))
    process.start()
    return process


def opened(plan: Plan, *, work: bool) -> Runner:
    """Open the plan's database."""
    return Runner(plan.database, HandlerRegistry([]), settings=Settings(), work=work)


def run(plan: Plan) -> None:
    """Seat the guests that are not there yet, and wait until all have eaten and no kitchen is at work."""
    crashing_runner.die_at_a_commit(plan)
    with opened(plan, work=True) as runner:
        for number, xml in enumerate((KITCHEN, GUEST)):
            definitions.deploy(runner.runtime, xml, source=f"{number}.bpmn")
        known = {each.business_key: each.id for each in list_instances(runner.runtime, key="guest").instances}
        for table in TABLES:
            id = known.get(table) or runner.start("guest", {"table": table}, business_key=table).id
            assert runner.instance(id).wait(timeout=20)
        while active := list_instances(runner.runtime, state="active").instances:
            assert runner.instance(active[0].id).wait(timeout=20)
