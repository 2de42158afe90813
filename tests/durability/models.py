"""Processes that are drawn block by block, for running them in several ways; `strategies.py` makes random ones.

A block is drawn onto the open ends of what came before and leaves open ends of its own. What a service task answers is
a `Deed`: a function of nothing but the variables it sees, so that every run with the same schedule is the same run."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol
from xml.sax.saxutils import quoteattr

from builders import Arrow, Node, body, bpmn

from runner.bpmn.diagram import Process
from runner.bpmn.read import read_diagram

VARIABLES = {"a": 0, "b": 1, "c": 2}
MODULUS = 5
CODE = "BROKEN"
KEY = "p"
# What events refer to, and the process that calls call: it sets one variable, and waits for nothing.
ROOTS = (
    '<message id="news" name="news"/>'
    '<message id="keyed" name="news" xmlns:r="urn:bpmn-runner:1.0" r:correlationKey="b"/>'
    '<signal id="rain" name="rain"/><escalation id="late" escalationCode="rain"/>'
)
CALLED = (
    '<process id="q" isExecutable="true"><startEvent id="qs"/><scriptTask id="qt" scriptFormat="python" '
    'xmlns:r="urn:bpmn-runner:1.0" r:resultVariable="called"><script>1</script></scriptTask><endEvent id="qe"/>'
    '<sequenceFlow id="q1" sourceRef="qs" targetRef="qt"/><sequenceFlow id="q2" sourceRef="qt" targetRef="qe"/>'
    "</process>"
)
ZEEBE, CAMUNDA = "http://camunda.org/schema/zeebe/1.0", "http://camunda.org/schema/1.0/bpmn"


class Dialect(Enum):
    """How a modeler writes expressions: what stands before and after one."""

    FEEL = ("=", "")
    JUEL = ("${", "}")
    PYTHON = ("", "")

    def expression(self, text: str) -> str:
        """Write an expression down."""
        before, after = self.value
        return f"{before}{text}{after}"

    def mapping(self, variable: str) -> str:
        """Write mappings of `variable`, plus 1, to `given`, and of `result` to `variable`; Python files have none."""
        pairs = [
            ("input", self.expression(f"{variable} + 1"), "given"),
            ("output", self.expression("result"), variable),
        ]
        if self is Dialect.FEEL:
            lines = [f"<z:{way} source={quoteattr(text)} target={quoteattr(name)}/>" for way, text, name in pairs]
            inner = f'<z:ioMapping xmlns:z="{ZEEBE}">{"".join(lines)}</z:ioMapping>'
        elif self is Dialect.JUEL:
            lines = [f"<c:{way}Parameter name={quoteattr(name)}>{text}</c:{way}Parameter>" for way, text, name in pairs]
            inner = f'<c:inputOutput xmlns:c="{CAMUNDA}">{"".join(lines)}</c:inputOutput>'
        else:
            return ""
        return f"<extensionElements>{inner}</extensionElements>"


@dataclass(frozen=True)
class End:
    """A place from which the next element can be reached: a node, and the condition of the way out of it, if any."""

    source: str
    condition: str = ""


Ends = list[End]


@dataclass(frozen=True)
class Deed:
    """What a service task does: counts `source` up into `target`, and sets the variables of `gift`.

    While `source` is under `breaks`, it throws the error `code` beside.
    """

    source: str
    target: str
    breaks: int = 0
    code: str = CODE
    gift: tuple[tuple[str, Any], ...] = ()

    def answer(self, variables: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Give the variables to set, and the code of a BPMN error, or ""."""
        value = variables.get(self.source, 0)
        number = value if type(value) is int else 0
        return {self.target: (number + 1) % MODULUS, **dict(self.gift)}, self.code if number < self.breaks else ""

    def __str__(self) -> str:
        gifts = "".join(f", {json.dumps(name)} = {json.dumps(value)}" for name, value in self.gift)
        breaks = f", throws {self.code} while {self.source} < {self.breaks}" if self.breaks else ""
        return f"{self.target} = {self.source} + 1{gifts}{breaks}"


@dataclass
class Drawing:
    """A process while it is drawn.

    `parent` is where elements are put: the process or a sub-process; `parents` is where each lies. `apart` are those
    that no flow may lead to; `beside` is XML that stands behind the elements of a container.
    """

    dialect: Dialect = Dialect.FEEL
    nodes: list[Node] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    deeds: dict[str, Deed] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=lambda: {"broken": CODE, "other": "OTHER"})
    parents: dict[str, str] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    beside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parent: str = KEY

    def node(self, tag: str, ends: Ends, inner: str = "") -> str:
        """Draw an element that all these ends lead to, and give its id."""
        id = f"n{len(self.nodes)}"
        self.nodes.append((id, tag, inner))
        self.parents[id] = self.parent
        if any(word in tag for word in ("isForCompensation", "triggeredByEvent")):
            self.apart.add(id)
        for end in ends:
            self.arrow(end, id)
        return id

    def add(self, id: str, *, attributes: str = "", inner: str = "") -> None:
        """Give an element that has been drawn more attributes and more inside."""
        place = next(number for number, node in enumerate(self.nodes) if node[0] == id)
        _, tag, *before = self.nodes[place]
        self.nodes[place] = (id, f"{tag} {attributes}".strip(), "".join((*before, inner)))

    def arrow(self, end: End, target: str) -> None:
        """Draw a flow."""
        if end.condition in ("", "default"):
            self.arrows.append((end.source, target, end.condition) if end.condition else (end.source, target))
        else:
            self.arrows.append((end.source, target, self.dialect.expression(end.condition)))

    def service(self, ends: Ends, deed: Deed, inner: str = "") -> str:
        """Draw a service task that does a deed."""
        id = self.node("serviceTask", ends, inner)
        self.deeds[id] = deed
        return id

    def own(self) -> str:
        """Give the name of a variable that no other element writes."""
        return f"own{len(self.nodes)}"

    def targets(self) -> list[str]:
        """Give the elements beside that a flow may lead to, so far."""
        found = [node[0] for node in self.nodes if not node[1].startswith(("startEvent", "boundaryEvent"))]
        return [id for id in found if self.parents.get(id, KEY) == self.parent and id not in self.apart]

    def ids(self) -> list[str]:
        """Give all elements."""
        return [node[0] for node in self.nodes]

    def ways(self) -> list[tuple[str, str]]:
        """Give each element with one that may come next."""
        hosts = [(node[1].split('"')[1], node[0]) for node in self.nodes if node[1].startswith("boundaryEvent")]
        return [(arrow[0], arrow[1]) for arrow in self.arrows] + hosts

    def outline(self) -> str:
        """Tell the process in words, a line for each element."""
        return "\n".join(self._line(id, tag, inner) for id, tag, *inner in self.nodes)

    def _line(self, id: str, tag: str, inner: Sequence[str]) -> str:
        does = self.deeds.get(id) or " ".join(inner)
        place = "" if self.parents.get(id, KEY) == KEY else f"in {self.parents[id]} "
        ways = [f"{target} {' '.join(condition)}".strip() for source, target, *condition in self.arrows if source == id]
        return f"{id} {tag}: {place}{f'{does} ' if does else ''}-> {', '.join(ways) or 'nothing'}"


class Block(Protocol):
    """Something that can be drawn."""

    def draw(self, drawing: Drawing, ends: Ends) -> Ends:
        """Draw it where `ends` lead, and give the ends that lead on."""


@dataclass(frozen=True)
class Model:
    """A process as a file and as a drawing, what its service tasks answer, what it is started with."""

    drawing: Drawing
    xml: bytes
    variables: Mapping[str, Any] = field(default_factory=lambda: dict(VARIABLES))

    @property
    def deeds(self) -> Mapping[str, Deed]:
        """Give what each service task does."""
        return self.drawing.deeds

    def process(self) -> Process:
        """Give the engine's record of the process."""
        return read_diagram(self.xml, source="model.bpmn").processes[0]


def model(block: Block, dialect: Dialect = Dialect.FEEL) -> Model:
    """Draw a whole process."""
    drawing = Drawing(dialect)
    ends = block.draw(drawing, [End(drawing.node("startEvent", []))])
    if ends:
        drawing.node("endEvent", ends)
    return finished(drawing)


def sketch(text: str) -> Model:
    """Draw a process, for stock's dialect, from its flows: "start > a; a > x1; x1 > a if A < 3; x1 > end otherwise".

    What begins with x is an exclusive gateway, with p a parallel one, with start, end or terminate such an event; all
    else is a service task, which counts in a variable of its own: `a` in `A`.
    """
    drawing = Drawing(Dialect.PYTHON)
    for line in text.split(";"):
        source, _, rest = line.strip().partition(" > ")
        target, _, condition = rest.partition(" ")
        for id in (source, target):
            _place(drawing, id)
        drawing.arrow(End(source, condition.removeprefix("if ").replace("otherwise", "default")), target)
    return finished(drawing)


def finished(drawing: Drawing) -> Model:
    """Write a drawing down as a file: what a container holds stands in it, from the inside out."""
    errors = "".join(f'<error id="{id}" errorCode="{code}"/>' for id, code in drawing.errors.items())
    inside: dict[str, list[Node]] = defaultdict(list)
    for node in drawing.nodes:
        inside[drawing.parents.get(node[0], KEY)].append(node)
    held = _held(drawing, inside, KEY)
    refers = any(re.search("(message|signal|escalation)Ref", inner) for _, _, *rest in held for inner in rest)
    calls = any("callActivity" in part for node in held for part in node)
    text = bpmn(held, _arrows(drawing, KEY), extra=errors + ROOTS * refers).decode()
    beside = "".join(drawing.beside[KEY])
    return Model(drawing, text.replace("</process>", f"{beside}</process>{CALLED * calls}", 1).encode())


def _held(drawing: Drawing, inside: Mapping[str, list[Node]], container: str) -> list[Node]:
    """Give the elements of a container, each with all that it holds itself."""
    held: list[Node] = []
    for id, tag, *inner in inside[container]:
        own = "".join(inner)
        if id in inside:
            own += body(_held(drawing, inside, id), _arrows(drawing, id), "".join(drawing.beside[id]), prefix=id)
        held.append((id, tag, own))
    return held


def _arrows(drawing: Drawing, container: str) -> list[Arrow]:
    return [arrow for arrow in drawing.arrows if drawing.parents.get(arrow[0], KEY) == container]


_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "terminate": "endEvent",
    "x": "exclusiveGateway",
    "p": "parallelGateway",
}


def _place(drawing: Drawing, id: str) -> None:
    if id in drawing.ids():
        return
    kind = id.rstrip("0123456789")
    drawing.nodes.append((id, _TAGS.get(kind, "serviceTask"), "<terminateEventDefinition/>" * (kind == "terminate")))
    if kind not in _TAGS:
        drawing.deeds[id] = Deed(id.upper(), id.upper())
