"""Messages and signals: the list of what was sent, forms on the page of an instance that waits, and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from runner.commands.messages import Publication, list_messages, publish_message
from runner.commands.signals import broadcast_signal
from runner.forms.inputs import read_object
from runner.model import Message, MessageState
from web.current import current_runtime
from web.errors import RequestInvalid

SHOWN = 100

pages = Blueprint("messages", __name__)
api = Blueprint("messages_api", __name__, url_prefix="/api")


class MessageBody(BaseModel):
    """The body that publishes a message; `ttl_seconds` None leaves the time to live to the settings."""

    model_config = ConfigDict(extra="forbid")

    name: str
    key: str = ""
    variables: dict[str, JsonValue] = Field(default_factory=dict)
    ttl_seconds: float | None = Field(default=None, ge=0, le=3_153_600_000)
    message_id: str | None = None
    business_key: str | None = None


class SignalBody(BaseModel):
    """The body that broadcasts a signal."""

    model_config = ConfigDict(extra="forbid")

    name: str
    variables: dict[str, JsonValue] = Field(default_factory=dict)


class MessageQuery(BaseModel):
    """Which messages a list shows; an empty field filters nothing."""

    state: Annotated[MessageState | None, BeforeValidator(lambda value: value or None)] = None
    name: Annotated[str | None, BeforeValidator(lambda value: value or None)] = None


@pages.get("/messages")
def overview() -> ResponseReturnValue:
    """List messages, newest first: who got each, or why nobody did."""
    query = MessageQuery.model_validate(request.args.to_dict())
    found = list_messages(current_runtime(), state=query.state, name=query.name, limit=SHOWN)
    return render_template("messages.html", messages=found, query=query, states=list(MessageState), shown=SHOWN)


@pages.post("/instances/<instance_id>/message")
def send_message(instance_id: str) -> ResponseReturnValue:
    """Publish the message that an instance waits for, and lead back."""
    name, key = request.form.get("name", ""), request.form.get("key", "")
    publication = Publication(name, key, typed_variables(), business_key=request.form.get("business_key") or None)
    published = publish_message(current_runtime(), publication)
    flash(f"Message {name} is {published.state}. {published.problem}".strip())
    return redirect(url_for("instances.show", instance_id=instance_id), 303)


@pages.post("/instances/<instance_id>/signal")
def send_signal(instance_id: str) -> ResponseReturnValue:
    """Broadcast the signal that an instance waits for, and lead back."""
    broadcast = broadcast_signal(current_runtime(), request.form.get("name", ""), typed_variables())
    flash(f"Signal {broadcast.name} has reached {broadcast.reached} that waited for it.")
    return redirect(url_for("instances.show", instance_id=instance_id), 303)


@api.get("/messages")
def list_some() -> ResponseReturnValue:
    """Answer with the newest messages that the address asks for."""
    query = MessageQuery.model_validate(request.args.to_dict())
    found = list_messages(current_runtime(), state=query.state, name=query.name, limit=SHOWN)
    return jsonify({"messages": [message_json(message) for message in found]})


@api.post("/messages")
def publish_by_json() -> ResponseReturnValue:
    """Publish a message: 201 with what became of it, once it is durable."""
    wanted = MessageBody.model_validate_json(request.get_data() or b"{}")
    publication = Publication(
        wanted.name,
        wanted.key,
        wanted.variables,
        None if wanted.ttl_seconds is None else timedelta(seconds=wanted.ttl_seconds),
        wanted.message_id,
        wanted.business_key,
    )
    return jsonify(message_json(publish_message(current_runtime(), publication))), 201


@api.post("/signals")
def broadcast_by_json() -> ResponseReturnValue:
    """Broadcast a signal: 201 with how many it reached."""
    wanted = SignalBody.model_validate_json(request.get_data() or b"{}")
    return jsonify(asdict(broadcast_signal(current_runtime(), wanted.name, wanted.variables))), 201


def message_json(message: Message) -> dict[str, Any]:
    """Give a message as JSON; times in ISO 8601."""
    found = asdict(message)
    for name in ("published_at", "expires_at", "ended_at"):
        found[name] = found[name] and found[name].isoformat()
    return found


def typed_variables() -> Mapping[str, JsonValue]:
    """Read the variables of a form. Raises RequestInvalid with what was expected."""
    try:
        return read_object(request.form.get("variables", ""))
    except ValueError as error:
        raise RequestInvalid(str(error)) from error
