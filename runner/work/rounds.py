"""Threads that go round for as long as the process lives: one round that fails must not be the last."""

from __future__ import annotations

import logging
from collections.abc import Callable

from runner.errors import RunnerError

log = logging.getLogger(__name__)
TROUBLE_SECONDS = 1.0


def one_round(do: Callable[[], float], *, action: str) -> float:
    """Do one round and give the seconds to pause after it; if it fails, say so under `action` and pause a second."""
    try:
        return do()
    except RunnerError as error:
        log.error("%s", error, extra={"action": action})
    except Exception:  # a defect of ours: without this its thread would end, and nobody would do its work any more
        log.exception("an unforeseen error", extra={"action": action})
    return TROUBLE_SECONDS
