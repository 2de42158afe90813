"""Addresses of static files: with a content hash they may be cached for ever, without one they are asked for again."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Give the templates `asset(name)` and set the cache headers of static files."""
    app.add_template_global(asset)
    app.after_request(cache)


def asset(name: str) -> str:
    """Give the address of a static file, changing when its content changes."""
    return url_for("static", filename=name, v=fingerprint(name, (STATIC / name).stat().st_mtime_ns))


@lru_cache(maxsize=256)
def fingerprint(name: str, _changed_at: int) -> str:
    """Give eight hex digits of the file's SHA-256; `_changed_at` makes an edited file be read again."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]


def cache(response: Response) -> Response:
    """Let hashed static files be kept a year, and everything else be checked each time."""
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers.setdefault("Cache-Control", "no-cache")
    return response
