"""Compiles every expression of a process once, and reads every literal time, so that a wrong one is refused when the
file is deployed. Evaluating is the engine's."""

from __future__ import annotations

from collections.abc import Iterator

from runner.bpmn.bindings import listeners_of
from runner.bpmn.diagram import (
    Element,
    EventDefinition,
    Listener,
    Process,
    Repetition,
    Results,
    ServiceBinding,
    TimerDefinition,
    WorkForPeople,
)
from runner.errors import ExpressionInvalid, Finding, ScheduleInvalid
from runner.expressions import compile_expression
from runner.expressions.language import Expression, Language
from runner.forms.form import FormLink
from runner.schedules import read_schedule

Placed = tuple[Expression | None, str]


def check_expressions(process: Process, executed: list[Element]) -> Iterator[Finding]:
    """Give a refusal for each expression or literal time that is none, in these elements and the flows after them."""
    elements = {element.id for element in executed}
    for flow in process.flows.values():
        if flow.condition is not None and flow.source in elements:
            yield from _compile(flow.condition, f"the condition of flow '{flow.id}'", element_id=flow.id)
    for place, what, element_id in _placed(process, executed):
        if what is not None:
            yield from _compile(what, place, element_id=element_id)
    for element in executed:
        for event in element.events:
            yield from _time(event.timer, element)


def _placed(process: Process, executed: list[Element]) -> Iterator[tuple[str, Expression | None, str]]:
    """Give the expressions of elements and listeners, each with its place and the id of its element."""
    running = {process.key, *(element.id for element in executed)}
    for _, element, listener in listeners_of(process):
        if element.id in running:
            yield from ((place, each, element.id) for each, place in _of_listener(listener))
    for element in executed:
        yield from ((place, each, element.id) for each, place in _expressions(element))


def _compile(expression: Expression, place: str, *, element_id: str) -> Iterator[Finding]:
    try:
        compile_expression(expression)
    except ExpressionInvalid as error:
        # The lines after the first draw a caret under the text, which a one-line finding cannot show.
        reason = str(error).splitlines()[0]
        message = f"In {place}, `{expression.text}`: {reason}"
        yield Finding("refused", "expression_invalid", message, element_id, expression.line)


def _time(timer: TimerDefinition | None, element: Element) -> Iterator[Finding]:
    if timer is None or timer.value.language is not Language.TEXT:
        return
    try:
        read_schedule(timer.kind, timer.value.text)
    except ScheduleInvalid as error:
        message = f"In the timer of '{element.name or element.id}': {str(error).splitlines()[0]}"
        yield Finding("refused", "timer_invalid", message, element.id, timer.value.line)


def _expressions(element: Element) -> Iterator[Placed]:
    for mapping in (*element.inputs, *element.outputs):
        yield mapping.source, f"the mapping to '{mapping.target}'"
    for move in (*element.data_inputs, *element.data_outputs):
        yield move.source, f"the data association to '{move.target}'"
    for event in element.events:
        yield from _of_event(event)
    if element.service is not None:
        yield from _of_service(element.service)
    if element.repetition is not None:
        yield from _of_repetition(element.repetition)
    if element.called is not None:
        yield element.called.id, "what is called"
        yield element.called.version, "the called version"
        yield element.called.business_key, "the business key"
    if element.script is not None:
        yield element.script.expression, "the script"
    yield from _of_form(element.form_link)
    if element.people is not None:
        yield from _of_people(element.people)
    if element.ad_hoc is not None:
        yield element.ad_hoc.completion, "the completion condition"
        yield element.ad_hoc.active, "the elements to begin with"
        yield element.ad_hoc.output_item, "what is collected"
    yield element.activation, "the activation condition"


def _of_service(service: ServiceBinding) -> Iterator[Placed]:
    yield service.computed_topic, "the topic"
    yield service.computed_priority, "the priority"
    yield service.attempts, "the number of attempts"
    yield service.cycle, "the retry cycle"
    yield service.lock, "the lock"
    results = service.results or Results()
    yield results.expression, "the result expression"
    yield results.error, "the error expression"
    for code, condition in results.errors:
        yield condition, f"the condition of error '{code}'"


def _of_listener(listener: Listener) -> Iterator[Placed]:
    yield listener.expression, f"the {listener.event} listener"
    if listener.service is not None:
        yield from _of_service(listener.service)
    for mapping in listener.inputs:
        yield mapping.source, f"the field '{mapping.target}' of the {listener.event} listener"


def _of_event(event: EventDefinition) -> Iterator[Placed]:
    yield event.condition, "the condition"
    yield event.name_expression, f"the {event.kind}'s name"
    yield event.code_expression, f"the {event.kind}'s code"
    yield event.correlation_key, "the correlation key"
    yield (event.timer.value if event.timer else None), "the timer"
    for mapping in event.payload:
        yield mapping.source, f"the mapping to '{mapping.target}'"


def _of_repetition(repetition: Repetition) -> Iterator[Placed]:
    yield repetition.cardinality, "the number of instances"
    yield repetition.collection, "the collection"
    yield repetition.output_item, "what is collected"
    yield repetition.completion, "the completion condition"
    yield repetition.condition, "the loop condition"
    for condition, event in repetition.thrown:
        yield condition, "the condition of an event"
        yield from _of_event(event)


def _of_form(link: FormLink | None) -> Iterator[Placed]:
    if link is not None:
        yield link.name, "the name of the form"
        yield link.version, "the version of the form"


def _of_people(people: WorkForPeople) -> Iterator[Placed]:
    yield people.assignee, "the assignee"
    for value in (*people.candidate_users, *people.candidate_groups):
        yield value, "the candidates"
    yield people.due, "the due date"
    yield people.follow_up, "the follow-up date"
    yield people.priority, "the priority"
