"""Finds deployed decisions for business rule tasks and evaluates them; compiled files are kept in memory.

Deploying is `commands/decisions.py`'s, evaluating `runner/decisions/`'s."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from runner.clock import Clock
from runner.decisions import DecisionResult, Decisions, read_decisions
from runner.decisions.imports import Neighbour
from runner.errors import DecisionNotFound
from runner.expressions.moment import moment_of
from runner.store import decisions
from runner.store.database import Database

_KEPT_FILES = 100


class Deciding:
    """The decisions of a database, by content hash of their file: the files used last stay compiled."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._files: OrderedDict[str, Decisions] = OrderedDict()
        self._lock = threading.Lock()

    def decide(
        self, caller: int, id: str, binding: str, version: str | None, variables: Mapping[str, Any]
    ) -> DecisionResult:
        """Evaluate the version of a decision that a task of process definition `caller` means.

        Raises DecisionNotFound or DecisionFailed.
        """
        with self._database.read() as connection:
            content_hash = decisions.called_hash(connection, id, binding, version, caller=caller)
            if content_hash is None:
                wanted = f" in version {version}" if version is not None else ""
                raise DecisionNotFound(id, decisions.keys(connection), wanted)
        clock = moment_of(variables) or self._clock
        return self.file(content_hash).evaluate(id, variables, clock=clock, plain=True)

    def file(self, content_hash: str) -> Decisions:
        """Give a deployed file compiled. Raises DecisionNotFound if there is none of this content."""
        with self._lock:
            found = self._files.pop(content_hash, None)
            if found is None:
                found = self._compiled(content_hash)
            self._files[content_hash] = found
            if len(self._files) > _KEPT_FILES:
                self._files.popitem(last=False)
        return found

    def _compiled(self, content_hash: str) -> Decisions:
        with self._database.read() as connection:
            content = decisions.read_file(connection, content_hash)
            if content is None:
                raise DecisionNotFound(f"of file {content_hash[:12]}")
            imported: dict[str, str] = {}
            waiting = [content_hash]
            while waiting:
                found = decisions.read_imports(connection, waiting.pop())
                waiting += [each for namespace, each in found.items() if namespace not in imported]
                imported = {**found, **imported}
            files = {namespace: decisions.read_file(connection, each) for namespace, each in imported.items()}

        def find(namespace: str, location: str) -> Neighbour | None:
            file = files.get(namespace)
            return None if file is None else Neighbour(*file)

        return read_decisions(content[1], content[0], find)
