"""What comes of a form that is sent: its flaws, or the variables that it sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from runner.clock import Clock
from runner.errors import Flaw, FormInvalid
from runner.forms.filling import Filled, Shown
from runner.forms.form import Kind
from runner.forms.models import judge_model
from runner.forms.rules import judge


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent: `variables` hold nothing if there are flaws."""

    flaws: tuple[Flaw, ...]
    variables: Mapping[str, Any]


def submit(filled: Filled, given: Mapping[str, Any] | None = None, *, clock: Clock) -> Submission:
    """Judge a form by its own rules, or by its model.

    `given` is all that came in: what the form does not ask for becomes variables, too, unless its model forbids it.
    """
    asked = {each.path[0] for each in _all(filled) if each.path}
    more = {name: value for name, value in (given or {}).items() if name not in asked}
    if not filled.whole:
        message = "Expected a form that can be filled in as a whole, but it has too many parts, or they take too long."
        return Submission((Flaw("", "form_too_large", message),), {})
    model = filled.form.model
    if model is None:
        flaws = judge(filled, clock=clock)
        return Submission(flaws, {} if flaws else {**more, **filled.results})
    unread = tuple(flaw for flaw in judge(filled, clock=clock) if flaw.code == "unreadable" and _is_json(filled, flaw))
    if unread:
        return Submission(unread, {})
    strict = model.model_config.get("extra") in ("forbid", "allow")
    flaws, variables = judge_model(model, {**(more if strict else {}), **filled.values})
    return Submission(_placed(flaws, filled), {} if flaws else {**more, **variables})


def accepted(filled: Filled, given: Mapping[str, Any], *, clock: Clock) -> dict[str, Any]:
    """Give the variables that a form sets. Raises FormInvalid, naming each field that is wrong."""
    submission = submit(filled, given, clock=clock)
    if submission.flaws:
        raise FormInvalid(submission.flaws)
    return dict(submission.variables)


def _all(filled: Filled) -> Iterator[Any]:
    fields = list(filled.form.fields)
    while fields:
        field = fields.pop()
        yield field
        if field.kind is Kind.GROUP and not field.path:
            fields += field.parts


def _shown(fields: tuple[Shown, ...]) -> Iterator[Shown]:
    for each in fields:
        yield each
        yield from _shown(each.parts)
        for row in each.rows:
            yield from _shown(row)


def _is_json(filled: Filled, flaw: Flaw) -> bool:
    return any(each.name == flaw.field and each.kind is Kind.JSON for each in _shown(filled.fields))


def _placed(flaws: tuple[Flaw, ...], filled: Filled) -> tuple[Flaw, ...]:
    """Put each flaw to the field that is nearest around its place, with that field's label."""
    labels = {each.name: each.label for each in _shown(filled.fields) if each.name}
    placed = []
    for flaw in flaws:
        place = flaw.field
        while place and place not in labels:
            place = place.rpartition("/")[0]
        placed.append(replace(flaw, field=place or flaw.field, label=labels.get(place, "")))
    return tuple(placed)
