"""What filling in one form may cost: processor time of its expressions, and fields, rows and options in all."""

from __future__ import annotations

import time

from runner.errors import ExpressionFailed

MAX_SECONDS = 1.0
MAX_PARTS = 10_000


class Allowance:
    """The allowance of one filling; `spent` tells that something had to be left out."""

    def __init__(self) -> None:
        self.spent = False
        self._until = time.thread_time() + MAX_SECONDS
        self._parts = MAX_PARTS

    def parts(self, wanted: int) -> int:
        """Give how many of the fields, rows or options that are wanted there may be."""
        allowed = min(wanted, self._parts)
        self._parts -= allowed
        self.spent = self.spent or allowed < wanted
        return allowed

    def check(self) -> None:
        """Raise ExpressionFailed if the expressions have taken too long."""
        if time.thread_time() > self._until:
            self.spent = True
            raise ExpressionFailed(
                f"Expected the expressions of a form to take {MAX_SECONDS:.0f} s, but they take longer."
            )
