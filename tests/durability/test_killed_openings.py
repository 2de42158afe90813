"""A process that is killed while it makes the tables of a new database leaves nothing half done."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

from durability.lives import KILLED, Midwife
from durability.statements import witnessed

from runner import Runner
from runner.settings import Settings


@dataclass(frozen=True)
class Opening:
    """A process that opens a database, and kills itself after a statement with these words."""

    url: str
    words: str | None = None

    def live(self) -> None:
        """Open and close."""
        with witnessed(self), Runner(self.url, [], settings=Settings(), work=False):
            pass

    def before(self, sql: str, rows: int) -> None:
        """Let a statement be run."""

    def after(self, sql: str, rows: int) -> None:
        """See that it was run, perhaps for good."""
        if self.words is not None and self.words in sql:
            os.kill(os.getpid(), signal.SIGKILL)


def test_the_next_process_opens_what_a_killed_one_began(verified_url: str, attendant: Midwife) -> None:
    for words in ("CREATE TABLE instances", "CREATE TABLE alembic_version", "INSERT INTO alembic_version"):
        assert attendant.attend(Opening(verified_url, words)) == [KILLED], words
    assert attendant.attend(Opening(verified_url)) == [0]
