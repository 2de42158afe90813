"""Waiting in tests for something that another thread or process does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def until(condition: Callable[[], Result], *, timeout: float = 20.0) -> Result:
    """Give the first true value of `condition`, asking again and again; fails after `timeout` seconds."""
    pause = threading.Event()
    end = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < end, f"{condition} did not come true within {timeout} s"
        pause.wait(0.02)
    return value
