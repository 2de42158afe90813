"""Says whether this server can do its work: whoever watches it asks `/healthz`."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from runner.commands.definitions import list_definitions
from web.current import current_runtime

api = Blueprint("health", __name__)


@api.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer "ok" after a read from the database; a database that cannot be read is a 500."""
    return {"status": "ok", "processes": len(list_definitions(current_runtime()))}
