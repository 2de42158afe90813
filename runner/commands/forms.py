"""Forms: deploying their files, and finding the one that a start event or user task has.

Filling and judging them is `runner/forms/`'s."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ulid import ULID

from runner.bpmn.diagram import Element, Process
from runner.bpmn.drawn_forms import embedded_form
from runner.bpmn.findings import warning
from runner.errors import ExpressionFailed, Finding, FormNotFound, FormRefused
from runner.expressions import Expression, compile_expression
from runner.expressions.language import Language
from runner.forms.camunda import read_camunda_form
from runner.forms.form import Form, FormLink
from runner.forms.models import model_form
from runner.model import Definition, Deployment
from runner.runtime import Runtime
from runner.store import forms
from runner.store.transactions import Transaction

_DEPLOYED = ("id", "file")


@dataclass(frozen=True, slots=True)
class FoundForm:
    """The form of an element; None if it has none that can be shown. `problem` then says why, and `address` leads to a
    page of somebody else's."""

    form: Form | None = None
    problem: str = ""
    address: str = ""


def deploy_form(
    runtime: Runtime, content: bytes, *, source: str, deployment: str | None = None
) -> tuple[Deployment, ...]:
    """Store a form as a new version; content that is stored already makes none.

    Raises FormRefused; then nothing is stored.
    """
    read = read_camunda_form(content)
    if read.refused:
        raise FormRefused(source, read.refused)
    warnings = tuple(finding.describe(source) for finding in read.findings if finding.verdict == "warning")
    content_hash = hashlib.sha256(content).hexdigest()

    def store(transaction: Transaction) -> bool:
        newest = forms.newest(transaction, read.id)
        if newest is not None and newest[1] == content_hash:
            return False
        row = {
            "key": read.id,
            "version": 1 if newest is None else newest[0] + 1,
            "source": source,
            "content_hash": content_hash,
            "content": content,
            "deployed_at": transaction.now,
            "deployment": deployment or str(ULID()),
            "version_tag": read.version_tag,
        }
        forms.insert_form(transaction, row)
        return True

    created = runtime.database.write(store)
    return (Deployment(find_form(runtime, read.id), created, warnings),)


def find_form(runtime: Runtime, id: str) -> Definition:
    """Give the newest version of a form. Raises FormNotFound."""
    with runtime.database.read() as connection:
        found = forms.find(connection, id)
    if found is None:
        raise FormNotFound(id)
    return found


def list_forms(runtime: Runtime) -> tuple[Definition, ...]:
    """Give the newest version of every form, by id."""
    with runtime.database.read() as connection:
        return forms.newest_of_each(connection)


def form_of(
    runtime: Runtime, element: Element, names: tuple[str, ...], variables: Mapping[str, Any], *, definition_id: int
) -> FoundForm:
    """Give the form of an element: the first there is of one that is drawn, one that is deployed, and a model.

    `names` are those that a model may be known by, beside the form's own.
    """
    link = element.form_link
    if element.form is not None:
        return FoundForm(element.form)
    try:
        name = "" if link is None else str(_evaluated(link.name, variables) or "")
        form = None if link is None else _linked(runtime, link, name, variables, definition_id)
    except ExpressionFailed as error:
        return FoundForm(problem=str(error).splitlines()[0])
    if form is None:
        model = runtime.handlers.form(*filter(None, (name, *names)))
        form = None if model is None else model_form(name or element.id, model)
    if form is not None or link is None or not name:
        return FoundForm(form)
    if link.found in _DEPLOYED:
        wanted = name if link.found == "file" else f"{name}.form"
        return FoundForm(
            problem=f"Expected the form '{name}', but it is not deployed: `runner deploy {wanted}` stores it."
        )
    if name.startswith(("https://", "http://")):
        return FoundForm(problem="Its form is a page elsewhere; what is decided there is typed in here.", address=name)
    return FoundForm(problem=f"Its form, '{name}', is not one that is shown here: give the variables as JSON.")


def _linked(
    runtime: Runtime, link: FormLink, name: str, variables: Mapping[str, Any], definition_id: int
) -> Form | None:
    if link.found == "embedded":
        return embedded_form(link).form
    if link.found not in _DEPLOYED:
        return None
    version = None if link.version is None else _evaluated(link.version, variables)
    with runtime.database.read() as connection:
        content = forms.linked(
            connection,
            name,
            is_file=link.found == "file",
            binding=link.binding,
            version=None if version is None else str(version),
            caller=definition_id,
        )
    return None if content is None else read_camunda_form(content).form


def missing_forms(runtime: Runtime, process: Process, *, definition_id: int) -> Iterator[Finding]:
    """Warn about forms that the elements of a process name and that are not deployed."""
    for element in process.elements.values():
        link = element.form_link
        if link is None or link.found not in _DEPLOYED or link.name.language is not Language.TEXT:
            continue
        found = form_of(runtime, element, (), {}, definition_id=definition_id)
        if found.form is None:
            yield warning(element, "form_missing", message=found.problem)


def _evaluated(expression: Expression, variables: Mapping[str, Any]) -> Any:
    return compile_expression(expression).evaluate(variables)
