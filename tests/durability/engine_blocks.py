"""Blocks of what the engine executes and the store does not wait for: sub-processes, repetitions, events that wait for
the world outside, people, compensation. They are drawn as records of the engine (`Drawing.fields`)."""

from __future__ import annotations

from dataclasses import dataclass

from durability.blocks import Service, draw_branches
from durability.models import Block, Deed, Drawing, End, Ends
from engine.drawing import condition, event, message, python, timer

from runner.bpmn.diagram import EventDefinition, Repetition

TRIGGERS = {
    "timer": timer(),
    "message": message("news"),
    "keyed message": message("news", "b"),
    "signal": event("signal", "rain"),
    "condition": condition("a > 0"),
}


@dataclass(frozen=True)
class Inside:
    """A sub-process around a block; with a `trigger`, an event sub-process beside it starts at that event."""

    body: Block
    trigger: str = ""
    interrupting: bool = True
    rescued: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the sub-process, what lies in it, and perhaps an event on its border that catches all errors."""
        sub = drawing.node("subProcess", ends)
        outer, drawing.parent = drawing.parent, sub
        _whole(drawing, self.body)
        if self.trigger:
            drawing.parent = drawing.node("subProcess", [])
            drawing.describe(drawing.parent, event_subprocess=True)
            start = _whole(drawing, Service())
            drawing.describe(start, events=(TRIGGERS[self.trigger],), interrupting=self.interrupting)
        drawing.parent = outer
        caught = [_border(drawing, sub, event("error"), interrupting=True)] if self.rescued else []
        return [End(sub), *caught]


@dataclass(frozen=True)
class Some:
    """Inclusive gateways around branches."""

    branches: tuple[tuple[str, Block], ...]

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the branches, the last one as default, and the join of those that lead to it."""
        gateway = drawing.node("inclusiveGateway", ends)
        ends = draw_branches(drawing, gateway, self.branches, has_default=True)
        return [End(drawing.node("inclusiveGateway", ends))] if ends else []


@dataclass(frozen=True)
class Catch:
    """An intermediate event that waits for one of several triggers, or for all of them."""

    triggers: tuple[str, ...]
    together: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the event."""
        catch = drawing.node("intermediateCatchEvent", ends)
        drawing.describe(catch, events=tuple(TRIGGERS[each] for each in self.triggers), all_events=self.together)
        return [End(catch)]


@dataclass(frozen=True)
class First:
    """An event-based gateway: the first event decides on the branch."""

    branches: tuple[tuple[str, Block], ...]

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the gateway, its events and what follows each."""
        gateway = drawing.node("eventBasedGateway", ends)
        ends = []
        for trigger, block in self.branches:
            ends += block.draw(drawing, Catch((trigger,)).draw(drawing, [End(gateway)]))
        return ends


@dataclass(frozen=True)
class Bordered:
    """A service task, or a sub-process, with an event on its border that waits, and what is done then."""

    rescue: Block
    trigger: str
    interrupting: bool = True
    body: Block | None = None

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the host, the event and what follows it."""
        (host, *_) = (Service() if self.body is None else Inside(self.body)).draw(drawing, ends)
        caught = _border(drawing, host.source, TRIGGERS[self.trigger], interrupting=self.interrupting)
        return [host, *self.rescue.draw(drawing, [caught])]


@dataclass(frozen=True)
class Repeated:
    """A service task, or a sub-process around a block, that runs several times."""

    kind: str
    times: int
    body: Block | None = None

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the activity; a loop goes on while a variable is low, which its own task counts up."""
        (host, *_) = (Service() if self.body is None else Inside(self.body)).draw(drawing, ends)
        if self.kind == "loop":
            rule = Repetition("loop", condition=python("a < 3"), maximum=python(str(self.times)))
        else:
            completion = python("a > 3") if self.times > 2 else None
            rule = Repetition(self.kind, cardinality=python(str(self.times)), completion=completion)
        drawing.describe(host.source, repetition=rule)
        return [host]


@dataclass(frozen=True)
class Person:
    """A user task: whoever answers it does what a service task would."""

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the task."""
        own = drawing.own()
        task = drawing.node("userTask", ends)
        drawing.deeds[task] = Deed(own, own)
        return [End(task)]


@dataclass(frozen=True)
class Undone:
    """A service task, or a sub-process around a block, with a handler that undoes it when compensation is thrown."""

    body: Block | None = None

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the activity, the event on its border and the handler."""
        (host, *_) = (Service() if self.body is None else Inside(self.body)).draw(drawing, ends)
        (handler,) = Service().draw(drawing, [])
        drawing.describe(handler.source, for_compensation=True)
        border = _border(drawing, host.source, event("compensate"), interrupting=True)
        drawing.describe(border.source, undone_by=handler.source)
        return [host]


@dataclass(frozen=True)
class Throw:
    """An event, perhaps an end event, that throws "compensate", "escalation" or "signal"."""

    kind: str
    ends: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the event."""
        thrown = drawing.node("endEvent" if self.ends else "intermediateThrowEvent", ends)
        drawing.describe(thrown, events=(event(self.kind, None if self.kind == "compensate" else "rain"),))
        return [] if self.ends else [End(thrown)]


def _whole(drawing: Drawing, body: Block) -> str:
    """Draw a block between a start and an end, and give the start."""
    start = drawing.node("startEvent", [])
    ends = body.draw(drawing, [End(start)])
    if ends:
        drawing.node("endEvent", ends)
    return start


def _border(drawing: Drawing, host: str, caught: EventDefinition, *, interrupting: bool) -> End:
    """Draw an event on a border."""
    border = drawing.node(f'boundaryEvent attachedToRef="{host}"', [])
    drawing.describe(border, events=(caught,), interrupting=interrupting)
    return End(border)
