"""What protects a browser that has these pages open: response headers, the Host check, and CSRF for forms and API.

Who may do what is not decided here: the server listens on this machine only unless it is told otherwise."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from web.errors import HostRefused, OriginRefused, RequestMalformed

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
WILDCARDS = frozenset({"0.0.0.0", "::"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

csrf = CSRFProtect()


def protect(app: Flask, allowed_hosts: tuple[str, ...]) -> None:
    """Check every request before a view sees it, and put the headers on every answer."""
    app.before_request(host_check(LOCAL_HOSTS | {host.lower().strip("[]") for host in allowed_hosts}))
    app.before_request(check_api_write)
    csrf.init_app(app)
    app.after_request(put_headers)


def exempt_api(*blueprints: Blueprint) -> None:
    """Take JSON blueprints out of the form-token check; `check_api_write` guards them instead."""
    for blueprint in blueprints:
        csrf.exempt(blueprint)


def host_check(allowed: frozenset[str]) -> Callable[[], None]:
    """Make the check against DNS rebinding: a page from elsewhere that renamed itself to our address is refused.

    A server that listens on every address answers to plain addresses, too: without a name nothing can be renamed.
    """
    everywhere = not WILDCARDS.isdisjoint(allowed)

    def check_host() -> None:
        name = hostname(request.host)
        if name not in allowed and not (everywhere and is_address(name)):
            raise HostRefused(name)

    return check_host


def hostname(host: str) -> str:
    """Take the port and the brackets off a Host header; a header that is no host gives an empty text."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Tell whether a host is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_api_write() -> None:
    """Accept a write to the API only as JSON and never from another site's page.

    A foreign page can send a form without asking, but not JSON, and its browser then names its origin.
    """
    if request.method in READING or not request.path.startswith("/api/"):
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise OriginRefused(origin)
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise OriginRefused("another site")
    if request.mimetype != "application/json":
        came = request.mimetype or "none"
        raise RequestMalformed(
            f"Expected Content-Type application/json, but it was {came}. Send the body as JSON ({{}} if it is empty)."
        )


def put_headers(response: Response) -> Response:
    """Put the security headers on an answer."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
