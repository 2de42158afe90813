"""The pages and the API of user tasks: the list, and one with its form, to be claimed, given back and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from runner.commands import user_tasks
from runner.commands.instances import view_instance
from runner.errors import EngineError, VariablesInvalid
from runner.model import FormInput, UserTask, UserTaskFilter
from web import forms
from web.current import current_runtime

SHOWN = 100
_Word = Annotated[str | None, BeforeValidator(lambda value: value or None)]

pages = Blueprint("tasks", __name__, url_prefix="/tasks")
api = Blueprint("tasks_api", __name__, url_prefix="/api/tasks")


class TaskQuery(BaseModel):
    """Which user tasks a list shows; an empty field filters nothing."""

    assignee: _Word = None
    group: _Word = None
    user: _Word = None
    instance_id: _Word = None

    def find(self) -> tuple[UserTask, ...]:
        """Read those that are open."""
        wanted = UserTaskFilter(self.assignee, self.group, self.user, self.instance_id)
        return user_tasks.list_user_tasks(current_runtime(), wanted, limit=SHOWN)


class Who(BaseModel):
    """The body that claims a user task, or assigns it."""

    model_config = ConfigDict(extra="forbid")

    user: str


class Completion(BaseModel):
    """The body that completes a user task, or ends it by a BPMN error, or throws an escalation out of it."""

    model_config = ConfigDict(extra="forbid")

    variables: dict[str, JsonValue] = Field(default_factory=dict)
    user: str | None = None
    error: str | None = None
    escalation: str | None = None


# -- pages --------------------------------------------------------------------------------------------------------


@pages.get("")
def overview() -> ResponseReturnValue:
    """List open user tasks, the most important first."""
    query = TaskQuery.model_validate(request.args.to_dict())
    return render_template("tasks.html", query=query, tasks=query.find(), shown=SHOWN)


@pages.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    """Show a user task with its form."""
    task = user_tasks.find_user_task(current_runtime(), id)
    return page(task)


@pages.post("/<id>/claim")
def claim(id: str) -> ResponseReturnValue:
    """Take it for the person who is named, and lead back."""
    taken = user_tasks.claim_user_task(current_runtime(), id, request.form.get("user", ""))
    flash(f"It is with {taken.assignee}.")
    return redirect(url_for(".show", id=taken.id), 303)


@pages.post("/<id>/unclaim")
def unclaim(id: str) -> ResponseReturnValue:
    """Give it back, and lead back."""
    given = user_tasks.unclaim_user_task(current_runtime(), id)
    flash("It is free again.")
    return redirect(url_for(".show", id=given.id), 303)


@pages.post("/<id>/complete")
def complete(id: str) -> ResponseReturnValue:
    """Complete it with what was filled in, or throw the error named; a form that does not fit is shown again."""
    task = user_tasks.find_user_task(current_runtime(), id)
    text = request.form.get("variables", "{}")
    results, wrong = _results(task.inputs, request.form)
    filled = replace(task, inputs=tuple(_typed(each, request.form) for each in task.inputs))
    try:
        variables = {**results, **forms.read_object(text)}
        if wrong:
            return page(filled, text=text, flaws=wrong), 422
        _end(task, Completion(variables=variables, user=task.assignee, error=_error_to_throw()))
    except (ValueError, VariablesInvalid) as error:
        return page(filled, text=text, wrong=str(error)), 422
    except EngineError as error:
        if error.code != "error_uncaught":
            raise
        return page(filled, text=text, wrong=str(error)), 422
    flash(f"{task.name} is done.")
    return redirect(url_for("instances.show", instance_id=task.instance_id), 303)


def page(task: UserTask, *, text: str = "{}", wrong: str = "", flaws: Mapping[str, str] | None = None) -> str:
    """Render the page of one user task."""
    view = view_instance(current_runtime(), task.instance_id, newest=1)
    return render_template("task.html", task=task, view=view, text=text, wrong=wrong, flaws=flaws or {})


def _error_to_throw() -> str | None:
    """Read which error the person throws, None to complete. Raises ValueError if it has no code."""
    if "throw" not in request.form:
        return None
    code = request.form.get("error", "").strip()
    if not code:
        raise ValueError("Expected the code of an error to throw, but it is empty.")
    return code


def _results(inputs: tuple[FormInput, ...], sent: Mapping[str, str]) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Read the fields of the form: values by name, and what is wrong by name."""
    values: dict[str, JsonValue] = {}
    wrong: dict[str, str] = {}
    for each in inputs:
        try:
            values[each.id] = _value(each, sent.get(f"input {each.id}", "").strip())
        except ValueError as error:
            wrong[each.id] = str(error)
    return values, wrong


def _value(wanted: FormInput, text: str) -> JsonValue:
    if wanted.type == "boolean":
        return text != ""
    if not text:
        if wanted.required:
            raise ValueError(f"Expected a value for '{wanted.label}', but it is empty.")
        return None
    if wanted.type in ("long", "integer", "int") and not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError(f"Expected a whole number, but got {text!r}.")
    if wanted.type in ("long", "integer", "int"):
        return int(text)
    if wanted.type == "date":
        return date.fromisoformat(text).isoformat()
    if wanted.type == "enum" and wanted.choices and text not in wanted.choices:
        raise ValueError(f"Expected one of {', '.join(wanted.choices)}, but got {text!r}.")
    return text


def _typed(field: FormInput, sent: Mapping[str, str]) -> FormInput:
    text = sent.get(f"input {field.id}", "")
    return replace(field, value=text != "" if field.type == "boolean" else text)


# -- API ----------------------------------------------------------------------------------------------------------


@api.get("")
def list_some() -> ResponseReturnValue:
    """Answer with the open user tasks that the address asks for."""
    return jsonify(
        {"user_tasks": [task_json(each) for each in TaskQuery.model_validate(request.args.to_dict()).find()]}
    )


@api.get("/<id>", endpoint="show")
def show_json(id: str) -> ResponseReturnValue:
    """Answer with a user task and the inputs of its form."""
    return jsonify(task_json(user_tasks.find_user_task(current_runtime(), id)))


@api.post("/<id>/claim")
def claim_by_json(id: str) -> ResponseReturnValue:
    """Take it; answer with it. 409 if somebody else has it."""
    who = Who.model_validate_json(request.get_data() or b"{}")
    return jsonify(task_json(user_tasks.claim_user_task(current_runtime(), id, who.user)))


@api.post("/<id>/unclaim")
def unclaim_by_json(id: str) -> ResponseReturnValue:
    """Give it back; answer with it."""
    return jsonify(task_json(user_tasks.unclaim_user_task(current_runtime(), id)))


@api.post("/<id>/assign")
def assign_by_json(id: str) -> ResponseReturnValue:
    """Give it to somebody, whoever has it; answer with it."""
    who = Who.model_validate_json(request.get_data() or b"{}")
    return jsonify(task_json(user_tasks.assign_user_task(current_runtime(), id, who.user)))


@api.post("/<id>/complete")
def complete_by_json(id: str) -> ResponseReturnValue:
    """Complete it, or throw what the body says; answer with it."""
    body = Completion.model_validate_json(request.get_data() or b"{}")
    return jsonify(task_json(_end(user_tasks.find_user_task(current_runtime(), id), body)))


def _end(task: UserTask, body: Completion) -> UserTask:
    runtime, variables = current_runtime(), dict(body.variables)
    if body.error is not None:
        return user_tasks.throw_user_task_error(runtime, task.id, body.error, variables, user=body.user)
    if body.escalation is not None:
        return user_tasks.throw_user_task_escalation(runtime, task.id, body.escalation, variables, user=body.user)
    return user_tasks.complete_user_task(runtime, task.id, variables, user=body.user)


def task_json(task: UserTask) -> dict[str, Any]:
    """Give a user task as JSON."""
    times = {name: value.isoformat() for name, value in asdict(task).items() if hasattr(value, "isoformat")}
    return {**asdict(task), **times}
