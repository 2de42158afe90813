"""The pages and the API of instances: finding them, seeing where one stands, trying again, canceling."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from runner.commands.definitions import draw, elements, list_definitions
from runner.commands.incidents import Resolution, resolve_incident, retry_instance
from runner.commands.instances import InstancePage, cancel_instance, history_until, list_instances, view_instance
from runner.forms.inputs import read_object
from runner.marking import is_retrying, marks_of
from runner.model import InstanceState, InstanceView
from web.current import current_runtime
from web.errors import RequestInvalid
from web.schemas import PAGE_SIZE, Cancel, InstanceQuery, InstanceShape, Resolve, number_asked, state_json, view_json
from web.visits import Visit, headline, visits_of

# A page shows the visits of so many steps at a time, and replays so many entries of the history.
STEPS = 50
REPLAYED = 400
# The API answers with so many steps at a time.
STEPS_ANSWERED = 1000

pages = Blueprint("instances", __name__, url_prefix="/instances")
api = Blueprint("instances_api", __name__, url_prefix="/api/instances")


@pages.get("")
def overview() -> ResponseReturnValue:
    """List the instances that the address asks for."""
    query = InstanceQuery.of_request()
    found = find(query)
    return render_template(
        "instances.html",
        query=query,
        found=found,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        keys=[one.definition.key for one in list_definitions(current_runtime())],
        states=list(InstanceState),
    )


@pages.get("/<instance_id>")
def show(instance_id: str) -> ResponseReturnValue:
    """Show an instance: its picture, its trouble, its history, its variables."""
    runtime = current_runtime()
    view = view_instance(runtime, instance_id, newest=2 * STEPS)
    if view.instance.id != instance_id:
        return redirect(url_for(".show", instance_id=view.instance.id))
    newest = view.instance.seq
    until = min(number_asked("until") or newest, newest)
    return render_template(
        "instance.html",
        view=view,
        instance=view.instance,
        names=names_of(view),
        headline=headline(view, names_of(view)),
        picture=draw(runtime, view.definition.id, marks_of(view)),
        visits=visits_until(view, until),
        until=until,
        size=STEPS,
        troubles=[token for token in view.tokens if token.incident or (token.job and is_retrying(token.job))],
    )


@pages.post("/<instance_id>/retry")
def retry(instance_id: str) -> ResponseReturnValue:
    """Try again now, and lead back."""
    retry_instance(current_runtime(), instance_id)
    flash("It is being tried again.")
    return redirect(url_for(".show", instance_id=instance_id), 303)


@pages.post("/<instance_id>/incidents/<int:incident_id>")
def resolve(instance_id: str, incident_id: int) -> ResponseReturnValue:
    """Try one incident again, or skip its element, with the variables that were filled in, and lead back."""
    skip = "skip" in request.form
    try:
        variables = read_object(request.form.get("variables", "{}"))
    except ValueError as error:
        raise RequestInvalid(str(error)) from error
    resolve_incident(current_runtime(), instance_id, Resolution(incident_id, variables, skip))
    flash("It goes on without that." if skip else "It is being tried again.")
    return redirect(url_for(".show", instance_id=instance_id), 303)


@pages.post("/<instance_id>/cancel")
def cancel(instance_id: str) -> ResponseReturnValue:
    """End the instance, and lead back."""
    compensate = "compensate" in request.form
    canceled = cancel_instance(current_runtime(), instance_id, compensate=compensate)
    flash("The instance is canceled." if canceled.ended_at else "What has been done is being undone.")
    return redirect(url_for(".show", instance_id=instance_id), 303)


@api.get("")
def list_some() -> ResponseReturnValue:
    """Answer with one page of the instances that the address asks for."""
    query = InstanceQuery.of_request()
    found = find(query)
    shown = [InstanceShape.json_of(instance) for instance in found.instances]
    return jsonify({"instances": shown, "total": found.total, "page": query.page, "page_size": PAGE_SIZE})


@api.get("/<instance_id>", endpoint="show")
def show_json(instance_id: str) -> ResponseReturnValue:
    """Answer with all about an instance, or as of step `at`; of a long history with the newest steps."""
    at = number_asked("at") if "at" in request.args else None
    return jsonify(view_json(view_instance(current_runtime(), instance_id, at=at, newest=STEPS_ANSWERED)))


@api.get("/<instance_id>/state")
def state(instance_id: str) -> ResponseReturnValue:
    """Answer with where the tokens are and what happened after entry `after`; 304 if nothing has changed."""
    view = view_instance(current_runtime(), instance_id, newest=REPLAYED)
    response = jsonify(state_json(view, names_of(view), after=number_asked("after"), limit=REPLAYED))
    response.add_etag()
    return response.make_conditional(request)


@api.post("/<instance_id>/retry")
def retry_by_json(instance_id: str) -> ResponseReturnValue:
    """Try again now; answer with the instance."""
    return jsonify(InstanceShape.json_of(retry_instance(current_runtime(), instance_id)))


@api.post("/<instance_id>/incidents/<int:incident_id>")
def resolve_by_json(instance_id: str, incident_id: int) -> ResponseReturnValue:
    """Try one incident again, or skip its element; answer with the instance."""
    wanted = Resolve.model_validate_json(request.get_data() or b"{}")
    resolution = Resolution(incident_id, wanted.variables, wanted.skip)
    return jsonify(InstanceShape.json_of(resolve_incident(current_runtime(), instance_id, resolution)))


@api.post("/<instance_id>/cancel")
def cancel_by_json(instance_id: str) -> ResponseReturnValue:
    """End the instance, or compensate it first; answer with it."""
    wanted = Cancel.model_validate_json(request.get_data() or b"{}")
    return jsonify(InstanceShape.json_of(cancel_instance(current_runtime(), instance_id, compensate=wanted.compensate)))


def find(query: InstanceQuery) -> InstancePage:
    """Read the page of instances that a query names."""
    return list_instances(
        current_runtime(),
        key=query.process,
        state=query.state,
        problem=query.problem,
        limit=PAGE_SIZE,
        offset=query.offset,
    )


def visits_until(view: InstanceView, until: int) -> list[Visit]:
    """Give the visits that ended in the steps up to one, and with the newest step those that go on."""
    begin = until - STEPS
    if until == view.instance.seq:
        return [visit for visit in visits_of(view) if visit.ended_at is None or visit.step > begin]
    # They began some steps before they ended: twice as many are read, so that few are without their beginning.
    history = history_until(current_runtime(), view.instance.id, until, steps=2 * STEPS)
    ended = visits_of(replace(view, history=history, tokens=()))
    return [visit for visit in ended if visit.ended_at is not None and visit.step > begin]


def names_of(view: InstanceView) -> dict[str, str]:
    """Give what people call the elements, by id."""
    return {one.id: one.name or one.id for one in elements(current_runtime(), view.definition.id)}
