"""Which handler a service task or listener is bound to: the candidates that the diagram offers, and the choice among
them.

Vendor attributes are offered by `dialects/`; the order is the one in `docs/architecture.md`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from runner.bpmn.diagram import Element, Listener, Process, ServiceBinding
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


def listeners_of(process: Process) -> Iterator[tuple[str, Element, Listener]]:
    """Give each listener of a process with the name it is bound under, and the element it belongs to.

    That of a flow is where the flow comes from: "task[take flow 0]"; others are "task[start 0]", "task[end 1]", ….
    """
    places = [(process.find(process.key), process.listeners, "")]
    places += [(element, element.listeners, "") for element in process.elements.values()]
    for flow in process.flows.values():
        if flow.source in process.elements:
            places.append((process.elements[flow.source], flow.listeners, f"{flow.id} "))
    for element, listeners, flow_id in places:
        for index, listener in enumerate(listeners):
            yield f"{element.id}[{listener.event} {flow_id}{index}]", element, listener


def choose(service: ServiceBinding | None, topics: Collection[str]) -> str | None:
    """Give the first candidate that has a handler, or None."""
    return next((topic for topic in (service.candidates if service else ()) if topic in topics), None)


def bind(process: Process, topics: Collection[str]) -> dict[str, str]:
    """Give the topic chosen for each element and listener that needs a handler; those without one are left out."""
    services = [(element.id, element.service) for element in process.elements.values()]
    services += [(name, listener.service) for name, _, listener in listeners_of(process)]
    chosen = {name: choose(service, topics) for name, service in services}
    return {name: topic for name, topic in chosen.items() if topic is not None}


def missing_message(what: str, service: ServiceBinding, topics: Collection[str]) -> str:
    """Say that no candidate has a handler, which were looked for, and which handlers come near; `what` needs one."""
    hints = (near_hint(topic, topics) for topic in service.candidates)
    hint = next((hint for hint in hints if hint), "")
    known = "" if hint else f" Handlers there are: {', '.join(sorted(topics)[:10]) or 'none at all'}."
    return (
        f"Expected a handler for {what}, but none was found for "
        f"{', '.join(repr(topic) for topic in service.candidates)}. "
        f'Write one with @handler("{service.candidates[0]}"), or name it in the diagram.{hint}{known}'
    )
