"""The pages and the API of processes: what is deployed, how it looks, and starting it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from runner.commands.definitions import (
    draw,
    elements,
    example_variables,
    find_definition,
    list_definitions,
    list_refused,
    read_xml,
    started_by,
)
from runner.commands.instances import list_instances, start_instance
from runner.commands.start_forms import StartForm, start_form, submit_start_form
from runner.errors import Flaw, FormInvalid, VariablesInvalid
from runner.forms.inputs import read_object
from runner.model import Definition, Instance
from web import forms
from web.current import current_runtime
from web.schemas import InstanceShape, Start, number_asked

RECENT = 5

pages = Blueprint("processes", __name__, url_prefix="/processes")
api = Blueprint("processes_api", __name__, url_prefix="/api/processes")


@pages.get("")
def overview() -> ResponseReturnValue:
    """List every process with its picture and its numbers."""
    runtime = current_runtime()
    definitions = list_definitions(runtime)
    pictures = {one.definition.key: draw(runtime, one.definition.id, {}) for one in definitions}
    begun_by = {one.definition.key: started_by(runtime, one.definition.id) for one in definitions}
    refused = list_refused(runtime)
    return render_template(
        "processes.html", overviews=definitions, pictures=pictures, begun_by=begun_by, refused=refused
    )


@pages.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show one version of a process, its start form and its latest instances."""
    form = start_form(current_runtime(), key, version=version_asked())
    if (request.args.get("input") == "json" and not form.own) or not form.filled.fields:
        return page(form, text=forms.write_json(example_variables(current_runtime(), key)))
    return page(form)


@pages.post("/<key>/instances")
def start(key: str) -> ResponseReturnValue:
    """Start an instance from the form and lead to it; a form that does not fit is shown again as it was typed."""
    runtime, version = current_runtime(), version_asked()
    form = start_form(runtime, key, version=version)
    text = request.form.get("variables")
    try:
        if text is not None and not form.own:
            return begun(start_instance(runtime, key, read_object(text), **_beside(form)))
        sent = forms.read_request(form.filled.form)
        form = start_form(runtime, key, version=version, given=sent.data)
        if sent.again:
            return page(form)
        return begun(submit_start_form(runtime, key, sent.data, **_beside(form)))
    except (ValueError, VariablesInvalid) as error:
        return page(form, text=text, flaws=(Flaw("", "variables", str(error)),)), 422
    except FormInvalid as error:
        return page(form, flaws=error.flaws), 422


def _beside(form: StartForm) -> dict[str, Any]:
    """Give what an instance is started with beside its variables: the version that the form was made for."""
    return {"version": form.definition.version, "business_key": request.form.get("business_key") or None}


def begun(instance: Instance) -> ResponseReturnValue:
    """Lead to the instance, which plays its short life again."""
    return redirect(url_for("instances.show", instance_id=instance.id, _anchor="started"), 303)


@pages.get("/<key>/diagram.bpmn")
def diagram_xml(key: str) -> ResponseReturnValue:
    """Give the file itself, byte for byte."""
    definition = find_definition(current_runtime(), key, version_asked())
    return picture_response(definition, read_xml(current_runtime(), definition.id), "application/xml")


@pages.get("/<key>/diagram.svg")
def diagram_svg(key: str) -> ResponseReturnValue:
    """Give the picture of the diagram."""
    definition = find_definition(current_runtime(), key, version_asked())
    return picture_response(definition, draw(current_runtime(), definition.id, {}).encode(), "image/svg+xml")


@api.get("")
def list_all() -> ResponseReturnValue:
    """Answer with every process and its numbers."""
    return jsonify(
        [
            {
                "key": one.definition.key,
                "version": one.definition.version,
                "name": one.definition.name,
                "documentation": one.definition.documentation,
                "active": one.active,
                "completed": one.completed,
                "incidents": one.incidents,
                "refused": one.refused,
            }
            for one in list_definitions(current_runtime())
        ]
    )


@api.post("/<key>/instances")
def start_by_json(key: str) -> ResponseReturnValue:
    """Start an instance: 201 with its address, once it is durable."""
    wanted = Start.model_validate_json(request.get_data() or b"{}")
    instance = start_instance(
        current_runtime(), key, dict(wanted.variables), version=wanted.version, business_key=wanted.business_key
    )
    address = url_for("instances_api.show", instance_id=instance.id)
    return jsonify(InstanceShape.json_of(instance)), 201, {"Location": address}


@api.get("/<key>/form")
def form_by_json(key: str) -> ResponseReturnValue:
    """Answer with the start form of a process, filled with its example variables."""
    form = start_form(current_runtime(), key, version=version_asked())
    return jsonify({"form": forms.form_json(form.filled), "problem": form.problem, "address": form.address})


@api.post("/<key>/form")
def submit_by_json(key: str) -> ResponseReturnValue:
    """Start an instance with a filled form: 201, or 422 with what is wrong in each field."""
    wanted = Start.model_validate_json(request.get_data() or b"{}")
    instance = submit_start_form(
        current_runtime(), key, wanted.variables, version=wanted.version, business_key=wanted.business_key
    )
    address = url_for("instances_api.show", instance_id=instance.id)
    return jsonify(InstanceShape.json_of(instance)), 201, {"Location": address}


def version_asked() -> int | None:
    """Read which version the address names, None for the newest. Raises RequestInvalid if it is no number."""
    return number_asked("version") or None


def page(form: StartForm, *, text: str | None = None, flaws: tuple[Flaw, ...] = ()) -> str:
    """Render the page of a process with its start form: as fields, or as one JSON text."""
    runtime, definition = current_runtime(), form.definition
    newest = find_definition(runtime, definition.key)
    return render_template(
        "process.html",
        definition=definition,
        newest=newest,
        refused=runtime.refusals.get(newest.source),
        picture=draw(runtime, definition.id, {}),
        elements=elements(runtime, definition.id),
        recent=list_instances(runtime, key=definition.key, limit=RECENT),
        form=form,
        text=text,
        flaws=flaws,
        has_example=bool(example_variables(runtime, definition.key)),
        begun_by=started_by(runtime, definition.id),
    )


def picture_response(definition: Definition, body: bytes, mimetype: str) -> Response:
    """Answer with a file of one version, which a browser need not load twice."""
    response = Response(body, mimetype=mimetype)
    response.set_etag(f"{definition.content_hash}-{mimetype.rpartition('/')[2]}")
    response.make_conditional(request)
    return response
