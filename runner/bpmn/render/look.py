"""How one element is painted: the diagram's own colours, and over them the colours of its state."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runner.bpmn.render.canvas import Paint
from runner.bpmn.render.themes import FIXED_INK, STATUSES, Palette, legible_on
from runner.model import Mark


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of one shape: its border, its inside, signs and a text in it, a text beside it, the paper
    behind all, and a fill for what comes second."""

    line: str
    fill: str
    sign: str
    text: str
    label: str
    paper: str
    width: float
    shade: str

    @property
    def border(self) -> Paint:
        """Give the paint of the outline, filled."""
        return Paint(self.line, self.fill, self.width)

    @property
    def outline(self) -> Paint:
        """Give the paint of a thin line without a filling."""
        return Paint(self.line)


def look_of(stroke: str, fill: str, *, mark: Mark | None, palette: Palette) -> Look:
    """Choose the colours; a state wins over what the diagram says."""
    ink, paper = palette.ink, palette.paper
    if mark is not None:
        line = palette.line(mark.status)
        return Look(line, palette.fill(mark.status), line, ink, ink, paper, 2.5, palette.shade)
    line = stroke or (FIXED_INK if fill else ink)
    inside = legible_on(fill, line) if fill else line
    return Look(line, fill or paper, inside, inside if fill else ink, ink, paper, 1.5, palette.shade)


def check_marks(marks: dict[str, Mark]) -> None:
    """Raise ValueError for a status that no theme has a colour for."""
    for identifier, mark in marks.items():
        if mark.status not in STATUSES:
            raise ValueError(
                f"Expected the mark of '{identifier}' to be one of {', '.join(STATUSES)}, but got {mark.status!r}."
            )


def described(name: str, element_type: str, *, mark: Mark | None) -> str:
    """Say an element in words: name, type, state, tokens and note."""
    words = f"{name} ({_in_words(element_type)})" if name else _in_words(element_type)
    if mark is None:
        return words
    tokens = f", {mark.tokens} token{'s' if mark.tokens != 1 else ''}" if mark.tokens else ""
    return f"{words}: {mark.status}{tokens}{', ' + mark.note if mark.note else ''}"


def _in_words(element_type: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", element_type).lower() or "element"
