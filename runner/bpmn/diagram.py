"""What a diagram says, in neutral words: the same records whether it was drawn for Camunda 8, Camunda 7 or plain BPMN.

Written by `bpmn/xml.py` and `bpmn/dialects/`; read by the checks, the engine and the pages. Nothing here executes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from runner.errors import Finding
from runner.expressions.language import Expression
from runner.retry import RetryRule


class Dialect(StrEnum):
    """Whose vendor attributes a file carries."""

    CAMUNDA8 = "camunda8"
    CAMUNDA7 = "camunda7"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class VariableMapping:
    """One input or output mapping: the value of `source` becomes variable `target` (dots make nested objects)."""

    target: str
    source: Expression


@dataclass(frozen=True, slots=True)
class ServiceBinding:
    """How a service task names its handler and wants it run.

    `candidates` are the topics to look for, in the order of `docs/architecture.md`; the first that has a handler wins.
    """

    candidates: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    retry: RetryRule | None = None
    timeout: timedelta | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event waits for or does. `kind` is the BPMN tag without "EventDefinition": error, timer, message, …

    `reference` is the id of the error, message, … it refers to; `name` and `code` are that one's (a code of None on a
    catching error event catches every error).
    """

    kind: str
    reference: str | None = None
    name: str | None = None
    code: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow from element to element; `condition` None means unconditional."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Expression | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node. `type` is its BPMN tag: "serviceTask", "exclusiveGateway", "startEvent", …

    `parent` is the id of the process or sub-process it lies in. `incoming` and `outgoing` are flow ids in document
    order. `attached_to` and `interrupting` are a boundary event's; `default_flow` a gateway's or activity's.
    """

    id: str
    type: str
    name: str
    line: int
    parent: str
    documentation: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default_flow: str | None = None
    service: ServiceBinding | None = None
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    events: tuple[EventDefinition, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its elements and flows by id, in document order. `key` is the id that it is started by."""

    key: str
    name: str
    line: int
    executable: bool
    documentation: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole file. `source` is its name for messages, `xml` its unchanged bytes.

    `findings` are what reading alone noticed (mixed dialects, vendor attributes that are not honoured, …).
    """

    source: str
    xml: bytes
    dialect: Dialect
    processes: tuple[Process, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def executable(self) -> tuple[Process, ...]:
        """Give the processes that can be started; isExecutable="false" is documentation only."""
        return tuple(process for process in self.processes if process.executable)
