"""How long a service in this process takes, so that a person can watch the token."""

from __future__ import annotations

import time


def pause(seconds: float) -> None:
    """Sleep, if so wished: even no time at all would hand the interpreter to another thread."""
    if seconds:
        time.sleep(seconds)
