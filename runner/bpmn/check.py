"""Says whether a diagram runs as drawn: every element of an executable process is executed or refused, never ignored.

The verdicts themselves are a table (`verdicts.py`); how elements hang together is `structure.py`'s."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from runner.bpmn.bindings import bind, choose, missing_message
from runner.bpmn.diagram import Diagram, Element, Process
from runner.bpmn.findings import in_order
from runner.bpmn.structure import check_structure
from runner.bpmn.verdicts import Outcome, verdict_of
from runner.errors import ExpressionInvalid, Finding
from runner.expressions import compile_expression
from runner.expressions.language import Expression

__all__ = ["bind", "check_diagram"]


def check_diagram(diagram: Diagram, topics: Collection[str] | None) -> tuple[Finding, ...]:
    """Give all findings, those of the reading included, sorted by line; `topics` None does not look for handlers."""
    findings = [*diagram.findings, *_executability(diagram)]
    for process in diagram.executable:
        findings += _check_process(process, topics)
    return in_order(tuple(findings))


def _executability(diagram: Diagram) -> Iterator[Finding]:
    if not diagram.processes:
        message = "Expected a process in the diagram, but there is none. Draw a start event and connect it to tasks."
        yield Finding("refused", "no_process", message)
    elif not diagram.executable:
        named = ", ".join(f"'{process.key}'" for process in diagram.processes)
        message = (
            f'Expected a process with isExecutable="true", but {named} '
            f"{'is' if len(diagram.processes) == 1 else 'are'} not marked executable. "
            "Tick 'Executable' in the modeler's properties panel of the process."
        )
        first = diagram.processes[0]
        yield Finding("refused", "no_executable_process", message, first.key, first.line)
    else:
        for process in diagram.processes:
            if not process.executable:
                message = f"Process '{process.key}' is not marked executable: it is read as documentation."
                yield Finding("note", "not_executable", message, process.key, process.line)


def _check_process(process: Process, topics: Collection[str] | None) -> Iterator[Finding]:
    executed: list[Element] = []
    for element in process.elements.values():
        # A refused sub-process speaks for the elements in it.
        if element.parent != process.key:
            continue
        finding, runs = _judge(element)
        if finding is not None:
            yield finding
        if runs:
            executed.append(element)
    yield from check_structure(process, executed)
    yield from _expressions(process, executed)
    if topics is not None:
        for element in executed:
            if element.service is not None and choose(element, topics) is None:
                message = missing_message(element, topics)
                yield Finding("refused", "handler_missing", message, element.id, element.line)


def _judge(element: Element) -> tuple[Finding | None, bool]:
    """Give what there is to say about an element by itself, and whether it runs."""
    verdict = verdict_of(element)
    label = f"'{element.name or element.id}'"
    if verdict.outcome is Outcome.EXECUTED:
        message = f"{label} is {verdict.what}. {verdict.advice}"
        note = Finding("note", "passes_through", message, element.id, element.line) if verdict.advice else None
        return note, True
    message = (
        f"Expected an element that can be executed, but {label} is {verdict.what}, which this version does not execute "
        f"yet. {verdict.advice}"
    )
    return Finding("refused", "element_refused", message, element.id, element.line), False


def _expressions(process: Process, executed: list[Element]) -> Iterator[Finding]:
    elements = {element.id for element in executed}
    for flow in process.flows.values():
        if flow.condition is not None and flow.source in elements:
            yield from _compile(flow.condition, f"the condition of flow '{flow.id}'", element_id=flow.id)
    for element in executed:
        for mapping in (*element.inputs, *element.outputs):
            yield from _compile(mapping.source, f"the mapping to '{mapping.target}'", element_id=element.id)


def _compile(expression: Expression, place: str, *, element_id: str) -> Iterator[Finding]:
    try:
        compile_expression(expression)
    except ExpressionInvalid as error:
        # The lines after the first draw a caret under the text, which a one-line finding cannot show.
        reason = str(error).splitlines()[0]
        message = f"In {place}, `{expression.text}`: {reason}"
        yield Finding("refused", "expression_invalid", message, element_id, expression.line)
