"""Which handler a service task is bound to: the candidates that the diagram itself offers, and the choice among them.

Vendor attributes are offered by `dialects/`; the order is the one in `docs/architecture.md`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from runner.bpmn.diagram import Element, Process
from runner.errors import near_hint

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Of the combining marks only these are accents: in Japanese or Hindi the others make another letter.
_ACCENT = re.compile("[\u0300-\u036f]")
_NOT_WORD = re.compile(r"[\W_]+")


def snake_case(name: str) -> str:
    """Give a name as a topic: "Throw Pokéball" -> "throw_pokeball", "ChargeCard" -> "charge_card"."""
    letters = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name))
    plain = unicodedata.normalize("NFC", _ACCENT.sub("", letters))
    return _NOT_WORD.sub("_", plain.casefold()).strip("_")


def distinct(topics: Iterable[str]) -> tuple[str, ...]:
    """Give the topics without empty and repeated ones, in their order."""
    return tuple(dict.fromkeys(topic.strip() for topic in topics if topic.strip()))


def choose(element: Element, topics: Collection[str]) -> str | None:
    """Give the first candidate of an element that has a handler, or None."""
    candidates = element.service.candidates if element.service else ()
    return next((topic for topic in candidates if topic in topics), None)


def bind(process: Process, topics: Collection[str]) -> dict[str, str]:
    """Give the topic chosen for each element that needs a handler; those without a handler are left out."""
    chosen = {element.id: choose(element, topics) for element in process.elements.values()}
    return {element_id: topic for element_id, topic in chosen.items() if topic is not None}


def missing_message(element: Element, topics: Collection[str]) -> str:
    """Say that no candidate has a handler, which were looked for, and which handlers come near."""
    candidates = element.service.candidates if element.service else ()
    hints = (near_hint(topic, topics) for topic in candidates)
    hint = next((hint for hint in hints if hint), "")
    known = "" if hint else f" Handlers there are: {', '.join(sorted(topics)[:10]) or 'none at all'}."
    wanted = candidates[0] if candidates else element.id
    return (
        f"Expected a handler for '{element.name or element.id}', but none was found for "
        f"{', '.join(repr(topic) for topic in candidates)}. "
        f'Write one with @handler("{wanted}"), or name it in the diagram.{hint}{known}'
    )
