"""A form filled in: what a person sees now, and the values it stands for, from variables, defaults and what was typed.

The only place that evaluates a form's expressions; whether the values are acceptable is `rules.py`'s to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runner.clock import Clock
from runner.errors import ExpressionFailed
from runner.expressions import CompiledExpression
from runner.forms.allowance import Allowance
from runner.forms.form import CHOICES, SEVERAL, TIMES, Field, Form, Kind, Option, Rules, Value, key_of
from runner.forms.paths import MISSING, Missing, at, merged, pointer, put
from runner.forms.templates import Template, in_words
from runner.forms.times import kept
from runner.handling import JsonValue

MAX_OPTIONS = 1_000
MAX_ROWS = 200

Names = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as it is shown now: texts and rules evaluated, hidden ones left out. `name` is the JSON Pointer to its
    value; `meddled` says that a value was given that may not be changed; `in_row` that it belongs to an item of a list.
    """

    field: Field
    name: str
    label: str
    description: str
    value: JsonValue
    rules: Rules
    readonly: bool = False
    disabled: bool = False
    meddled: bool = False
    options: tuple[Option, ...] = ()
    content: JsonValue = None
    columns: tuple[Option, ...] = ()
    before: str = ""
    after: str = ""
    parts: tuple[Shown, ...] = ()
    rows: tuple[tuple[Shown, ...], ...] = ()
    in_row: bool = False

    @property
    def kind(self) -> Kind:
        """Give what it is to a person."""
        return self.field.kind

    @property
    def locked(self) -> bool:
        """Tell whether its value stays as it is."""
        return self.readonly or self.disabled


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it stands. `values` are those of the fields that are shown, `variables` were there before;
    `problems` are expressions that have no value. Not `whole`: it is too large or too slow, and something is left out.
    """

    form: Form
    fields: tuple[Shown, ...]
    values: Mapping[str, JsonValue]
    variables: Mapping[str, JsonValue]
    problems: tuple[str, ...] = ()
    whole: bool = True

    @property
    def results(self) -> dict[str, JsonValue]:
        """Give the variables that the form sets; what else an object of them held stays in it."""
        return {name: merged(self.variables.get(name), value) for name, value in self.values.items()}


def fill(
    form: Form, variables: Mapping[str, JsonValue], given: Mapping[str, Any] | None = None, *, clock: Clock
) -> Filled:
    """Fill a form: a field has what was `given` for it, else the variable of its name, else its default.

    `clock` is what now() and today() read. What cannot be evaluated is null and named in `problems`.
    """
    filling = _Filling(clock)
    typed = given or {}
    data = filling.data(form.fields, variables, typed, merged(variables, typed))
    shown, values = filling.show(form.fields, data, typed, _Level(merged(variables, data)))
    whole = not filling.allowance.spent
    return Filled(form, shown, values, variables, tuple(filling.problems), whole)


@dataclass(frozen=True, slots=True)
class _Level:
    """Where in the form we are: the names that expressions see, and the path to the data around."""

    names: Names
    path: tuple[str | int, ...] = ()
    rows: tuple[int, ...] = ()

    def inside(self, name: tuple[str, ...], data: Any) -> _Level:
        return _Level(_seeing(self.names, data), (*self.path, *name), self.rows)

    def row(self, name: tuple[str, ...], number: int, item: Any) -> _Level:
        rows = (*self.rows, number + 1)
        names = {**_seeing(self.names, item), "this": item, "parent": dict(self.names), "i": list(rows)}
        return _Level(names, (*self.path, *name, number), rows)


def _seeing(names: Names, data: Any) -> dict[str, Any]:
    return {**names, **data} if isinstance(data, Mapping) else dict(names)


class _Filling:
    """One filling; `problems` has each one once, in order."""

    def __init__(self, clock: Clock) -> None:
        self.problems: dict[str, None] = {}
        self.allowance = Allowance()
        self._clock = clock

    # -- the data of all fields, shown or not ---------------------------------------------------------------------

    def data(self, fields: Sequence[Field], known: Any, given: Any, names: Names) -> dict[str, Any]:
        """Give the values of fields in the data around them, `known` before and `given` now."""
        found: dict[str, Any] = {}
        for each in fields:
            seen = merged(names, found)
            if each.kind is Kind.GROUP:
                inner = self.data(each.parts, *_at_both(each, known, given), _seeing(seen, at(seen, each.path)))
                if inner and each.path:
                    put(found, each.path, merged(_or_empty(at(found, each.path)), inner))
                found = found if each.path else merged(found, inner)
            elif each.kind is Kind.ROWS:
                put(found, each.path, self._rows(each, known, given, seen))
            elif each.path:
                value = self._own(each, known, given, seen)
                if not isinstance(value, Missing):
                    put(found, each.path, value)
        return found

    def _rows(self, rows: Field, known: Any, given: Any, names: Names) -> Any:
        sent, before = at(given, rows.path), at(known, rows.path)
        if not isinstance(sent, list | Missing | None):
            return sent
        items = sent if isinstance(sent, list) else before if isinstance(before, list) else [{}] * rows.first_rows
        filled = []
        for item in items[: self.allowance.parts(len(items) * (1 + len(rows.parts))) // (1 + len(rows.parts))]:
            own, typed = ({}, item) if isinstance(sent, list) else (item, {})
            row = self.data(rows.parts, own, typed, {**_seeing(names, item), "this": item, "parent": dict(names)})
            filled.append(merged(item, row) if isinstance(item, Mapping) else item)
        return filled

    def _own(self, each: Field, known: Any, given: Any, names: Names) -> JsonValue | Missing:
        if each.kind is Kind.COMPUTED:
            return self.value(each.content, names)
        sent, before = at(given, each.path), at(known, each.path)
        locked = self.truth(each.readonly, names) or self.truth(each.disabled, names)
        value: JsonValue | Missing
        if not isinstance(sent, Missing) and not (locked and not isinstance(before, Missing)):
            value = sent
        elif not isinstance(before, Missing) and before is not None:
            value = before
        else:
            default = self.value(each.default, names)
            value = before if default is None else default
        return value if isinstance(value, Missing) else self._proper(each, value, names)

    def _proper(self, each: Field, value: JsonValue, names: Names) -> JsonValue:
        """Give a value as the field keeps it: an option for its text, a time with its zone."""
        if each.kind in CHOICES:
            options = self.options(each.options, names)
            if each.kind in SEVERAL:
                return [_chosen(item, options) for item in value] if isinstance(value, list) else value
            return _chosen(value, options)
        if each.rules.as_text and isinstance(value, int | float) and not isinstance(value, bool):
            return key_of(value)
        return kept(value, each.kind, each.rules.zone) if each.kind in TIMES else value

    # -- what is shown --------------------------------------------------------------------------------------------

    def show(
        self, fields: Sequence[Field], data: Any, given: Any, level: _Level
    ) -> tuple[tuple[Shown, ...], dict[str, Any]]:
        """Give the fields that are not hidden, and their values."""
        shown: list[Shown] = []
        values: dict[str, Any] = {}
        for each in fields:
            if self.truth(each.hidden, level.names):
                continue
            if each.kind is Kind.GROUP:
                made, inner = self._group(each, data, given, level)
                if each.path and (inner or each.empty == {}):
                    put(values, each.path, merged(_or_empty(at(values, each.path)), inner))
                values = values if each.path else merged(values, inner)
            else:
                made, value = self._field(each, data, given, level)
                if each.path and not isinstance(value, Missing) and not (value is None and each.left_out):
                    put(values, each.path, value)
            shown.append(made)
        return tuple(shown), values

    def _group(self, each: Field, data: Any, given: Any, level: _Level) -> tuple[Shown, dict[str, Any]]:
        sent = at(given, each.path) if each.path else MISSING
        if not isinstance(sent, Mapping | Missing | None):
            return replace(self._base(each, level), value=sent), {}
        own, typed = _at_both(each, data, given)
        parts, values = self.show(each.parts, own, typed, level.inside(each.path, own) if each.path else level)
        return replace(self._base(each, level), parts=parts), values

    def _field(self, each: Field, data: Any, given: Any, level: _Level) -> tuple[Shown, JsonValue | Missing]:
        value = at(data, each.path) if each.path else MISSING
        base = self._base(each, level)
        if each.kind is Kind.ROWS and isinstance(value, list):
            return self._shown_rows(base, value, given, level)
        sent = at(given, each.path) if each.path else MISSING
        changed = not isinstance(sent, Missing) and not _same(self._proper(each, sent, level.names), value)
        meddled = base.locked and not base.in_row and changed
        return replace(base, value=None if isinstance(value, Missing) else value, meddled=meddled), value

    def _shown_rows(self, base: Shown, items: list[Any], given: Any, level: _Level) -> tuple[Shown, JsonValue]:
        path, sent = base.field.path, at(given, base.field.path)
        rows, values = [], []
        for number, item in enumerate(items[:MAX_ROWS]):
            typed = sent[number] if isinstance(sent, list) and number < len(sent) else {}
            row, inner = self.show(base.field.parts, item, typed, level.row(path, number, item))
            rows.append(row)
            values.append(inner if isinstance(item, Mapping) else item)
        # What is beyond the limit is not shown; the rule about it says so.
        value = values if len(items) <= MAX_ROWS else items
        return replace(base, value=value, rows=tuple(rows)), value

    def _base(self, each: Field, level: _Level) -> Shown:
        names = level.names
        rules = each.rules
        return Shown(
            field=each,
            name=pointer((*level.path, *each.path)) if each.path else "",
            label=self.words(each.label, names),
            description=self.words(each.description, names),
            value=None,
            rules=replace(
                rules,
                required=self.truth(rules.required, names),
                min_length=self.value(rules.min_length, names),
                max_length=self.value(rules.max_length, names),
                minimum=self.value(rules.minimum, names),
                maximum=self.value(rules.maximum, names),
            ),
            readonly=self.truth(each.readonly, names),
            disabled=self.truth(each.disabled, names),
            options=self.options(each.options, names),
            content=None if each.kind is Kind.COMPUTED else self.value(each.content, names),
            columns=self.options(each.columns, names),
            before=self.words(each.before, names),
            after=self.words(each.after, names),
            in_row=bool(level.rows),
        )

    # -- single values --------------------------------------------------------------------------------------------

    def value(self, value: Value, names: Names) -> JsonValue:
        """Evaluate what may be an expression."""
        if not isinstance(value, CompiledExpression | Template):
            return value
        try:
            self.allowance.check()
            if isinstance(value, Template):
                return value.evaluate(names, clock=self._clock, check=self.allowance.check)
            found: JsonValue = value.evaluate(names, clock=self._clock)
        except ExpressionFailed as error:
            self.problems[str(error).splitlines()[0]] = None
            return None
        return found

    def truth(self, value: Value, names: Names) -> bool:
        """Evaluate a condition: only true is true."""
        return self.value(value, names) is True

    def words(self, value: Value, names: Names) -> str:
        """Evaluate a text."""
        return in_words(self.value(value, names))

    def options(self, value: Value, names: Names) -> tuple[Option, ...]:
        """Evaluate a list of options: texts, or objects with label and value (a table's columns: key)."""
        found = self.value(value, names)
        if not isinstance(found, list):
            return ()
        return tuple(_option(each) for each in found[: self.allowance.parts(min(len(found), MAX_OPTIONS))])


def _option(item: JsonValue) -> Option:
    if not isinstance(item, dict):
        return Option(item, key_of(item))
    value = item.get("value", item.get("key", item.get("label")))
    label = item.get("label")
    return Option(value, key_of(value) if label in (None, "") else in_words(label))


def _chosen(value: JsonValue, options: tuple[Option, ...]) -> JsonValue:
    if any(_same(value, option.value) for option in options):
        return value
    return next((option.value for option in options if option.text == value), value)


def _same(left: Any, right: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return (type(left) is type(right) and left == right) or (_is_number(left) and _is_number(right) and left == right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _at_both(group: Field, known: Any, given: Any) -> tuple[Any, Any]:
    return (_or_empty(at(known, group.path)), _or_empty(at(given, group.path))) if group.path else (known, given)


def _or_empty(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {}
