"""One evaluation: what it may still spend, whose clock it reads, what it noticed, and which names are in scope.

All languages compile to closures over a `Scope`. Whoever builds a value pays for its size, so neither time nor memory
of an evaluation can grow without bound."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from runner.clock import Clock
from runner.expressions.faults import LimitReached

MAX_TEXT = 20_000  # characters of an expression
MAX_DEPTH = 60  # nested brackets, calls, … in an expression
MAX_STEPS = 1_000_000  # about half a second
MAX_STRING = 1_000_000  # characters
MAX_LIST = 100_000  # items
MAX_CALLS = 60  # user-defined functions within each other
MAX_WARNINGS = 20
_SCANNED_A_STEP = 256
_CHARACTERS_A_STEP = 16
NO_FACTS: Mapping[str, Any] = {}


class Run:
    """The allowance of one evaluation, whose time `clock` tells, and what is known around it (`Moment.facts`).

    Not shared between threads.
    """

    __slots__ = ("_met", "_notes", "calls", "clock", "facts", "quiet", "steps")

    def __init__(self, clock: Clock, facts: Mapping[str, Any] = NO_FACTS) -> None:
        self.clock, self.facts = clock, facts
        self.steps = MAX_STEPS
        self.calls = 0
        # Above 0 while something is evaluated that asks whether there is anything.
        self.quiet = 0
        # None until needed: most evaluations note nothing, and they are to be cheap.
        self._notes: dict[str, str] | None = None
        self._met: set[Hashable] | None = None

    @property
    def noted(self) -> bool:
        """Tell whether anything was noted."""
        return bool(self._notes)

    @property
    def warnings(self) -> list[str]:
        """Give what was noted, oldest first."""
        return list(self._notes.values()) if self._notes else []

    def take(self, steps: int = 1) -> None:
        """Spend steps. Raises LimitReached when none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise LimitReached(f"Expected an evaluation of at most {MAX_STEPS:,} steps, but it goes on beyond that.")

    def string(self, length: int) -> None:
        """Pay for a string of `length` characters, before it is built if possible."""
        if length > MAX_STRING:
            raise LimitReached(f"Expected a string of at most {MAX_STRING:,} characters, but it has {length:,}.")
        self.take(length // _CHARACTERS_A_STEP)

    def scan(self, length: int) -> None:
        """Pay for reading `length` characters or bytes without building anything."""
        self.take(length // _SCANNED_A_STEP)

    def items(self, count: int) -> None:
        """Pay for a list or context of `count` entries, before it is built if possible."""
        if count > MAX_LIST:
            raise LimitReached(f"Expected a list of at most {MAX_LIST:,} items, but it has {count:,}.")
        self.take(count)

    def null(self, message: str, hint: Callable[[], str] | None = None) -> Any:
        """Give null, and note why there is nothing better; the first few different notes are kept.

        `hint` gives the rest of the message; it is only asked for a note that is kept, because it may be slow.
        """
        if self.quiet:
            return None
        if self._notes is None:
            self._notes = {}
        if len(self._notes) < MAX_WARNINGS and message not in self._notes:
            self._notes[message] = message + (hint() if hint else "")
        return None

    def first(self, thing: Hashable) -> bool:
        """Tell whether `thing` is asked about for the first time in this evaluation."""
        if self._met is None:
            self._met = set()
        new = thing not in self._met
        self._met.add(thing)
        return new


class Scope:
    """Names with their values; what is not here is looked up in `parent`."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, names: Mapping[str, Any], run: Run, parent: Scope | None = None) -> None:
        self.names, self.run, self.parent = names, run, parent

    def find(self, name: str) -> Any:
        """Give the value of a name, None if it cannot be seen from here."""
        frame: Scope | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.parent
        return None

    def known(self) -> set[str]:
        """Give every name that can be seen from here; what begins with NUL is for ourselves."""
        names: set[str] = set()
        frame: Scope | None = self
        while frame is not None:
            names.update(frame.names)
            frame = frame.parent
        return {name for name in names if not name.startswith("\0")}


Closure = Callable[[Scope], Any]
Program = Callable[[Mapping[str, Any], Run], Any]
