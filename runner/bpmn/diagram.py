"""What a diagram says, in neutral words: the same records whether it was drawn for Camunda 8, Camunda 7 or plain BPMN.

Written by `bpmn/xml.py` and `bpmn/dialects/`; read by the checks, the engine and the pages. Nothing here executes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from runner.errors import Finding
from runner.expressions.language import Expression
from runner.forms.form import Form, FormLink
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
class Results:
    """What becomes of a handler's answer, beside that its variables are taken in.

    `variable` takes all of it; `expression` makes the variables of it, as `response`. `error` may give a BPMN error or
    a failure instead (Camunda 8), and so do `errors`: pairs of a code and the condition that stands for it (Camunda 7).
    """

    variable: str | None = None
    expression: Expression | None = None
    error: Expression | None = None
    errors: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceBinding:
    """How a service task names its handler and wants it run.

    `candidates` are the topics to look for, in the order of `docs/architecture.md`; the first that has a handler wins.
    `computed_topic` stands for them where the diagram has an expression: each job says its topic. `computed_priority`
    stands for `priority` in the same way, `attempts` or `cycle` (as "R3/PT10S") for `retry`. No two jobs with the same
    value of `lock` run at the same time. `passed` are the places in the variable `arguments`, a list, of what the call
    of a bean passes by position.
    """

    candidates: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    retry: RetryRule | None = None
    timeout: timedelta | None = None
    priority: int = 0
    computed_priority: Expression | None = None
    attempts: Expression | None = None
    cycle: Expression | None = None
    lock: Expression | None = None
    results: Results | None = None
    passed: tuple[int, ...] = ()
    computed_topic: Expression | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """Work around an element's own: a job of a handler (`service`), or an `expression` that is evaluated.

    `event` is "start" or "end" of an element or process, "take" of a flow, or "creating", "assigning", "completing" or
    "canceling" of a user task, whichever vendor's word was written. `result_variable` takes the expression's value.
    `inputs` are variables for this listener alone. `dialect` says whose rules its results follow
    (`engine/elements/listening.py`).
    """

    event: str
    dialect: Dialect
    service: ServiceBinding | None = None
    expression: Expression | None = None
    result_variable: str | None = None
    inputs: tuple[VariableMapping, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class TimerDefinition:
    """When a timer fires: `kind` is "date", "duration" or "cycle", `value` gives its text or time."""

    kind: str
    value: Expression


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event waits for or does. `kind` is the BPMN tag without "EventDefinition": error, timer, message, …

    `reference` is the id of the error, message, signal, escalation it refers to; `name` and `code` are that one's (a
    code of None on a catching error or escalation event catches all); a link's `name` is its own. `name_expression`
    stands for `name` where a message or signal is named by an expression. `correlation_key` says which message is
    meant: evaluated where somebody waits, and where a message is sent. `activity` is what a thrown compensation undoes
    (None: its whole scope), and `waits` whether its thrower waits for the end of that. `code_expression` stands for
    `code` where an error or escalation is thrown with an expression. `code_variable` and `message_variable` are set by
    a catching error or escalation event (Camunda 7), `payload` is what a throwing message or signal carries beside all
    that is mapped, and with `all_variables` it carries every variable.
    """

    kind: str
    reference: str | None = None
    name: str | None = None
    code: str | None = None
    line: int = 0
    timer: TimerDefinition | None = None
    condition: Expression | None = None
    name_expression: Expression | None = None
    correlation_key: Expression | None = None
    activity: str | None = None
    code_variable: str | None = None
    message_variable: str | None = None
    payload: tuple[VariableMapping, ...] = ()
    code_expression: Expression | None = None
    all_variables: bool = False
    waits: bool = True


@dataclass(frozen=True, slots=True)
class Repetition:
    """How often an activity runs: multi-instance (BPMN 2.0.2 §10.3.8) or standard loop.

    `kind` is "parallel", "sequential" or "loop". A multi-instance runs once for each item of `collection` (given to it
    as `item_variable`) or `cardinality` times; it ends early when `completion` holds. What `output_item` gives for each
    is collected, in input order, in `output_collection`. A loop runs while `condition` holds, tested before the first
    run if `test_before`, `maximum` times at most. `behavior` (None, One, All, Complex)
    says when the events in `thrown` are thrown, Complex with a condition for each.
    """

    kind: str
    line: int = 0
    cardinality: Expression | None = None
    collection: Expression | None = None
    item_variable: str | None = None
    output_collection: str | None = None
    output_item: Expression | None = None
    completion: Expression | None = None
    condition: Expression | None = None
    test_before: bool = False
    maximum: Expression | None = None
    behavior: str = "All"
    thrown: tuple[tuple[Expression | None, EventDefinition], ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """What a call activity or a business rule task calls: a process or decision id, and which version of it.

    `binding` is "latest", "deployment", "version" or "versionTag"; `version` the number or tag. `all_inputs` and
    `all_outputs` hand all variables over, beside what the element's mappings say. `result_variable` takes a decision's
    result, put into shape by `result_mapping` (Camunda 7: singleEntry, singleResult, collectEntries, resultList).
    """

    id: Expression
    binding: str = "latest"
    version: Expression | None = None
    all_inputs: bool = True
    all_outputs: bool = True
    business_key: Expression | None = None
    result_variable: str | None = None
    result_mapping: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A script task's text in an expression language; `format` is its name in the file, for a language that is none.

    A script task with a foreign language has a `ServiceBinding`: a handler of its id does the script's work.
    """

    expression: Expression
    result_variable: str | None = None
    format: str = ""


@dataclass(frozen=True, slots=True)
class WorkForPeople:
    """A user task's assignment: expressions for a person, people and groups (text with commas or a list), and dates."""

    assignee: Expression | None = None
    candidate_users: tuple[Expression, ...] = ()
    candidate_groups: tuple[Expression, ...] = ()
    due: Expression | None = None
    follow_up: Expression | None = None
    priority: Expression | None = None


@dataclass(frozen=True, slots=True)
class AdHoc:
    """How an ad-hoc sub-process runs (BPMN 2.0.2 §10.3.5): `ordering` "parallel" or "sequential".

    `active` gives the ids of the elements to begin with (Camunda 8 `activeElementsCollection`); without it all elements
    that no flow leads to begin. What `output_item` gives when one has been done, with all that follows it, is
    appended to `output_collection`.
    """

    ordering: str = "parallel"
    completion: Expression | None = None
    cancel_remaining: bool = True
    active: Expression | None = None
    output_collection: str | None = None
    output_item: Expression | None = None


@dataclass(frozen=True, slots=True)
class DataMove:
    """A data input or output association: the value of `source` is written to variable or data object `target`.

    `store` is the name of the data store at the other end: an input evaluates `source` with what is stored there as a
    variable of that name; an output puts the value of `source` there, or at the path in it that `target` names. With
    `implied` only the store is drawn: inside the activity its value is a variable of its name, like any other.
    """

    target: str
    source: Expression
    store: str | None = None
    implied: bool = False


@dataclass(frozen=True, slots=True)
class DataStore:
    """A data store reference in a process: a value that the runner keeps under the store's name for all instances."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class AppliedTemplate:
    """The element template that an element was drawn with in Camunda's Modeler; `version` 0 if it has none."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow from element to element; `condition` None means unconditional."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Expression | None = None
    line: int = 0
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node. `type` is its BPMN tag: "serviceTask", "exclusiveGateway", "startEvent", …

    `parent` is the id of the process or sub-process it lies in. `incoming` and `outgoing` are flow ids in document
    order. `attached_to` is a boundary event's; `interrupting` is its or a start event's of an event sub-process;
    `default_flow` a gateway's or activity's. A receive or send task's message is in `events`; what has a `service` is
    done by its handler, and then sends no message. `undone_by` is the element
    that a compensation boundary event is associated with; that one has `for_compensation`. `creates_instance` is
    "instantiate" of a receive task or event-based gateway; `all_events` is "parallelMultiple" of an event, and
    `eventGatewayType="Parallel"` of a gateway. `activation` is a complex gateway's. `lane` is the name of the innermost
    lane. A user task's or start event's `form` is drawn into the file; `form_link` names one.
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
    repetition: Repetition | None = None
    called: Called | None = None
    script: Script | None = None
    people: WorkForPeople | None = None
    ad_hoc: AdHoc | None = None
    event_subprocess: bool = False
    for_compensation: bool = False
    undone_by: str | None = None
    creates_instance: bool = False
    all_events: bool = False
    activation: Expression | None = None
    start_quantity: int = 1
    completion_quantity: int = 1
    lane: str | None = None
    data_inputs: tuple[DataMove, ...] = ()
    data_outputs: tuple[DataMove, ...] = ()
    template: AppliedTemplate | None = None
    listeners: tuple[Listener, ...] = ()
    form: Form | None = None
    form_link: FormLink | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its elements and flows by id, in document order. `key` is the id that it is started by.

    `data_objects` are names of data objects and properties by the id of what they belong to; `data_stores` by id of the
    reference.
    `findings` are what reading alone noticed in it: vendor attributes that are not honoured, unreadable expressions, …
    """

    key: str
    name: str
    line: int
    executable: bool
    documentation: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    version_tag: str | None = None
    data_objects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data_stores: Mapping[str, DataStore] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    listeners: tuple[Listener, ...] = ()

    def find(self, id: str) -> Element:
        """Give an element by its id; by the key, the process as if it were one, of the type "process".

        Raises KeyError.
        """
        if id == self.key and id not in self.elements:
            return Element(id, "process", self.name, self.line, id, listeners=self.listeners)
        return self.elements[id]


@dataclass(frozen=True, slots=True)
class MessageFlow:
    """A message flow between two pools; `source` and `target` are ids of elements or of participants."""

    id: str
    source: str
    target: str
    message: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole file. `source` is its name for messages, `xml` its unchanged bytes.

    `findings` are what reading alone noticed outside the processes (mixed dialects, ids given twice, …). `pools` are
    the names of participants by process id.
    """

    source: str
    xml: bytes
    dialect: Dialect
    processes: tuple[Process, ...]
    findings: tuple[Finding, ...] = ()
    message_flows: tuple[MessageFlow, ...] = ()
    pools: Mapping[str, str] = field(default_factory=dict)

    @property
    def executable(self) -> tuple[Process, ...]:
        """Give the processes that can be started; isExecutable="false" is documentation only."""
        return tuple(process for process in self.processes if process.executable)
