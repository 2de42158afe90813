"""An instance's state as JSON data, and how one delta changes it.

Format 1. Whole state: `next` (the next id), `tokens` {id: [spec name, task state, scope id, internal data?]}, where a
spec is named like its element ("[]" behind it inside a repetition), `scopes` {id: [parent id or null, element id,
variables, owner?]} with 0 the process, `joins` {"element|scope": {flow id: tokens}}; absent if there is nothing:
`undo` {number: [place, element id, handler, inside, variables]} (`engine/undo.py`) and `memory`, what the process
itself remembers.
Delta: the same keys with what is new or changed (a join that became empty is {}; `memory` is whole), `gone`,
`gone_scopes` and `undone` (ids), and `variables` {scope id: {name: value}} for scopes that existed before. What
waits at joins goes with its scope."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

import orjson

from runner.errors import VariablesInvalid

FORMAT = 1
MAX_DEPTH = 100
MAX_INTEGER_DIGITS = 4000
# orjson takes exactly the types that JSON has; it refuses what else there is, and integers above 64 bits.
_EXACT = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
# One encoder: json.dumps would make a new one for each call with these options.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def empty_state() -> dict[str, Any]:
    """Give the state before the first step."""
    return {"next": 1, "tokens": {}, "scopes": {}, "joins": {}}


def fold(state: dict[str, Any], deltas: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Apply deltas, oldest first, to `state` in place and return it."""
    for delta in deltas:
        state["next"] = delta["next"]
        state["tokens"].update(delta.get("tokens", ()))
        state["scopes"].update(delta.get("scopes", ()))
        for scope_id, variables in delta.get("variables", {}).items():
            state["scopes"][scope_id][2].update(variables)
        for token_id in delta.get("gone", ()):
            state["tokens"].pop(str(token_id), None)
        for scope_id in delta.get("gone_scopes", ()):
            state["scopes"].pop(str(scope_id), None)
        if "gone_scopes" in delta and state["joins"]:
            gone = {str(id) for id in delta["gone_scopes"]}
            for key in [key for key in state["joins"] if key.rpartition("|")[2] in gone]:
                del state["joins"][key]
        if "undo" in delta or "undone" in delta or "memory" in delta:
            _fold_what_is_rare(state, delta)
        for key, counts in delta.get("joins", {}).items():
            if counts:
                state["joins"][key] = counts
            else:
                state["joins"].pop(key, None)
    return state


def _fold_what_is_rare(state: dict[str, Any], delta: dict[str, Any]) -> None:
    if "memory" in delta:
        state["memory"] = delta["memory"]
    entries = state.setdefault("undo", {})
    entries.update(delta.get("undo", ()))
    for number in delta.get("undone", ()):
        entries.pop(str(number), None)
    if not entries:
        del state["undo"]


def root_variables(state: dict[str, Any]) -> dict[str, Any]:
    """Give the process's own variables of a whole state."""
    scope = state["scopes"].get("0")
    return dict(scope[2]) if scope else {}


def dumps(value: Any) -> str:
    """Encode JSON data (no NaN: `checked_variables`) as compact text."""
    try:
        return orjson.dumps(value, option=_EXACT).decode()
    except orjson.JSONEncodeError:
        return _encode(value)


def checked_variables(variables: object) -> dict[str, Any]:
    """Give a private copy of variables that is sure to survive storing.

    Raises VariablesInvalid, naming the variable, for anything that JSON text cannot carry exactly: other types, NaN
    and infinities, lone surrogates, keys that are not text, integers above 4,000 digits, nesting deeper than 100.
    """
    quick = plain_copy(variables)
    if quick is not None:
        return quick
    if not isinstance(variables, dict):
        raise VariablesInvalid(
            f"Expected variables as a JSON object of names and values, but got {type(variables).__name__}."
        )
    return {_checked_name(name): _checked(value, str(name), 1) for name, value in variables.items()}


def plain_copy(variables: object) -> dict[str, Any] | None:
    """Give a private copy of variables that are ordinary JSON data, ten times as fast as walking over them.

    None says nothing about them but that they must be looked at one by one.
    """
    if type(variables) is not dict:
        return None
    try:
        text = orjson.dumps(variables, option=_EXACT)
        copy: dict[str, Any] = orjson.loads(text)
        # NaN has become null, an Enum its value, a UUID text: what has changed its value on the way is not equal.
        same = copy == variables
    except (orjson.JSONEncodeError, orjson.JSONDecodeError, RecursionError):
        return None
    return copy if same and (_opened(text) <= MAX_DEPTH or _depth(copy) <= MAX_DEPTH) else None


def _opened(text: bytes) -> int:
    """Count what may open a list or an object: never fewer than are nested."""
    return text.count(b"[") + text.count(b"{")


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        inner = [item for each in level for item in (each.values() if type(each) is dict else each)]
        level = [item for item in inner if type(item) is dict or type(item) is list]
    return depth


def _checked_name(name: object) -> str:
    if not isinstance(name, str):
        raise VariablesInvalid(f"Expected variable names that are text, but got {name!r}.")
    return _checked_text(name, name)


def _checked(value: Any, path: str, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if depth > MAX_DEPTH:
        raise VariablesInvalid(
            f"Expected variable '{_short(path)}' to nest {MAX_DEPTH} deep at most, but it is deeper."
        )
    if isinstance(value, str):
        # Not str(value), which an Enum that mixes in text answers with its own name.
        return _checked_text(str.__str__(value), path)
    if isinstance(value, int):
        return _checked_integer(int(value), path)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise VariablesInvalid(f"Expected variable '{path}' to be a JSON number, but it is {value}.")
        return float(value)
    if isinstance(value, list | tuple):
        return [_checked(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {_checked_name(key): _checked(item, f"{path}.{key}", depth + 1) for key, item in value.items()}
    raise VariablesInvalid(
        f"Expected variable '{path}' to be JSON data (text, number, true/false, null, list, object), "
        f"but it is a {type(value).__name__}."
    )


def _checked_text(text: str, path: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise VariablesInvalid(
            f"Expected variable {path!a} to be Unicode text, but character {error.start + 1} is half a surrogate pair."
        ) from error
    return text


def _checked_integer(number: int, path: str) -> int:
    if number.bit_length() > MAX_INTEGER_DIGITS * 3.3:
        raise VariablesInvalid(f"Expected variable '{path}' to have {MAX_INTEGER_DIGITS} digits at most.")
    return number


def _short(path: str) -> str:
    return path if len(path) <= 60 else path[:57] + "…"
