"""What a process is drawn of: gateways around branches, loops, tasks that break. What waits for the world outside, or
has something inside, is in `waiting_blocks.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from durability.models import CODE, Block, Deed, Dialect, Drawing, End, Ends


@dataclass(frozen=True)
class Service:
    """A service task: without a variable it changes one of its own; with `mapped`, through its own scope."""

    variable: str = ""
    mapped: bool = False
    gift: tuple[tuple[str, Any], ...] = ()

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the task."""
        own = self.variable or drawing.own()
        if self.mapped and drawing.dialect is not Dialect.PYTHON:
            deed = Deed("given", "result", gift=self.gift)
            return [End(drawing.service(ends, deed, drawing.dialect.mapping(own if self.variable else "a")))]
        return [End(drawing.service(ends, Deed(own, own, gift=self.gift)))]


@dataclass(frozen=True)
class Pass:
    """An element that a token just passes."""

    tag: str

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the element."""
        return [End(drawing.node(self.tag, ends))]


@dataclass(frozen=True)
class Row:
    """Blocks one after the other, perhaps none; what follows an end of all ways is not drawn."""

    blocks: tuple[Block, ...] = ()

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the blocks."""
        for block in self.blocks:
            ends = block.draw(drawing, ends) if ends else []
        return ends


@dataclass(frozen=True)
class Choice:
    """An exclusive gateway whose branches meet at another one, or without any (implicit merge)."""

    branches: tuple[tuple[str, Block], ...]
    has_default: bool = True
    meets: bool = True

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the branches; the last one is the default."""
        gateway = drawing.node("exclusiveGateway", ends)
        ends = draw_branches(drawing, gateway, self.branches, has_default=self.has_default)
        return [End(drawing.node("exclusiveGateway", ends))] if self.meets and ends else ends


@dataclass(frozen=True)
class Split:
    """A task, perhaps a service task, with several flows out of it: as many tokens go on as conditions hold, where ""
    always holds (implicit split)."""

    branches: tuple[tuple[str, Block], ...]
    has_default: bool = False
    serves: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the task and its branches; their ends are not joined."""
        (task,) = (Service() if self.serves else Pass("task")).draw(drawing, ends)
        return draw_branches(drawing, task.source, self.branches, has_default=self.has_default)


@dataclass(frozen=True)
class Fork:
    """Parallel gateways around branches."""

    branches: tuple[Block, ...]

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the branches, and the join of those that lead to it."""
        gateway = drawing.node("parallelGateway", ends)
        ends = [end for branch in self.branches for end in branch.draw(drawing, [End(gateway)])]
        return [End(drawing.node("parallelGateway", ends))] if ends else []


@dataclass(frozen=True)
class Loop:
    """A block that is passed `rounds` times, counted in a variable."""

    body: Block
    rounds: int = 2

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the way round."""
        first = drawing.node("exclusiveGateway", ends)
        counter = drawing.own()
        ends = self.body.draw(drawing, [End(first)])
        if not ends:
            return []
        last = drawing.node("exclusiveGateway", [End(drawing.service(ends, Deed(counter, counter)))])
        drawing.arrow(End(last, f"{counter} < {self.rounds}"), first)
        return [End(last, "default")]


@dataclass(frozen=True)
class Jump:
    """A service task, and a gateway that leads to any element drawn so far, the first time: no structure is kept."""

    place: int = 0

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the task, the gateway and the flow from it."""
        counter, targets = drawing.own(), drawing.targets()
        task = drawing.service(ends, Deed(counter, counter))
        gateway = drawing.node("exclusiveGateway", [End(task)])
        drawing.arrow(End(gateway, f"{counter} < 2"), targets[self.place % len(targets)] if targets else task)
        return [End(gateway, "default")]


@dataclass(frozen=True)
class Guarded:
    """A service task that breaks the first times, with an error boundary event and what is done then.

    `catches` is what the event catches: "code" (which others may throw, too), "own code", "all", or "another" code.
    """

    rescue: Block
    breaks: int = 1
    catches: str = "code"
    variable: str = ""

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the task, its boundary event and the way out of that."""
        variable, own = self.variable or drawing.own(), f"broken{len(drawing.nodes)}"
        code = own.upper() if self.catches == "own code" else CODE
        task = drawing.service(ends, Deed(variable, variable, self.breaks, code))
        reference = {"code": "broken", "own code": own, "another": "other"}.get(self.catches)
        if self.catches == "own code":
            drawing.errors[own] = code
        definition = f'<errorEventDefinition errorRef="{reference}"/>' if reference else "<errorEventDefinition/>"
        event = drawing.node(f'boundaryEvent attachedToRef="{task}"', [], definition)
        return [End(task), *self.rescue.draw(drawing, [End(event)])]


@dataclass(frozen=True)
class Stop:
    """An end inside a branch: "" (an end event), "terminate", "error" (which nothing catches), or "task" (no event)."""

    kind: str = ""

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the end; nothing leads on."""
        if self.kind == "task":
            drawing.node("task", ends)
        else:
            reference = ' errorRef="broken"' if self.kind == "error" else ""
            drawing.node("endEvent", ends, f"<{self.kind}EventDefinition{reference}/>" if self.kind else "")
        return []


def draw_branches(drawing: Drawing, source: str, branches: tuple[tuple[str, Block], ...], *, has_default: bool) -> Ends:
    ends: Ends = []
    for number, (condition, block) in enumerate(branches, 1):
        is_default = has_default and number == len(branches)
        ends += block.draw(drawing, [End(source, "default" if is_default else condition)])
    return ends
