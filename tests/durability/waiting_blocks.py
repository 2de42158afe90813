"""Blocks of what waits for the world outside, or has something inside: sub-processes, transactions, loops, events,
people, calls, compensation."""

from __future__ import annotations

from dataclasses import dataclass

from durability.blocks import Service, draw_branches
from durability.models import CAMUNDA, ZEEBE, Block, Deed, Dialect, Drawing, End, Ends

TRIGGERS = {
    "timer": "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
    "message": '<messageEventDefinition messageRef="news"/>',
    "keyed message": '<messageEventDefinition messageRef="keyed"/>',
    "signal": '<signalEventDefinition signalRef="rain"/>',
    "condition": "<conditionalEventDefinition><condition>{}</condition></conditionalEventDefinition>",
}
THROWN = {
    "compensate": "<compensateEventDefinition/>",
    "escalation": '<escalationEventDefinition escalationRef="late"/>',
    "signal": '<signalEventDefinition signalRef="rain"/>',
    "cancel": "<cancelEventDefinition/>",
}


def trigger(drawing: Drawing, name: str) -> str:
    """Give the definition of an event that waits; a condition is one in the drawing's language."""
    return TRIGGERS[name].format(drawing.dialect.expression("a &gt; 0"))


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
            drawing.parent = drawing.node('subProcess triggeredByEvent="true"', [])
            start = _whole(drawing, Service())
            way = f'isInterrupting="{str(self.interrupting).lower()}"'
            drawing.add(start, attributes=way, inner=trigger(drawing, self.trigger))
        drawing.parent = outer
        caught = [_border(drawing, sub, "<errorEventDefinition/>")] if self.rescued else []
        return [End(sub), *caught]


@dataclass(frozen=True)
class Trade:
    """A transaction around something that can be undone and a block, at whose end it is perhaps canceled."""

    body: Block
    canceled: bool = True

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the transaction, what lies in it and the event on its border."""
        trade = drawing.node("transaction", ends)
        outer, drawing.parent = drawing.parent, trade
        inner = self.body.draw(drawing, Undone().draw(drawing, [End(drawing.node("startEvent", []))]))
        if inner:
            drawing.node("endEvent", inner, THROWN["cancel"] if self.canceled else "")
        drawing.parent = outer
        return [End(trade), _border(drawing, trade, THROWN["cancel"])]


@dataclass(frozen=True)
class AnyOrder:
    """An ad-hoc sub-process around a task, and blocks that no flow connects; it ends early when a condition holds."""

    blocks: tuple[Block, ...]
    sequential: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the sub-process, and what lies in it."""
        order = "Sequential" if self.sequential else "Parallel"
        any_order = drawing.node(f'adHocSubProcess ordering="{order}"', ends)
        outer, drawing.parent = drawing.parent, any_order
        for block in (Service(), *self.blocks):
            _, *caught = block.draw(drawing, [])
            for end in caught:  # an event on a border leads on
                drawing.node("task", [end])
        drawing.parent = outer
        condition = drawing.dialect.expression("a &gt; 2")
        drawing.beside[any_order].append(f"<completionCondition>{condition}</completionCondition>")
        return [End(any_order)]


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
class Enough:
    """A parallel gateway, and a complex one that goes on when so many of the branches have arrived."""

    branches: tuple[Block, ...]
    wanted: int = 1

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the branches, and the join of those that lead to it."""
        gateway = drawing.node("parallelGateway", ends)
        ends = [end for branch in self.branches for end in branch.draw(drawing, [End(gateway)])]
        condition = drawing.dialect.expression(f"activationCount &gt;= {min(self.wanted, len(ends))}")
        rule = f"<activationCondition>{condition}</activationCondition>"
        return [End(drawing.node("complexGateway", ends, rule))] if ends else []


@dataclass(frozen=True)
class Leap:
    """A link, and the place where it leads to."""

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw both."""
        link = f'<linkEventDefinition name="{drawing.own()}"/>'
        drawing.node("intermediateThrowEvent", ends, link)
        place = drawing.node("intermediateCatchEvent", [], link)
        drawing.apart.add(place)
        return [End(place)]


@dataclass(frozen=True)
class Catch:
    """An intermediate event that waits for one of several triggers, or for all of them."""

    triggers: tuple[str, ...]
    together: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the event."""
        tag = f'intermediateCatchEvent parallelMultiple="{str(self.together).lower()}"'
        return [End(drawing.node(tag, ends, "".join(trigger(drawing, each) for each in self.triggers)))]


@dataclass(frozen=True)
class First:
    """An event-based gateway: the first event decides on the branch."""

    branches: tuple[tuple[str, Block], ...]

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the gateway, its events and what follows each."""
        gateway = drawing.node("eventBasedGateway", ends)
        ends = []
        for each, block in self.branches:
            (caught,) = Catch((each,)).draw(drawing, [End(gateway)])
            drawing.apart.add(caught.source)
            ends += block.draw(drawing, [caught])
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
        definition = trigger(drawing, self.trigger)
        caught = _border(drawing, host.source, definition, interrupting=self.interrupting)
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
        write = drawing.dialect.expression
        if self.kind == "loop":
            condition = f"<loopCondition>{write('a &lt; 3')}</loopCondition>"
            rule = f'<standardLoopCharacteristics loopMaximum="{self.times}">{condition}</standardLoopCharacteristics>'
        else:
            way = f'isSequential="{str(self.kind == "sequential").lower()}"'
            done = f"<completionCondition>{write('a &gt; 3')}</completionCondition>" if self.times > 2 else ""
            number = f"<loopCardinality>{self.times}</loopCardinality>"
            rule = f"<multiInstanceLoopCharacteristics {way}>{number}{done}</multiInstanceLoopCharacteristics>"
        drawing.add(host.source, inner=rule)
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
class Listened:
    """Listeners around a service task, a sub-process with a block in it, or a user task: each does what that does."""

    body: Block | None
    events: tuple[str, ...]
    by_person: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the element with its listeners."""
        inner = Person() if self.by_person else Service() if self.body is None else Inside(self.body)
        (host, *_) = inner.draw(drawing, ends)
        own = drawing.own()
        drawing.deeds.setdefault(host.source, Deed(own, own))
        if drawing.dialect is not Dialect.PYTHON:  # plain BPMN has no words for them
            write = _zeebe_listener if drawing.dialect is Dialect.FEEL else _camunda_listener
            parts = "".join(write(event, host.source) for event in self.events)
            drawing.add(host.source, inner=f"<extensionElements>{parts}</extensionElements>")
        return [host]


def _zeebe_listener(event: str, topic: str) -> str:
    kind = "execution" if event in ("start", "end") else "task"
    listener = f'<z:{kind}Listener eventType="{event}" type="{topic}"/>'
    return f'<z:{kind}Listeners xmlns:z="{ZEEBE}">{listener}</z:{kind}Listeners>'


def _camunda_listener(event: str, topic: str) -> str:
    kind = "execution" if event in ("start", "end") else "task"
    word = {"creating": "create", "completing": "complete", "canceling": "delete"}.get(event, event)
    return f'<c:{kind}Listener xmlns:c="{CAMUNDA}" event="{word}" class="{topic}"/>'


@dataclass(frozen=True)
class Call:
    """A call activity: the process that it calls gives back a variable, at once."""

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the activity."""
        return [End(drawing.node('callActivity calledElement="q"', ends))]


@dataclass(frozen=True)
class Undone:
    """A service task, or a sub-process around a block, with a handler that undoes it when compensation is thrown."""

    body: Block | None = None

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the activity, the event on its border and the handler."""
        (host, *_) = (Service() if self.body is None else Inside(self.body)).draw(drawing, ends)
        (handler,) = Service().draw(drawing, [])
        drawing.add(handler.source, attributes='isForCompensation="true"')
        drawing.apart.add(handler.source)
        border = _border(drawing, host.source, THROWN["compensate"])
        ends_of = f'sourceRef="{border.source}" targetRef="{handler.source}"'
        drawing.beside[drawing.parent].append(f'<association id="{border.source}_by" {ends_of}/>')
        return [host]


@dataclass(frozen=True)
class Throw:
    """An event, perhaps an end event, that throws "compensate", "escalation" or "signal"."""

    kind: str
    ends: bool = False

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw the event."""
        thrown = drawing.node("endEvent" if self.ends else "intermediateThrowEvent", ends, THROWN[self.kind])
        return [] if self.ends else [End(thrown)]


def _whole(drawing: Drawing, body: Block) -> str:
    """Draw a block between a start and an end, and give the start."""
    start = drawing.node("startEvent", [])
    ends = body.draw(drawing, [End(start)])
    if ends:
        drawing.node("endEvent", ends)
    return start


def _border(drawing: Drawing, host: str, definition: str, *, interrupting: bool = True) -> End:
    """Draw an event on a border."""
    way = f'attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}"'
    return End(drawing.node(f"boundaryEvent {way}", [], definition))
