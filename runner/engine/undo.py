"""What compensation would do: for each completed activity that has an undoing, an entry with the variables of that
moment (BPMN 2.0.2 §10.7, §13.5.5).

An entry belongs to the scope its activity ran in. When a sub-process completes, its own entry stands for those inside
it. A compensation that was thrown takes the entries it will run over, in the order in which it will run them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any, NamedTuple

from runner.engine.scopes import Scope


class Entry(NamedTuple):
    """What to do to undo one completion: run `handler` (an element's id, or an event sub-process's), or None: undo what
    lies in scope `inside`, newest first. `place` is the scope id, or minus the token that is running it.
    """

    place: int
    element_id: str
    handler: str | None
    inside: int | None
    variables: dict[str, Any]


class UndoLog:
    """The entries of an instance by number, as rows of its state; a higher number completed later.

    `changed`: there is something to write.
    """

    __slots__ = ("_entries", "_gone", "_new", "_places", "changed")

    def __init__(self) -> None:
        self._entries: dict[int, list[Any]] = {}
        self._places: dict[int, dict[int, None]] = {}
        self._new: dict[int, list[Any]] = {}
        self._gone: list[int] = []
        self.changed = False

    def __bool__(self) -> bool:
        return bool(self._entries)

    def add(self, number: int, row: list[Any]) -> None:
        """Note a completion under a new number; `row` has the parts of an Entry and is not changed afterwards."""
        self._entries[number] = self._new[number] = row
        self._places.setdefault(row[0], {})[number] = None
        self.changed = True

    def holds(self, place: int) -> bool:
        """Tell whether something in a scope can be undone."""
        return place in self._places

    def plan(self, token_id: int, place: int, new_id: Callable[[], int], *, element_id: str | None = None) -> None:
        """Give a token all entries of a scope (or those of one activity) to run over, newest first."""
        for entry in list(self._taken(place, element_id)):
            self.add(new_id(), [-token_id, *entry[1:]])

    def take_all(self, scopes: Container[int], tokens: Container[int]) -> list[Entry]:
        """Take out everything there is to undo, newest first, to be given to one token.

        First what compensations that are interrupted for it, those of `tokens`, had not undone yet, in their order;
        then what has completed in `scopes`, those in which tokens still move, and what lies inside that.
        """
        alive = [place for place in self._places if place in scopes]
        interrupted = [place for place in self._places if place < 0 and -place in tokens]
        planned = sorted(number for place in interrupted for number in self._places[place])
        found = [self._remove(number) for number in planned]
        for number in sorted((number for place in alive for number in self._places[place]), reverse=True):
            if number in self._entries:
                found += self._opened(self._remove(number))
        return found

    def next(self, token_id: int) -> tuple[int, Entry] | None:
        """Give the number and entry that a token is to undo next."""
        number = next(iter(self._places.get(-token_id, ())), None)
        return None if number is None else (number, Entry(*self._entries[number]))

    def done(self, number: int) -> Entry:
        """Take an entry out: it has been undone."""
        return self._remove(number)

    def forget(self, scope: Scope) -> None:
        """Drop what happened in a scope that was interrupted: it cannot be undone from outside."""
        for place in (scope.id, *(inner.id for inner in scope.inner.values())):
            for _ in self._taken(place, None):
                pass

    def forget_plan(self, token_id: int) -> None:
        """Drop what a token still meant to undo: it was interrupted."""
        for number in list(self._places.get(-token_id, ())):
            self._remove(number)

    def _taken(self, place: int, element_id: str | None) -> Iterator[Entry]:
        for number in reversed(list(self._places.get(place, ()))):
            if element_id is not None and Entry(*self._entries[number]).element_id != element_id:
                continue
            yield from self._opened(self._remove(number))

    def _opened(self, entry: Entry) -> Iterator[Entry]:
        """Give an entry, or in place of one without a handler those that it stands for."""
        if entry.handler is not None:
            yield entry
        elif entry.inside is not None:
            yield from self._taken(entry.inside, None)

    def _remove(self, number: int) -> Entry:
        entry = Entry(*self._entries.pop(number))
        self.changed = True
        numbers = self._places[entry.place]
        del numbers[number]
        if not numbers:
            del self._places[entry.place]
        if self._new.pop(number, None) is None:
            self._gone.append(number)
        return entry

    # -- state ----------------------------------------------------------------------------------------------------

    def rows(self) -> dict[str, list[Any]]:
        """Give all entries as JSON data, by number."""
        return {str(number): row for number, row in self._entries.items()}

    def write(self, delta: dict[str, Any]) -> None:
        """Put what changed into a delta and begin anew."""
        self.changed = False
        if self._new:
            delta["undo"], self._new = {str(number): row for number, row in self._new.items()}, {}
        if self._gone:
            delta["undone"], self._gone = self._gone, []

    def load(self, rows: dict[str, list[Any]]) -> None:
        """Take over stored entries."""
        for number, row in sorted(rows.items(), key=lambda item: int(item[0])):
            self.add(int(number), row)
        self._new.clear()
        self.changed = False
