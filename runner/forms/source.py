"""One component of a Camunda form while it is read: its attributes as values, and what is wrong noted with its line."""

from __future__ import annotations

from typing import Any

from runner.errors import ExpressionInvalid, Finding
from runner.expressions import Expression, Language, compile_expression
from runner.forms.form import Field, Value
from runner.forms.json_text import JsonObject
from runner.forms.templates import Template
from runner.handling import JsonValue

MAX_PARTS = 20


class Place:
    """The file that is read: what was noticed, how many components it has, and where each field came from."""

    def __init__(self, lines_before: int = 0) -> None:
        self.findings: list[Finding] = []
        self.count = 0
        self.lines: dict[int, tuple[Field, Component]] = {}
        self.lines_before = lines_before

    def refuse(self, code: str, message: str, *, id: str = "", line: int = 1) -> None:
        """Note why the form cannot be used."""
        self.findings.append(Finding("refused", code, message, id, line + self.lines_before, "Camunda Forms"))

    def warn(self, code: str, message: str, *, id: str = "", line: int = 1) -> None:
        """Note what has not the effect that is expected."""
        self.findings.append(Finding("warning", code, message, id, line + self.lines_before, "Camunda Forms"))

    def note(self, code: str, message: str, *, id: str = "", line: int = 1) -> None:
        """Note something harmless."""
        self.findings.append(Finding("note", code, message, id, line + self.lines_before, "Camunda Forms"))


class Component:
    """A component's attributes; those that are malformed are refused and read as if they were not there."""

    def __init__(self, raw: JsonObject, place: Place) -> None:
        self.raw, self._place = raw, place
        self.type = str(raw.get("type") or "")
        self.id = str(raw.get("key") or raw.get("path") or raw.get("id") or self.type)[:80]

    def refuse(self, code: str, message: str) -> None:
        """Note why the form cannot be used."""
        self._place.refuse(code, message, id=self.id, line=self.raw.line)

    def warn(self, code: str, message: str) -> None:
        """Note what has not the effect that is expected."""
        self._place.warn(code, message, id=self.id, line=self.raw.line)

    def note(self, code: str, message: str) -> None:
        """Note something harmless."""
        self._place.note(code, message, id=self.id, line=self.raw.line)

    def inside(self, name: str) -> JsonObject:
        """Give an attribute that is an object; an empty one if there is none."""
        value = self.raw.get(name)
        if value is None or isinstance(value, JsonObject):
            return value or JsonObject()
        self.refuse("attribute_invalid", f"Expected '{name}' to be an object, but it is {value!r:.60}.")
        return JsonObject()

    def key(self, name: str = "key", *, needed: bool = True) -> tuple[str, ...]:
        """Give the path that a key stands for; () if there is none."""
        text = self.raw.get(name)
        if text in (None, "") and not needed:
            return ()
        parts = text.split(".") if isinstance(text, str) else []
        # The form editor wants words; a name with a space in it is kept by other tools, and works.
        if 0 < len(parts) <= MAX_PARTS and all(part.strip() and part.isprintable() for part in parts):
            return tuple(parts)
        self.refuse("key_invalid", f"Expected a {name} of names with dots between them, but it is {text!r:.60}.")
        return ()

    def words(self, name: str, inside: JsonObject | None = None) -> Value:
        """Give a text that may be FEEL ("=…") or hold some ("{{…}}")."""
        text = (self.raw if inside is None else inside).get(name)
        if text is None or text == "":
            return ""
        if not isinstance(text, str):
            self.refuse("attribute_invalid", f"Expected '{name}' to be a text, but it is {text!r:.60}.")
            return ""
        if text.lstrip().startswith("="):
            return self.feel(text, name)
        try:
            return Template(text) if "{{" in text else text
        except ExpressionInvalid as error:
            self.refuse("expression_invalid", f"In '{name}': {str(error).splitlines()[0]}")
            return ""

    def value(self, name: str, inside: JsonObject | None = None) -> Value:
        """Give JSON data, or what FEEL ("=…") makes it."""
        value = (self.raw if inside is None else inside).get(name)
        if isinstance(value, str) and value.lstrip().startswith("="):
            return self.feel(value, name)
        found: JsonValue = value
        return found

    def flag(self, name: str, inside: JsonObject | None = None) -> Value:
        """Give true, false, or the FEEL expression that decides it."""
        value = self.value(name, inside)
        if value is None or isinstance(value, bool) or hasattr(value, "evaluate"):
            return False if value is None else value
        self.refuse("attribute_invalid", f"Expected '{name}' to be true, false or FEEL, but it is {value!r:.60}.")
        return False

    def number(self, name: str, inside: JsonObject | None = None) -> Value:
        """Give a number, a text that is one, or FEEL; None if there is none."""
        value = self.value(name, inside)
        if value is None or value == "" or hasattr(value, "evaluate"):
            return None if value == "" else value
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                return value if not isinstance(value, str) else float(value)
            except ValueError:
                pass
        self.refuse("attribute_invalid", f"Expected '{name}' to be a number or FEEL, but it is {value!r:.60}.")
        return None

    def count(self, name: str, inside: JsonObject | None = None) -> int | None:
        """Give a whole number that is not negative; None if there is none."""
        value: Any = (self.raw if inside is None else inside).get(name)
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000:
            return value
        self.refuse("attribute_invalid", f"Expected '{name}' to be a whole number from 0, but it is {value!r:.60}.")
        return None

    def feel(self, text: str, name: str) -> Value:
        """Compile FEEL, with "=" before it or not; what is none is refused."""
        try:
            return compile_expression(Expression(text.strip().removeprefix("=").strip(), Language.FEEL))
        except ExpressionInvalid as error:
            self.refuse("expression_invalid", f"In '{name}', `{text:.60}`: {str(error).splitlines()[0]}")
            return None
