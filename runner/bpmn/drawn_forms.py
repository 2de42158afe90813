"""Checks the forms that a diagram has in itself, and that those it has can be seen by somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from runner.bpmn.diagram import Element, Process
from runner.bpmn.findings import warning
from runner.errors import Finding
from runner.forms.camunda import CamundaForm, read_camunda_form
from runner.forms.form import FormLink


def embedded_form(link: FormLink) -> CamundaForm:
    """Read the form that stands in the file itself."""
    return read_camunda_form(link.text.encode(), first_line=max(link.name.line, 1))


def start_of(process: Process) -> Element | None:
    """Give the start event that a person begins a process with, if it has one."""
    starts = (each for each in process.elements.values() if each.type == "startEvent" and each.parent == process.key)
    return next((each for each in starts if not each.events), None)


def check_forms(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    """Give what is wrong with embedded forms, and which forms nobody will see."""
    start = start_of(process)
    for element in executed:
        link = element.form_link
        if (link or element.form) and element.type == "startEvent" and element is not start:
            message = (
                f"Expected a form on the start event that a person begins with, but '{element.name or element.id}' is "
                "begun by something else: nobody sees it."
            )
            yield warning(element, "form_without_effect", message=message)
        if link is None or link.found != "embedded":
            continue
        if not link.text.strip():
            message = (
                f"Expected the form '{link.name.text}' in the file, but it is not there: variables are typed as JSON."
            )
            yield warning(element, "form_missing", message=message)
            continue
        for finding in embedded_form(link).findings:
            field = f", '{finding.element_id}'" if finding.element_id else ""
            message = f"In the form of '{element.name or element.id}'{field}: {finding.message} ({finding.code})"
            yield replace(finding, code="form_in_file", element_id=element.id, message=message)
