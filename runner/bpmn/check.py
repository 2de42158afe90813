"""Says whether a diagram runs as drawn: every element of an executable process is executed or refused, never ignored.

The verdicts themselves are a table (`verdicts.py`), and so are the rules that a drawing must fulfil (`rules/`);
expressions are compiled by `compiling.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from runner.bpmn.applied_templates import TemplateFits, check_templates
from runner.bpmn.bindings import bind, choose, listeners_of, missing_message
from runner.bpmn.compiling import check_expressions
from runner.bpmn.diagram import Diagram, Element, Process
from runner.bpmn.drawn_forms import check_forms
from runner.bpmn.findings import in_order
from runner.bpmn.rules.branches import check_branches
from runner.bpmn.rules.document import check_document
from runner.bpmn.rules.events import check_dates, check_events
from runner.bpmn.rules.flows import check_flows
from runner.bpmn.rules.gateways import check_gateways
from runner.bpmn.rules.message_flows import check_message_flows
from runner.bpmn.rules.names import check_keys
from runner.bpmn.rules.reach import check_calls, check_reach
from runner.bpmn.rules.sub_processes import check_sub_processes
from runner.bpmn.rules.table import of_a_drawing, with_sources
from runner.bpmn.rules.tree import Tree
from runner.bpmn.rules.unusual import check_unusual
from runner.bpmn.verdicts import Outcome, Verdict, verdicts_of
from runner.errors import Finding
from runner.scripts.languages import script_language

__all__ = ["bind", "check_diagram"]


def check_diagram(
    diagram: Diagram,
    topics: Collection[str] | None,
    *,
    template_fits: TemplateFits | None = None,
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Give all findings, those of the reading included, sorted by line; `topics` None does not look for handlers.

    `template_fits` says whether an element template is still that of its handler. Dates before `now` are warned of.
    """
    findings = [*diagram.findings, *_executability(diagram)]
    drawn = {process.key for process in diagram.processes} - {process.key for process in diagram.executable}
    for process in diagram.processes:
        found = _check_process(process, topics if process.executable else None)
        findings += found if process.executable else of_a_drawing(found, alone=not diagram.executable)
        if template_fits is not None and process.executable:
            findings += check_templates(process.elements.values(), template_fits)
        if process.executable:
            findings += check_keys(process, diagram.dialect)
            findings += check_calls(process, drawn)
            findings += check_dates(process, now) if now is not None else ()
    findings += check_document(Tree(diagram))
    findings += check_message_flows(diagram.message_flows, diagram.executable)
    return in_order(with_sources(findings))


def _executability(diagram: Diagram) -> Iterator[Finding]:
    if not diagram.processes:
        message = "Expected a process in the diagram, but there is none. Draw a start event and connect it to tasks."
        yield Finding("refused", "no_process", message)
    elif not diagram.executable:
        named = ", ".join(f"'{process.key}'" for process in diagram.processes)
        message = (
            f'Expected a process with isExecutable="true", but {named} '
            f"{'is' if len(diagram.processes) == 1 else 'are'} not marked executable. "
            "Tick 'Executable' in the modeler's properties panel of the process; `runner check --as-executable` says "
            "what else is missing."
        )
        first = diagram.processes[0]
        yield Finding("refused", "no_executable_process", message, first.key, first.line)


def _check_process(process: Process, topics: Collection[str] | None) -> Iterator[Finding]:
    yield from process.findings
    executed: list[Element] = []
    refused: set[str] = set()
    for element in process.elements.values():
        # A refused sub-process speaks for the elements in it; it comes before them.
        if element.parent in refused:
            refused.add(element.id)
            continue
        findings = list(_judge(element, process.elements.get(element.parent)))
        findings = findings if process.executable else list(of_a_drawing(findings, alone=True))
        yield from findings
        if any(finding.verdict == "refused" for finding in findings):
            refused.add(element.id)
        else:
            executed.append(element)
    yield from check_flows(process, executed)
    yield from check_gateways(process, executed)
    yield from check_events(process, executed)
    yield from check_sub_processes(process, executed)
    yield from check_reach(process, refused)
    yield from check_branches(process)
    yield from check_unusual(process)
    yield from check_expressions(process, executed)
    yield from check_forms(process, executed)
    if topics is not None:
        yield from _handlers(executed, topics)
        yield from _listeners(process, executed, topics)


def _judge(element: Element, parent: Element | None) -> Iterator[Finding]:
    """Give what there is to say about an element by itself."""
    label = f"'{element.name or element.id}'"
    for verdict in verdicts_of(element, parent):
        if verdict.outcome is Outcome.REFUSED:
            yield Finding("refused", *_refusal(label, verdict), element.id, element.line)
        elif verdict.outcome is Outcome.DOCUMENTATION:
            message = f"{label} has {verdict.what}: {verdict.advice}."
            yield Finding("note", "documentation_only", message, element.id, element.line)
        elif verdict.advice:
            message = f"{label} is {verdict.what}. {verdict.advice}"
            yield Finding("note", "passes_through", message, element.id, element.line)


def _refusal(label: str, verdict: Verdict) -> tuple[str, str]:
    """Give the code and the sentence."""
    if not verdict.legal:
        return (
            "event_misplaced",
            f"Expected an event that BPMN allows here, but {label} is {verdict.what}. {verdict.advice}",
        )
    return "element_refused", (
        f"Expected an element that can be executed, but {label} is {verdict.what}, which this version does not execute "
        f"yet. {verdict.advice}"
    )


def _handlers(executed: list[Element], topics: Collection[str]) -> Iterator[Finding]:
    for element in executed:
        if element.service is None or element.service.computed_topic is not None:
            continue  # which handler does a job with a computed topic is known when there is one
        if choose(element.service, topics) is not None:
            continue
        if element.script is not None and element.script.format:
            language = script_language(element.script.format)
            switch = "" if language is None else f", or have it switched on: the setting scripts = {language}"
            message = (
                f"Expected a script in FEEL, JUEL or our Python-like expressions, but '{element.name or element.id}' "
                f"is in {element.script.format}, which is not run. Write its work as a handler: "
                f'@handler("{element.id}"){switch}.'
            )
            yield Finding("refused", "script_foreign", message, element.id, element.line)
        else:
            message = missing_message(f"'{element.name or element.id}'", element.service, topics)
            yield Finding("refused", "handler_missing", message, element.id, element.line)


def _listeners(process: Process, executed: list[Element], topics: Collection[str]) -> Iterator[Finding]:
    """Give the listeners that have no handler; those of Camunda's own Java code do without."""
    running = {process.key, *(element.id for element in executed)}
    for _, element, listener in listeners_of(process):
        if element.id not in running or listener.service is None or listener.service.computed_topic is not None:
            continue
        if choose(listener.service, topics) is not None:
            continue
        what = f"the {listener.event} listener of '{element.name or element.id}'"
        message = missing_message(what, listener.service, topics)
        yield Finding("refused", "listener_missing", message, element.id, listener.line)
