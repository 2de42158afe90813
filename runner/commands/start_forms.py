"""The form that a process is started with: its own, or one made from example variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.bpmn.drawn_forms import start_of
from runner.commands.definitions import example_variables, find_definition
from runner.commands.forms import FoundForm, form_of
from runner.commands.instances import start_instance
from runner.forms.examples import example_form
from runner.forms.filling import Filled, fill
from runner.forms.submitting import accepted
from runner.model import Definition, Instance
from runner.runtime import Runtime


@dataclass(frozen=True, slots=True)
class StartForm:
    """A process, and its start form as it stands. `own` False: it is made from the example variables, or empty.

    `problem` and `address` are those of `FoundForm`.
    """

    definition: Definition
    filled: Filled
    own: bool
    problem: str = ""
    address: str = ""


def start_form(
    runtime: Runtime, key: str, *, version: int | None = None, given: Mapping[str, Any] | None = None
) -> StartForm:
    """Give the start form of a process with what was given, else with its example variables. Raises DefinitionNotFound.

    Of a process without a form of its own each example variable is a field.
    """
    definition = find_definition(runtime, key, version)
    example = example_variables(runtime, key)
    process = runtime.definitions.get(definition.id).process
    start = start_of(process)
    found = FoundForm()
    if start is not None:
        names = (f"{key}.{start.id}", key)
        found = form_of(runtime, start, names, {}, definition_id=definition.id)
    form = found.form if found.form is not None and found.form.fields else example_form(key, example)
    filled = fill(form, example, given, clock=runtime.clock)
    own = found.form is not None and bool(found.form.fields)
    return StartForm(definition, filled, own, found.problem, found.address)


def submit_start_form(
    runtime: Runtime,
    key: str,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    business_key: str | None = None,
) -> Instance:
    """Start an instance with a filled form, whose business key is that of the field it names, unless one is given.

    Raises FormInvalid, DefinitionNotFound or VariablesInvalid; then nothing is stored.
    """
    form = start_form(runtime, key, version=version, given=given)
    variables = accepted(form.filled, given, clock=runtime.clock)
    named = form.filled.form.business_key
    value = variables.get(named) if named else None
    return start_instance(
        runtime,
        key,
        variables,
        version=form.definition.version,
        business_key=business_key or (None if value is None else str(value)),
    )
