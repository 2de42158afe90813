"""Built-ins that turn values into other kinds: string, number, to json, from json (DMN 1.3 §10.3.4.1; Camunda docs)."""

from __future__ import annotations

import json
import random
import re
import uuid
from decimal import Decimal
from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.feel.numbers import CONTEXT
from runner.expressions.feel.printing import text_of
from runner.expressions.feel.values import NoValue
from runner.expressions.json_texts import read_json
from runner.expressions.json_values import to_json
from runner.expressions.run import Run

LIBRARY = Library()
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,6})?", re.ASCII)
_GROUPING = (None, " ", ",", ".")
_POINT = (None, ",", ".")


@LIBRARY.define("string(from: any)")
def _string(run: Run, value: Any) -> str | None:
    return None if value is None else text_of(value, run)


@LIBRARY.define("number(from: number)")
def _same_number(run: Run, value: Any) -> Any:
    return value


@LIBRARY.define("number(from: string, grouping separator?: string, decimal separator?: string)")
def _number(run: Run, text: str, grouping: str | None = None, point: str | None = None) -> int | Decimal:
    if grouping not in _GROUPING or point not in _POINT or (grouping is not None and grouping == point):
        raise NoValue(f"Expected separators out of ' ', ',' and '.', but they are '{grouping}' and '{point}'.")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not _NUMBER.fullmatch(plain):
        raise NoValue(f"Expected a text that is a number, but it is '{text[:40]}'.")
    value = CONTEXT.create_decimal(plain)
    return int(value) if plain.lstrip("+-").isdigit() and value.adjusted() < CONTEXT.prec else value


@LIBRARY.define("to json(value: any)")
def _to_json(run: Run, value: Any) -> str:
    text = json.dumps(to_json(value, run), ensure_ascii=False, separators=(",", ":"))
    run.string(len(text))
    return text


@LIBRARY.define("from json(value: string)")
def _from_json(run: Run, text: str) -> Any:
    return read_json(text, run)


@LIBRARY.define("uuid()")
def _uuid(run: Run) -> str:
    return str(uuid.uuid4())


@LIBRARY.define("random number()")
def _random(run: Run) -> Decimal:
    return CONTEXT.create_decimal(repr(random.random()))
