"""The one place where a request finds its runtime; from here on it is passed explicitly."""

from __future__ import annotations

from typing import cast

from flask import current_app

from runner.runtime import Runtime

EXTENSION = "runner"


def current_runtime() -> Runtime:
    """Give the runtime that `create_app` was called with."""
    return cast(Runtime, current_app.extensions[EXTENSION])
