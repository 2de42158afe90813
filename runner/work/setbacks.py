"""What failed for a reason that nobody foresaw, and is left alone for a while: it must not keep others waiting, nor be
lost."""

from __future__ import annotations

import time
from collections.abc import Sequence

PAUSE_SECONDS = 10.0


class Setbacks:
    """The numbers of errands that failed lately. Used by one thread."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def note(self, ids: Sequence[int], errors: Sequence[Exception | None]) -> dict[int, Exception]:
        """Take in how errands ended, and give those that failed."""
        failed = {id: error for id, error in zip(ids, errors, strict=True) if error is not None}
        self._until |= dict.fromkeys(failed, time.monotonic() + PAUSE_SECONDS)
        return failed

    def without(self, ids: Sequence[int]) -> list[int]:
        """Give the errands that may be done now."""
        now = time.monotonic()
        self._until = {id: until for id, until in self._until.items() if until > now}
        return [id for id in ids if id not in self._until]
