"""How a complaint of pydantic is told to a person: one sentence instead of a listing."""

from __future__ import annotations

from pydantic import ValidationError


def first_complaint(error: ValidationError) -> str:
    """Say where the first fault lies, what is wrong with it and what stood there, at most 80 characters of it."""
    first = error.errors(include_url=False, include_context=False)[0]
    complaint = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    place = ".".join(str(part) for part in first["loc"])
    if not place:
        return f"{complaint}."
    came = repr(first["input"])
    return f"{place}: {complaint} (got {came if len(came) <= 80 else f'{came[:79]}…'})."
