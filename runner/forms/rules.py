"""Whether a filled form is acceptable: one flaw for each field that is not, in words and with a stable code.

With a model, pydantic judges (`models.py`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import re2

from runner.clock import Clock
from runner.errors import Flaw
from runner.forms.filling import MAX_ROWS, Filled, Shown
from runner.forms.form import SEVERAL, TIMES, Kind, Unread, key_of
from runner.forms.times import read

# The address as the HTML standard has it (§4.10.5.1.5), a domain being asked for.
_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63}){0,8}"
)
_PHONE = re.compile(r"(?:\+|00)[1-9](?:[ ().-]{0,2}[0-9]){4,14}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_SHOWN = 60

Sentence = tuple[str, str]


def judge(filled: Filled, *, clock: Clock) -> tuple[Flaw, ...]:
    """Give what is wrong with the values of the fields that are shown, in their order."""
    return tuple(_flaws(filled.fields, clock))


def _flaws(fields: tuple[Shown, ...], clock: Clock) -> Iterator[Flaw]:
    for shown in fields:
        found = _flaw(shown, clock)
        if found is not None:
            yield Flaw(shown.name, found[0], found[1], shown.label)
        yield from _flaws(shown.parts, clock)
        for row in shown.rows:
            yield from _flaws(row, clock)


def _flaw(shown: Shown, clock: Clock) -> Sentence | None:
    value, kind = shown.value, shown.kind
    if shown.meddled:
        return "readonly", f"Expected {_label(shown)} to stay {_quoted(value)}: it cannot be changed here."
    if isinstance(value, Unread):
        return "unreadable", value.problem
    if shown.locked or kind not in _CHECKS:
        return None
    if _is_left(value, kind):
        return _missing(shown) if shown.rules.required else None
    if kind in TIMES:
        return _time(shown, clock)
    return _CHECKS[kind](shown)


def _is_left(value: Any, kind: Kind) -> bool:
    """Tell whether a value stands for nothing filled in; as JSON, an empty list is something."""
    if kind is Kind.JSON:
        return value is None
    return value is None or value in ("", [], {}) or (kind is Kind.CHECKBOX and value is False)


def _missing(shown: Shown) -> Sentence:
    if shown.kind is Kind.CHECKBOX:
        return "required", f"Expected {_label(shown)} to be ticked, but it is not."
    what = "at least one choice for" if shown.kind in SEVERAL else "a value for"
    return "required", f"Expected {what} {_label(shown)}, but it is empty."


# -- by kind --------------------------------------------------------------------------------------------------------


def _text(shown: Shown) -> Sentence | None:
    value, rules = shown.value, shown.rules
    if not isinstance(value, str):
        return "wrong_type", f"Expected a text, but got {_quoted(value)}."
    low, high = _count(rules.min_length), _count(rules.max_length)
    if low is not None and len(value) < low:
        return "too_short", f"Expected at least {_characters(low)}, but got {len(value)}."
    if high is not None and len(value) > high:
        return "too_long", f"Expected at most {_characters(high)}, but got {len(value)}."
    if rules.pattern is not None and re2.search(rules.pattern, value) is None:
        words = rules.pattern_words or f"Expected a text that matches {rules.pattern}, but got {_quoted(value)}."
        return "pattern", words
    if rules.format == "email" and _EMAIL.fullmatch(value) is None:
        return "email", f"Expected an e-mail address such as ash@example.org, but got {_quoted(value)}."
    if rules.format == "phone" and _PHONE.fullmatch(value) is None:
        return "phone", f"Expected a phone number with its country, such as +49 30 123456, but got {_quoted(value)}."
    return None


def number_in(value: Any) -> Decimal | None:
    """Give the number that a value is, or that a text says; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _number(shown: Shown) -> Sentence | None:
    value, rules = shown.value, shown.rules
    number = number_in(value) if rules.as_text or not isinstance(value, str) else None
    if number is None:
        return "wrong_type", f"Expected a {'whole ' if rules.whole else ''}number, but got {_quoted(value)}."
    if rules.whole and number != number.to_integral_value():
        return "not_whole", f"Expected a whole number, but got {_quoted(value)}."
    digits = -int(number.normalize().as_tuple().exponent)
    if rules.digits is not None and digits > rules.digits:
        allowed = (
            f"at most {rules.digits} digit{'s' * (rules.digits != 1)} after the point"
            if rules.digits
            else "a whole number"
        )
        return "too_precise", f"Expected {allowed}, but got {_quoted(value)}."
    low, high = number_in(rules.minimum), number_in(rules.maximum)
    if low is not None and number < low:
        return "too_small", f"Expected at least {low}, but got {_quoted(value)}."
    if high is not None and number > high:
        return "too_large", f"Expected at most {high}, but got {_quoted(value)}."
    return None


def _checkbox(shown: Shown) -> Sentence | None:
    return None if shown.value is True else ("wrong_type", f"Expected true or false, but got {_quoted(shown.value)}.")


def _choice(shown: Shown) -> Sentence | None:
    return _among(shown, [shown.value])


def _choices(shown: Shown) -> Sentence | None:
    if not isinstance(shown.value, list):
        return "wrong_type", f"Expected a list of choices, but got {_quoted(shown.value)}."
    return _among(shown, shown.value)


def _among(shown: Shown, values: list[Any]) -> Sentence | None:
    known = {key_of(option.value) for option in shown.options}
    wrong = next((value for value in values if key_of(value) not in known), None)
    if wrong is None:
        return None
    offered = ", ".join(option.text for option in shown.options[:10]) or "nothing: there are no options"
    return "not_an_option", f"Expected one of {offered}, but got {_quoted(wrong)}."


def _time(shown: Shown, clock: Clock) -> Sentence | None:
    words = {Kind.DATE: "date such as 2026-11-24", Kind.TIME: "time such as 14:30"}
    moment = read(shown.value, shown.kind)
    if moment is None:
        expected = words.get(shown.kind, "date and time such as 2026-11-24T14:30")
        return "wrong_type", f"Expected a {expected}, but got {_quoted(shown.value)}."
    if shown.rules.no_past and not isinstance(moment, time) and _day(moment) < clock.now().astimezone(UTC).date():
        return "in_the_past", f"Expected no day in the past, but got {_quoted(shown.value)}."
    for limit, code, words_of in (
        (shown.rules.minimum, "too_small", "before"),
        (shown.rules.maximum, "too_large", "after"),
    ):
        bound = read(limit, shown.kind)
        if bound is not None and (str(moment) < str(bound) if code == "too_small" else str(moment) > str(bound)):
            return code, f"Expected a time not {words_of} {limit}, but got {_quoted(shown.value)}."
    return None


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _rows(shown: Shown) -> Sentence | None:
    if not isinstance(shown.value, list):
        return "wrong_type", f"Expected a list, but got {_quoted(shown.value)}."
    if len(shown.value) > MAX_ROWS:
        return "too_many", f"Expected at most {MAX_ROWS} entries, but got {len(shown.value)}."
    if not all(isinstance(item, dict) for item in shown.value):
        return "wrong_type", "Expected a list of objects, but an entry is none."
    return None


def _group(shown: Shown) -> Sentence | None:
    return "wrong_type", f"Expected an object, but got {_quoted(shown.value)}."


def _anything(_shown: Shown) -> Sentence | None:
    return None


_CHECKS: dict[Kind, Callable[[Shown], Sentence | None]] = {
    Kind.TEXT: _text,
    Kind.TEXTAREA: _text,
    Kind.NUMBER: _number,
    Kind.CHECKBOX: _checkbox,
    Kind.RADIO: _choice,
    Kind.SELECT: _choice,
    Kind.CHECKLIST: _choices,
    Kind.TAGLIST: _choices,
    Kind.JSON: _anything,
    Kind.LINES: _anything,
    Kind.ROWS: _rows,
    Kind.GROUP: _group,
    **dict.fromkeys(TIMES, _anything),
}


def _count(limit: Any) -> int | None:
    number = number_in(limit)
    return None if number is None else int(number)


def _characters(count: int) -> str:
    return f"{count} character{'s' * (count != 1)}"


def _label(shown: Shown) -> str:
    return f"'{shown.label or shown.name}'"


def _quoted(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else key_of(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
