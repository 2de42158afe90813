"""Places in a form's data: paths of keys, said in one text as a JSON Pointer (RFC 6901), and what lies there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.handling import JsonValue


class Missing:
    """There is nothing at a place; null would be something."""


MISSING = Missing()


def pointer(path: Iterable[str | int]) -> str:
    """Give a path as one text: ("items", 0, "a/b") is "/items/0/a~1b"."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def at(place: Any, path: tuple[str, ...]) -> JsonValue | Missing:
    """Give what lies at a path, or MISSING."""
    for name in path:
        if not isinstance(place, Mapping) or name not in place:
            return MISSING
        place = place[name]
    return place  # type: ignore[no-any-return]


def put(place: dict[str, Any], path: tuple[str, ...], value: JsonValue) -> None:
    """Put a value at a path; what lies in the way is replaced."""
    for name in path[:-1]:
        inner = place.get(name)
        if not isinstance(inner, dict):
            inner = place[name] = {}
        place = inner
    place[path[-1]] = value


def merged(below: Any, above: Any) -> Any:
    """Give objects put over each other, on every level; anything else above hides what is below."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{name: merged(below[name], value) if name in below else value for name, value in above.items()}}
