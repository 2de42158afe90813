"""The pages and the API of instances: finding them, seeing where one stands, trying again, canceling."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from runner.commands.definitions import draw, elements, list_definitions
from runner.commands.incidents import retry_instance
from runner.commands.instances import InstancePage, cancel_instance, list_instances, view_instance
from runner.model import InstanceState, InstanceView
from web.current import current_runtime
from web.schemas import PAGE_SIZE, InstanceQuery, InstanceShape, number_asked, state_json, view_json
from web.visits import headline, is_retrying, marks_of, visits_of

# A page shows so many visits at a time, and replays so many entries of the history.
VISITS = 100
REPLAYED = 400

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
    view = view_instance(runtime, instance_id)
    if view.instance.id != instance_id:
        return redirect(url_for(".show", instance_id=view.instance.id))
    visits = visits_of(view)
    last = max(1, -(-len(visits) // VISITS))
    part = min(number_asked("part") or last, last)
    return render_template(
        "instance.html",
        view=view,
        instance=view.instance,
        names=names_of(view),
        headline=headline(view, names_of(view)),
        picture=draw(runtime, view.definition.id, marks_of(view)),
        visits=visits[(part - 1) * VISITS : part * VISITS],
        visits_total=len(visits),
        part=part,
        parts=last,
        troubles=[token for token in view.tokens if token.incident or (token.job and is_retrying(token.job))],
    )


@pages.post("/<instance_id>/retry")
def retry(instance_id: str) -> ResponseReturnValue:
    """Try again now, and lead back."""
    retry_instance(current_runtime(), instance_id)
    flash("It is being tried again.")
    return redirect(url_for(".show", instance_id=instance_id), 303)


@pages.post("/<instance_id>/cancel")
def cancel(instance_id: str) -> ResponseReturnValue:
    """End the instance, and lead back."""
    cancel_instance(current_runtime(), instance_id)
    flash("The instance is canceled.")
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
    """Answer with all about an instance."""
    return jsonify(view_json(view_instance(current_runtime(), instance_id)))


@api.get("/<instance_id>/state")
def state(instance_id: str) -> ResponseReturnValue:
    """Answer with where the tokens are and what happened after entry `after`; 304 if nothing has changed."""
    view = view_instance(current_runtime(), instance_id)
    response = jsonify(state_json(view, names_of(view), after=number_asked("after"), limit=REPLAYED))
    response.add_etag()
    return response.make_conditional(request)


@api.post("/<instance_id>/retry")
def retry_by_json(instance_id: str) -> ResponseReturnValue:
    """Try again now; answer with the instance."""
    return jsonify(InstanceShape.json_of(retry_instance(current_runtime(), instance_id)))


@api.post("/<instance_id>/cancel")
def cancel_by_json(instance_id: str) -> ResponseReturnValue:
    """End the instance; answer with it."""
    return jsonify(InstanceShape.json_of(cancel_instance(current_runtime(), instance_id)))


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


def names_of(view: InstanceView) -> dict[str, str]:
    """Give what people call the elements, by id."""
    return {one.id: one.name or one.id for one in elements(current_runtime(), view.definition.id)}
