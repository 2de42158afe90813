"""The pages and the API of user tasks: the list, and one with its form, to be claimed, given back and completed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from runner.commands import user_tasks
from runner.commands.instances import view_instance
from runner.errors import EngineError, Flaw, FormInvalid, VariablesInvalid
from runner.forms.inputs import read_object
from runner.model import UserTask, UserTaskFilter
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
    return page(user_tasks.user_task_form(current_runtime(), id))


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
    runtime = current_runtime()
    form = user_tasks.user_task_form(runtime, id)
    task, text, data = form.task, request.form.get("variables", "{}"), {}
    if form.filled is not None:
        sent = forms.read_request(form.filled.form)
        data, form = sent.data, user_tasks.user_task_form(runtime, id, sent.data)
        if sent.again:
            return page(form, text=text)
    try:
        variables = {**data, **read_object(text)}
        _end(task, Completion(variables=variables, user=task.assignee, error=_error_to_throw()))
    except (ValueError, VariablesInvalid) as error:
        return page(form, text=text, flaws=(Flaw("", "variables", str(error)),)), 422
    except FormInvalid as error:
        return page(form, text=text, flaws=error.flaws), 422
    except EngineError as error:
        if error.code != "error_uncaught":
            raise
        return page(form, text=text, flaws=(Flaw("", error.code, str(error)),)), 422
    flash(f"{task.name} is done.")
    return redirect(url_for("instances.show", instance_id=task.instance_id), 303)


def page(form: user_tasks.UserTaskForm, *, text: str = "{}", flaws: tuple[Flaw, ...] = ()) -> str:
    """Render the page of one user task."""
    view = view_instance(current_runtime(), form.task.instance_id, newest=1)
    return render_template("task.html", task=form.task, form=form, view=view, text=text, flaws=flaws)


def _error_to_throw() -> str | None:
    """Read which error the person throws, None to complete. Raises ValueError if it has no code."""
    if "throw" not in request.form:
        return None
    code = request.form.get("error", "").strip()
    if not code:
        raise ValueError("Expected the code of an error to throw, but it is empty.")
    return code


# -- API ----------------------------------------------------------------------------------------------------------


@api.get("")
def list_some() -> ResponseReturnValue:
    """Answer with the open user tasks that the address asks for."""
    return jsonify(
        {"user_tasks": [task_json(each) for each in TaskQuery.model_validate(request.args.to_dict()).find()]}
    )


@api.get("/<id>", endpoint="show")
def show_json(id: str) -> ResponseReturnValue:
    """Answer with a user task."""
    return jsonify(task_json(user_tasks.find_user_task(current_runtime(), id)))


@api.get("/<id>/form")
def form_by_json(id: str) -> ResponseReturnValue:
    """Answer with the form of a user task, filled with what it sees; null if it has none, and why."""
    form = user_tasks.user_task_form(current_runtime(), id)
    filled = None if form.filled is None else forms.form_json(form.filled)
    return jsonify({"form": filled, "problem": form.problem, "address": form.address})


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
