"""Finds the files that a DMN file imports, each read once, and refuses those that import each other in a circle.

What a file means is read in `reading.py`; where its neighbours lie is said by who reads it (`beside` for folders)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runner.bpmn.xml import load_file, parse
from runner.decisions.source import is_dmn
from runner.errors import DiagramUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.decisions.evaluation import Decisions

MOST_FILES = 50
MOST_WAYS = 500
_MOST_NEIGHBOURS = 500


class Neighbour(NamedTuple):
    """A file that can be imported: what it is called, and its content."""

    source: str
    xml: bytes


# Gives the file of a namespace; the location is what the import says about its place, perhaps "".
Find = Callable[[str, str], Neighbour | None]


class ImportRefused(Exception):
    """An import leads nowhere, in a circle, or too far; the message says which."""


def nothing(namespace: str, location: str) -> Neighbour | None:
    """Find no file."""
    return None


class Imports:
    """The files that one file imports, and those import: each is read once."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._read: dict[str, Decisions] = {}
        self._under_way: list[str] = []

    @contextmanager
    def reading(self, namespace: str) -> Iterator[None]:
        """Remember which file is being read, so that a circle is noticed."""
        self._under_way.append(namespace)
        try:
            yield
        finally:
            self._under_way.pop()

    def read(self, namespace: str, location: str, read: Callable[[Neighbour, Imports], Decisions]) -> Decisions:
        """Give the file of a namespace, read. Raises ImportRefused, or DiagramUnreadable for what is in it."""
        if namespace in self._under_way:
            circle = " -> ".join([*self._under_way[self._under_way.index(namespace) :], namespace])
            raise ImportRefused(f"Expected files that do not import each other in a circle, but: {circle}.")
        if namespace not in self._read:
            if len(self._read) >= MOST_FILES:
                raise ImportRefused(f"Expected at most {MOST_FILES} imported files, but there are more.")
            found = self._find(namespace, location)
            if found is None:
                raise ImportRefused(
                    f"Expected a .dmn file with namespace '{namespace}' beside this one, but there is none. "
                    "Put it into the same folder, or deploy both with one command."
                )
            self._read[namespace] = read(found, self)
        return self._read[namespace]


def beside(path: Path, more: Iterable[Path] = ()) -> Find:
    """Find files in the folder of `path`, where the import says or else by namespace; `more` are looked at, too."""

    def find(namespace: str, location: str) -> Neighbour | None:
        named = [path.parent / Path(location).name] if location else []
        folder = sorted(path.parent.glob("*.dmn"))[:_MOST_NEIGHBOURS]
        for each in (*named, *folder, *(found for found in more if found.suffix.lower() == ".dmn")):
            if each.is_file() and each.resolve() != path.resolve():
                xml = load_file(each)
                if _namespace_of(xml, each.name) == namespace:
                    return Neighbour(each.name, xml)
        return None

    return find


def _namespace_of(xml: bytes, source: str) -> str | None:
    try:
        root = parse(xml, source=source).root
    except DiagramUnreadable:
        return None  # whoever deploys that file learns it
    return root.get("namespace") if is_dmn(root) else None
