"""How states, times and values are said to people: one place, so that every page says them alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask

from runner.handling import JsonValue
from runner.model import Instance, InstanceState

# Words of BPMN that are written with a hyphen.
HYPHENS = {"sub process": "sub-process", "ad hoc": "ad-hoc", "event based": "event-based"}
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Pill:
    """A state as it is shown: a word, the name of its icon, and the class that colours it."""

    word: str
    icon: str
    tone: str


STATES = {
    InstanceState.ACTIVE: Pill("Active", "dot", "active"),
    InstanceState.SUSPENDED: Pill("Suspended", "pause", "waiting"),
    InstanceState.COMPLETED: Pill("Completed", "check", "done"),
    InstanceState.TERMINATED: Pill("Canceled", "stop", "quiet"),
}
INCIDENT = Pill("Incident", "alert", "failed")
RETRYING = Pill("Retrying", "retry", "retrying")
VISITS = {
    "done": Pill("Completed", "check", "done"),
    "active": Pill("Active", "dot", "active"),
    "waiting": Pill("Waiting", "pause", "waiting"),
    "retrying": RETRYING,
    "failed": INCIDENT,
    "canceled": Pill("Canceled", "stop", "quiet"),
    "error_thrown": Pill("Error thrown", "alert", "retrying"),
}


def register(app: Flask) -> None:
    """Give the templates these words."""
    app.add_template_filter(instance_pill)
    app.add_template_filter(visit_pill)
    app.add_template_filter(state_word)
    app.add_template_filter(moment)
    app.add_template_filter(lasting)
    app.add_template_filter(as_json)
    app.add_template_filter(type_words)
    app.add_template_filter(label_words)


def instance_pill(instance: Instance) -> Pill:
    """Give an instance's state; what needs a person, or is being tried again, is said before that it is active."""
    if instance.state is not InstanceState.ACTIVE:
        return STATES[instance.state]
    if instance.incidents:
        return INCIDENT
    return RETRYING if instance.retrying else STATES[InstanceState.ACTIVE]


def state_word(state: str) -> str:
    """Give the word for an instance's state."""
    return STATES[InstanceState(state)].word


def visit_pill(state: str) -> Pill:
    """Give the state of one visit of an element."""
    return VISITS[state]


def moment(at: datetime) -> str:
    """Give an instant in UTC, to the second: "23 Nov 2026, 14:03:07 UTC"; scripts put it into local time."""
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def lasting(duration: timedelta) -> str:
    """Give a duration in at most two units: "3.2 ms", "1.4 s", "2 min 5 s"."""
    seconds = max(duration.total_seconds(), 0.0)
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    rest = round(seconds)
    parts: list[str] = []
    for size, unit in UNITS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part)


def as_json(value: JsonValue) -> str:
    """Give a value as JSON, indented, with every letter readable."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def type_words(element_type: str) -> str:
    """Give a BPMN tag as words: "serviceTask" becomes "Service task"."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in element_type)
    for said, written in HYPHENS.items():
        words = words.replace(said, written)
    return words[:1].upper() + words[1:]


def label_words(name: str) -> str:
    """Give a variable's name as a label: "current_health" becomes "Current health"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
