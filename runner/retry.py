"""When a failed attempt is tried again. Pure: an attempt number and an error in, a delay or None out.

Camunda 7 writes the rule as `failedJobRetryTimeCycle` (docs: User Guide > The Job Executor > Failed Jobs), Camunda 8 as
`zeebe:taskDefinition retries` with a `retryBackoff` header (docs: Job workers); both become a `RetryRule` here."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What a diagram says about retries; None leaves that part to the handler's policy.

    `max_attempts` counts all attempts, the first included. `intervals` are the pauses after attempt 1, 2, …; the last
    one repeats.
    """

    max_attempts: int | None = None
    intervals: tuple[timedelta, ...] | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait after attempt n, and when to give up.

    Waits `initial * factor ** (n - 1)`, at most `cap`, spread by `jitter` (0.1 = up to 10 % longer). With `intervals`
    these are used instead, the last one repeating. `max_attempts` None never gives up. `non_retryable` names exception
    classes (by class name, as they are stored) that are not worth a second attempt.
    """

    initial: timedelta = timedelta(seconds=1)
    factor: float = 2.0
    cap: timedelta = timedelta(seconds=100)
    max_attempts: int | None = None
    jitter: float = 0.0
    intervals: tuple[timedelta, ...] = ()
    non_retryable: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.max_attempts is not None and self.max_attempts < 1:
            raise ValueError(f"Expected max_attempts of at least 1 or None, but got {self.max_attempts}.")
        if self.initial < timedelta(0) or self.cap < timedelta(0) or self.factor < 1 or self.jitter < 0:
            raise ValueError("Expected initial, cap and jitter of at least 0 and factor of at least 1.")

    def overridden_by(self, rule: RetryRule | None) -> RetryPolicy:
        """Give this policy with what the diagram says put in its place."""
        if rule is None:
            return self
        return replace(
            self,
            max_attempts=self.max_attempts if rule.max_attempts is None else rule.max_attempts,
            intervals=self.intervals if rule.intervals is None else rule.intervals,
        )

    def delay(self, attempt: int, error: str, spread: Callable[[], float] = random.random) -> timedelta | None:
        """Give the pause after failed attempt `attempt` (1, 2, …) that ended with exception class `error`.

        None means: give up. `spread` gives the jitter's random number in [0, 1).
        """
        if error in self.non_retryable or (self.max_attempts is not None and attempt >= self.max_attempts):
            return None
        return self._pause(attempt) * (1 + self.jitter * spread())

    def _pause(self, attempt: int) -> timedelta:
        if self.intervals:
            return self.intervals[min(attempt, len(self.intervals)) - 1]
        if not self.initial or self.factor == 1:
            return min(self.cap, self.initial)
        # Asked of logarithms: the pause itself would overflow from attempt 48 on, and retries may go on for ever.
        if self.initial >= self.cap or attempt - 1 >= math.log(self.cap / self.initial, self.factor):
            return self.cap
        return self.initial * self.factor ** (attempt - 1)
