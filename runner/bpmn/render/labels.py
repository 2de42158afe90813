"""Texts in and beside shapes: measuring without a font, breaking into lines, shrinking to fit, placing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from runner.bpmn.render.canvas import Canvas, Writing
from runner.bpmn.render.geometry import Bounds, Point

FONT = "Arial, 'Liberation Sans', 'DejaVu Sans', Helvetica, sans-serif"
NAME_SIZE = 12.0
LABEL_SIZE = 11.0
_SMALLEST = 9.0
LEADING = 1.2
_LONGEST = 600  # characters: nobody reads more in a picture, and breaking lines must not take long

_NARROW, _WIDE = frozenset("iljtfr.,:;'|!()[]I /-"), frozenset("mwMW@%")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Label:
    """A text and how it is set. `fixed_height` says that the box is a border: the text shrinks to stay inside."""

    text: str
    colour: str
    size: float = NAME_SIZE
    top: bool = False
    left: bool = False
    halo: str = ""
    fixed_height: bool = False


def text_width(text: str, size: float) -> float:
    """Estimate the width in pixels: what a browser needs in Arial, and a little more for wider fonts."""
    return size * 1.06 * sum(map(_advance, text))


def break_lines(text: str, width: float, *, size: float) -> list[str]:
    """Break a text at white space into lines of at most `width`; a word that is too long is broken, too."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return [line for paragraph in text.splitlines() for line in _fill(paragraph, width, size=size)]


def write_inside(canvas: Canvas, label: Label, *, box: Bounds) -> None:
    """Write a text in a box: from its top or around its middle, centered or from its left side."""
    if not label.text.strip():
        return
    lines, size = (
        _fitting(label, box)
        if label.fixed_height
        else (break_lines(label.text, box.width, size=label.size), label.size)
    )
    leading = size * LEADING
    top = box.y if label.top else box.center[1] - leading * len(lines) / 2
    x, anchor = (box.x, "start") if label.left else (box.center[0], "middle")
    writing = Writing((x, top + size * 0.95), size, leading, label.colour, anchor, halo=label.halo)
    canvas.text(lines, writing)
    width = max((text_width(line, size) for line in lines), default=0.0)
    canvas.extent.include(Bounds(x if label.left else x - width / 2, top, width, leading * len(lines)))


def write_upwards(canvas: Canvas, label: Label, *, box: Bounds) -> None:
    """Write a text turned a quarter to the left, along a tall box: the title of a pool or a lane."""
    if not label.text.strip():
        return
    # Turned, the box lies down: its height is the room for a line, its width the room for lines below each other.
    lying = Bounds(0, 0, box.height, box.width)
    lines, size = _fitting(label, lying)
    x, y = box.center
    leading = size * LEADING
    first = y - leading * len(lines) / 2 + size * 0.95
    canvas.text(lines, Writing((x, first), size, leading, label.colour, turned=(x, y)))


def write_beside(canvas: Canvas, label: Label, *, place: Bounds | None, below: Bounds) -> None:
    """Write the name of an event, a gateway or a data object: where the diagram has put it, else below the shape."""
    small = replace(label, size=LABEL_SIZE, top=True)
    if place is None or place.width <= 1:
        middle = below.center[0]
        write_inside(canvas, small, box=Bounds(middle - 50, below.bottom + 4, 100, LABEL_SIZE))
        return
    # The modeler measured with its own font: leave room for its one line, or else for the longest word, keep the middle
    # where it was, and let a text above the shape grow upwards.
    pieces = [label.text] if place.height < 2 * LABEL_SIZE else label.text.split()
    longest = max((text_width(piece, LABEL_SIZE) for piece in pieces), default=0.0)
    width = max(place.width, min(longest, 120) + 4)
    height = len(break_lines(label.text, width, size=LABEL_SIZE)) * LABEL_SIZE * LEADING
    top = min(place.y, place.bottom - height) if place.bottom <= below.y else place.y
    write_inside(canvas, small, box=Bounds(place.center[0] - width / 2, top, width, place.height))


def write_at(canvas: Canvas, label: Label, *, middle: Point) -> None:
    """Write a short text around a point: the name of a flow for which the diagram has no place."""
    small = replace(label, size=LABEL_SIZE)
    write_inside(canvas, small, box=Bounds(middle[0] - 45, middle[1], 90, 0))


def text_height(label: Label, width: float) -> float:
    """Give how high the text is when it is broken into lines of that width."""
    return len(break_lines(label.text, width, size=label.size)) * label.size * LEADING


def fits(label: Label, box: Bounds) -> bool:
    """Tell whether the text has room in the box without being made smaller and without tearing a word apart."""
    height = text_height(label, box.width)
    words = (word for word in label.text.split() if not any(map(_is_ideograph, word)))
    return height <= box.height and all(text_width(word, label.size) <= box.width for word in words)


def shortened(text: str, length: int) -> str:
    """Give the text on one line, cut to `length` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _fitting(label: Label, box: Bounds) -> tuple[list[str], float]:
    while label.size > _SMALLEST and not fits(label, box):
        label = replace(label, size=label.size - 1)
    size = label.size
    lines = break_lines(label.text, box.width, size=size)
    room = max(1, int(box.height // (size * LEADING)))
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1].rstrip("…") + "…"]
    return lines, size


def _fill(paragraph: str, width: float, *, size: float) -> Iterator[str]:
    line, taken = "", 0.0
    space = text_width(" ", size)
    for word in paragraph.split():
        for part in _parts(word, width, size=size):
            needed = text_width(part, size)
            if line and (taken + space + needed > width or part is not word):
                yield line
                line, taken = part, needed
            else:
                line, taken = (f"{line} {part}", taken + space + needed) if line else (part, needed)
    yield line


def _parts(word: str, width: float, *, size: float) -> Iterator[str]:
    if text_width(word, size) <= width:
        yield word
        return
    part, taken = "", 0.0
    for cluster in _clusters(word):
        needed = text_width(cluster, size)
        if part and taken + needed > width:
            yield part
            part, taken = "", 0.0
        part, taken = part + cluster, taken + needed
    yield part


def _clusters(word: str) -> Iterator[str]:
    """Split into what must stay together: a letter with its accents, the parts of a joined emoji."""
    cluster = ""
    for character in word:
        if cluster and not (_advance(character) == 0 or cluster.endswith(_JOINER)):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _is_ideograph(character: str) -> bool:
    """Tell a character after which a line may end without a space, as in Chinese and Japanese."""
    return not character.isascii() and unicodedata.east_asian_width(character) in "WF"


def _advance(character: str) -> float:
    """Give the width of a character in parts of the font size."""
    if character.isascii():
        return 0.31 if character in _NARROW else 0.87 if character in _WIDE else 0.69 if character.isupper() else 0.56
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    return 1.0 if _is_ideograph(character) else 0.66 if character.isupper() else 0.58
