"""The colours of a picture, and the only door for colours that come from a file.

"light" and "dark" write plain colours, for a picture on its own. "auto" writes CSS variables with the light colours
behind them: a page sets `--bpmn-ink`, `--bpmn-paper`, `--bpmn-soft`, `--bpmn-shade` and, for each status,
`--bpmn-<status>` and `--bpmn-<status>-paper`; it needs neither a style attribute nor a style element, so a strict CSP
lets it pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

STATUSES = ("done", "active", "retrying", "failed", "waiting")

_LIGHT = {
    "ink": "#24292f",
    "paper": "#ffffff",
    "soft": "#57606a",
    "shade": "#d8dee4",
    "done": "#1a7f37",
    "done-paper": "#dafbe1",
    "active": "#0a58ca",
    "active-paper": "#ddf0ff",
    "retrying": "#8a5a00",
    "retrying-paper": "#fff4d6",
    "failed": "#b3261e",
    "failed-paper": "#ffebe9",
    "waiting": "#6639ba",
    "waiting-paper": "#f3ecff",
}
_DARK = {
    "ink": "#c9d1d9",
    "paper": "#161b22",
    "soft": "#9ba7b4",
    "shade": "#3d444d",
    "done": "#56d364",
    "done-paper": "#10331c",
    "active": "#79b8ff",
    "active-paper": "#0b2b50",
    "retrying": "#e3b341",
    "retrying-paper": "#3a2d06",
    "failed": "#ff8f86",
    "failed-paper": "#4b1113",
    "waiting": "#c4a7ff",
    "waiting-paper": "#2b1d4f",
}
_AUTO = {name: f"var(--bpmn-{name}, {value})" for name, value in _LIGHT.items()}
_PALETTES: Mapping[str, Mapping[str, str]] = {"auto": _AUTO, "light": _LIGHT, "dark": _DARK}

_COLOUR = re.compile(
    r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|[a-zA-Z]{3,20}|rgb\(\d{1,3}, ?\d{1,3}, ?\d{1,3}\)"
)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, by role. `backdrop` is empty where the page behind shows through."""

    ink: str
    paper: str
    soft: str
    shade: str
    backdrop: str
    colours: Mapping[str, str]

    def line(self, status: str) -> str:
        """Give the colour of borders, flows and badges in `status`."""
        return self.colours[status]

    def fill(self, status: str) -> str:
        """Give the colour inside an element in `status`."""
        return self.colours[f"{status}-paper"]


def palette(theme: str) -> Palette:
    """Give the colours of "auto", "light" or "dark". Raises ValueError for another name."""
    colours = _PALETTES.get(theme)
    if colours is None:
        raise ValueError(f"Expected a theme out of {', '.join(_PALETTES)}, but got {theme!r}.")
    backdrop = "" if theme == "auto" else colours["paper"]
    return Palette(colours["ink"], colours["paper"], colours["soft"], colours["shade"], backdrop, colours)


def safe_colour(*candidates: str | None) -> str:
    """Give the first text that is nothing but a colour, or an empty text: the rest is dropped."""
    return next((text for text in candidates if text and _COLOUR.fullmatch(text)), "")


# The ink on a colour that the author of the diagram chose must not turn pale with the theme.
FIXED_INK = _LIGHT["ink"]
_PALE = "#ffffff"
_LEAST_CONTRAST = 3.0


def legible_on(fill: str, ink: str) -> str:
    """Give the ink, or if it can hardly be seen on that colour (WCAG contrast below 3) black or white, what is better.

    A colour that is a name is taken as the author wrote it.
    """
    ground, line = _luminance(fill), _luminance(ink)
    if ground is None or line is None or _contrast(ground, line) >= _LEAST_CONTRAST:
        return ink
    return _PALE if ground < 0.4 else FIXED_INK


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: str) -> float | None:
    """Give the relative luminance from 0 (black) to 1 (WCAG 2.1); None for a colour that is not given in figures."""
    figures = [int(each) for each in re.findall(r"\d+", colour)] if colour.startswith("rgb") else []
    if colour.startswith("#"):
        digits = colour[1:] if len(colour) > 5 else "".join(2 * digit for digit in colour[1:])
        figures = [int(digits[at : at + 2], 16) for at in (0, 2, 4)]
    if len(figures) != 3:
        return None
    parts = (min(each, 255) / 255 for each in figures)
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
