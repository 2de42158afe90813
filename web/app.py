"""Puts the web application together: blueprints, security, error pages, template words. Serving it is the CLI's."""

from __future__ import annotations

import secrets
import threading

from flask import Flask, redirect, url_for
from werkzeug.wrappers import Response

from runner.runtime import Runtime
from web import assets, errors, forms, health, instances, live, messages, processes, security, tasks, wording
from web.current import EXTENSION

MAX_BODY = 8 * 1024 * 1024


def create_app(
    runtime: Runtime, *, allowed_hosts: tuple[str, ...] = (), stopping: threading.Event | None = None
) -> Flask:
    """Build the WSGI application over one runtime.

    `allowed_hosts` are host names to answer to beside "localhost", 127.0.0.1 and [::1]; with 0.0.0.0 or :: among them
    every IP address is answered to. Setting `stopping` ends the open event streams, so that a server can shut down
    without waiting for its clients.
    """
    app = Flask(__name__)
    app.config.update(
        # A page older than the server is told so by `errors.py`; nothing else is kept in the session.
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="runner_session",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = runtime
    security.protect(app, allowed_hosts)
    errors.register(app)
    assets.register(app)
    wording.register(app)
    forms.register(app)
    live.register(app, runtime, stopping or threading.Event())
    for blueprint in (
        processes.pages,
        processes.api,
        instances.pages,
        instances.api,
        messages.pages,
        messages.api,
        tasks.pages,
        tasks.api,
        health.api,
    ):
        app.register_blueprint(blueprint)
    security.exempt_api(processes.api, instances.api, messages.api, tasks.api)
    app.add_url_rule("/", "home", home)
    return app


def home() -> Response:
    """Lead to what can be started."""
    return redirect(url_for("processes.overview"))
