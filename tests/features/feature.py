"""A feature: one BPMN element, or one kind of event at one place, as a small diagram with what becomes of it beside.

`<name>.bpmn` has the process, whose key is the name. `<name>.json` says which row of the verdict table it `covers`,
what it `says`, how it `starts` (`with` variables; `at` an event that happens), what the world outside `does`, step by
step, and how it `ends`: the state, the variables, the history, what was sent. A step is one of

    ["answer", element, variables]          the job of a service task is answered
    ["throw", element, code, variables]     its handler throws a BPMN error
    ["complete", element, variables]        a person completes a user task
    ["happen", element, variables, index?]  what is waited for happens: a timer, a message, a signal
    ["return", element, variables]          the called process has come back with these variables
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from runner.bpmn.diagram import Process
from runner.bpmn.read import read_file

FOLDER = Path(__file__).parent
Ending = dict[str, Any]


@dataclass(frozen=True)
class Feature:
    """What the two files of a feature say."""

    name: str
    covers: str
    says: str
    starts: dict[str, Any]
    does: list[list[Any]]
    ends: Ending

    @property
    def path(self) -> Path:
        """Give the diagram's place."""
        return FOLDER / f"{self.name}.bpmn"

    def process(self) -> Process:
        """Give the process's record."""
        return next(each for each in read_file(self.path).processes if each.key == self.name)


class Stage(Protocol):
    """Where a feature is run."""

    def start(self, at: str | None, variables: dict[str, Any]) -> None:
        """Begin, with variables, or because an event has happened that brings them."""

    def act(self, verb: str, element: str, *rest: Any) -> None:
        """Do one step."""

    def ending(self) -> Ending:
        """Tell how it ended, as a feature's file does."""


def read_features() -> list[Feature]:
    """Give all features of this folder."""
    found = sorted(FOLDER.glob("*.json"))
    return [Feature(path.stem, **json.loads(path.read_text("utf-8"))) for path in found]


def begin(feature: Feature, stage: Stage) -> None:
    """Start a feature."""
    stage.start(feature.starts.get("at"), feature.starts["with"])


def told(happenings: Iterable[tuple[str, str]]) -> list[str]:
    """Give a history in a feature's words; flows that are taken go without saying."""
    return [f"{element} {event}" for element, event in happenings if event != "taken"]
