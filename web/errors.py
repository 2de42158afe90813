"""The one table from exception to HTTP status, and how an error is shown: a page to people, JSON under `/api`."""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError

from runner.errors import Conflict, EngineError, FormInvalid, Invalid, NotFound, RunnerError
from web.ways import ways_out

logger = logging.getLogger(__name__)


class RequestMalformed(RunnerError):
    """The request is not of the form that this address takes."""

    code = "request_malformed"


class RequestInvalid(Invalid):
    """The request is well formed, but a value in it is not acceptable."""

    code = "request_invalid"

    @classmethod
    def from_validation(cls, error: ValidationError) -> RequestInvalid | RequestMalformed:
        """Say in one sentence what pydantic found; text that is not JSON at all gives `RequestMalformed`."""
        found = error.errors(include_url=False)
        if found[0]["type"] == "json_invalid":
            return RequestMalformed(f"Expected JSON, but the body cannot be read: {found[0]['msg']}.")
        parts = [f"{'.'.join(map(str, one['loc'])) or 'the body'}: {one['msg']}" for one in found]
        return cls(f"Expected a valid request, but {'; '.join(parts)}.")


class HostRefused(RequestMalformed):
    """The Host header names a host that this server does not answer to."""

    code = "host_refused"

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            f"Expected a request to this machine, but it was addressed to '{host}'. "
            "If that is a name of this machine, have the server listen on it: `runner serve --host NAME`."
        )


class OriginRefused(RequestMalformed):
    """A page of another site tried to write."""

    code = "origin_refused"

    def __init__(self, origin: str) -> None:
        self.origin = origin
        super().__init__(f"Expected a request from this site's own pages or from a program, but it came from {origin}.")


STATUS: tuple[tuple[type[RunnerError], HTTPStatus], ...] = (
    (RequestMalformed, HTTPStatus.BAD_REQUEST),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (EngineError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (RunnerError, HTTPStatus.INTERNAL_SERVER_ERROR),
)

TITLES = {
    HTTPStatus.BAD_REQUEST: "That request cannot be understood",
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.CONFLICT: "That does not fit any more",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That is not acceptable",
}


def register(app: Flask) -> None:
    """Have the application show every error the same way."""
    app.register_error_handler(RunnerError, show_runner_error)
    app.register_error_handler(ValidationError, show_validation_error)
    app.register_error_handler(CSRFError, show_stale_page)
    app.register_error_handler(HTTPException, show_http_error)


def status_of(error: RunnerError) -> HTTPStatus:
    """Give the HTTP status that stands for an error of the runner."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def show_runner_error(error: RunnerError) -> Response:
    """Show what the runner refused, in its own words."""
    return show(error.code, str(error), status_of(error), error)


def show_validation_error(error: ValidationError) -> Response:
    """Show what was wrong with the values of a request."""
    return show_runner_error(RequestInvalid.from_validation(error))


def show_stale_page(_error: CSRFError) -> Response:
    """Say that a form came from a page older than the running server, or from elsewhere."""
    message = (
        "Expected a form of this server's current pages, but its token is missing or was issued before a restart. "
        "Nothing was changed. Go back, reload the page and send it again."
    )
    return show("form_expired", message, HTTPStatus.BAD_REQUEST)


def show_http_error(error: HTTPException) -> Response:
    """Show what Flask refused; behind a 500 stands an exception that is logged under the number shown."""
    status = HTTPStatus(error.code or 500)
    if isinstance(error, InternalServerError):
        number = secrets.token_hex(4)
        logger.error("Request %s failed: %s %s", number, request.method, request.path)
        return show("internal_error", f"Something broke. It is in the log as request {number}.", status)
    if status == HTTPStatus.NOT_FOUND:
        message = f"Expected the address of a page, but there is none at {request.path}."
        return show("not_found", message, status)
    return show(status.name.lower(), error.description or status.description, status)


def show(code: str, message: str, status: HTTPStatus, error: RunnerError | None = None) -> Response:
    """Answer with the error: `{"code", "message"}` (and "fields" of a form) to programs, a page to people."""
    if request.path.startswith("/api/") or request.path in ("/events", "/healthz"):
        wrong = {"fields": [asdict(flaw) for flaw in error.flaws]} if isinstance(error, FormInvalid) else {}
        return make_response(jsonify(code=code, message=message, **wrong), status)
    title = TITLES.get(status, status.phrase)
    page = render_template("error.html", title=title, message=message, status=int(status), ways=ways_out(error))
    return make_response(page, status)
