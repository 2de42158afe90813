"""What the dialect readers share: the neutral record they fill, and the words for what a vendor's part comes to.

Each reader owns its vendor's names; none knows the other two."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from lxml import etree

from runner.bpmn.diagram import Called, Listener, Results, VariableMapping, WorkForPeople
from runner.bpmn.xml import BPMN, children, name_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language
from runner.forms.form import Form, FormLink
from runner.retry import RetryRule


@dataclass(frozen=True, slots=True)
class RepeatedOver:
    """What one vendor says about the items of a multi-instance, as in `Repetition`."""

    collection: Expression | None = None
    item_variable: str | None = None
    output_collection: str | None = None
    output_item: Expression | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """An expression that is evaluated, and the variable that takes its value, if one does."""

    value: Expression
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """What one vendor says about a flow node, event definition or message; None and empty mean: nothing.

    `topics` are named for a worker; `code` names Java code (class, bean, expression) that a handler may stand in for.
    `called` is a called process or decision, `script` an expression that does the element's work, `collected` where an
    ad-hoc sub-process puts what, `active` the elements
    that an ad-hoc sub-process begins with. `errors` are ids of errors, each with the condition that stands for it.
    `passed` is that of a `ServiceBinding`; `code_variable`, `message_variable`, `payload` and `all_variables` are those
    of an `EventDefinition`.
    """

    topics: tuple[str, ...] = ()
    computed_topic: Expression | None = None
    code: tuple[str, ...] = ()
    passed: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    retry: RetryRule | None = None
    timeout: timedelta | None = None
    priority: int | None = None
    computed_priority: Expression | None = None
    attempts: Expression | None = None
    cycle: Expression | None = None
    lock: Expression | None = None
    results: Results | None = None
    errors: tuple[tuple[str, Expression], ...] = ()
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    people: WorkForPeople | None = None
    form: Form | None = None
    form_link: FormLink | None = None
    called: Called | None = None
    script: Expression | None = None
    result_variable: str | None = None
    repeated: RepeatedOver | None = None
    active: Expression | None = None
    collected: tuple[str, Expression] | None = None
    correlation_key: Expression | None = None
    code_variable: str | None = None
    message_variable: str | None = None
    payload: tuple[VariableMapping, ...] = ()
    all_variables: bool = False
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a vendor's attribute or element comes to: `verdict` is "executed" or "emulated", or as in `Finding`."""

    verdict: str
    message: str


def extensions(node: etree._Element, *namespaces: str) -> Iterator[etree._Element]:
    """Give the extension elements of a BPMN element that lie in one of the namespaces."""
    for container in children(node, BPMN, local="extensionElements"):
        for extension in container.iterchildren(etree.Element):
            if name_of(extension)[0] in namespaces:
                yield extension


def attribute(node: etree._Element, name: str, *namespaces: str) -> str | None:
    """Give a vendor attribute's value without the white space around it; None if it is absent or empty."""
    values = (node.get(f"{{{namespace}}}{name}") for namespace in namespaces)
    return next((str(value).strip() for value in values if value and str(value).strip()), None)


def number_or_expression(value: Expression, *, low: int = -(2**31)) -> tuple[int | None, Expression | None]:
    """Give a whole number, or the expression that will be one; one of the two is None. Raises ExpressionInvalid."""
    if value.language is Language.TEXT:
        return whole_number(value.text, low=low), None
    return None, value


def whole_number(text: str, *, low: int = -(2**31), high: int = 2**31 - 1) -> int:
    """Read a whole number between two bounds. Raises ExpressionInvalid."""
    if re.fullmatch(r"[+-]?\d{1,10}", text.strip(), re.ASCII) and low <= int(text) <= high:
        return int(text)
    raise ExpressionInvalid(f"Expected a whole number from {low} to {high}, but got '{text[:40]}'.")


# BPMN tags on which vendors' attributes have a meaning.
JOBS = frozenset({"serviceTask", "sendTask", "businessRuleTask", "scriptTask", "intermediateThrowEvent", "endEvent"})
TASKS = frozenset({*JOBS, "userTask", "receiveTask", "task", "manualTask"} - {"intermediateThrowEvent", "endEvent"})
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"})
USER_TASKS = frozenset({"userTask", "globalUserTask"})
FORMS = USER_TASKS | {"startEvent"}
MAPPED = TASKS | SUB_PROCESSES | EVENTS | {"callActivity"}
GATEWAYS = frozenset(f"{kind}Gateway" for kind in ("exclusive", "parallel", "inclusive", "complex", "eventBased"))
HEARD = MAPPED | GATEWAYS | {"process"}

NO_LISTENER = Consequence("warning", "nothing here calls a listener")
COMMIT_POINT = Consequence("emulated", "the state is stored after each element that waits anyway")
NO_FORM = Consequence("note", "only start events and user tasks have forms")
NO_VARIABLE = Consequence("warning", "the variable it names is not set; return it from the handler instead")
