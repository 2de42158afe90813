"""The records of a timer: its text as it is stored, one due time, and what to do with occurrences that were missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer fires: `kind` says how `text` is to be read."""

    kind: Literal["date", "duration", "cycle"]
    text: str


@dataclass(frozen=True, slots=True)
class Due:
    """One planned occurrence: `at` (aware, UTC), and how many follow it: None is endless, 0 means it is the last."""

    at: datetime
    remaining: int | None


class CatchUp(StrEnum):
    """What happens to a cycle's occurrences that were missed, because nothing ran when they were due."""

    ALL = "all"  # each of them fires, one after the other
    ONCE = "once"  # the one that waits fires for all of them
    SKIP = "skip"  # none fires: the cycle goes on with the next one to come
