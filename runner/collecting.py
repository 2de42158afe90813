"""How often Python looks for garbage in a process that does nothing but run a runner.

Left as it is, a fifth of such a process's time goes into looking again and again at what was loaded for good. For a
program that has a runner inside it this is not decided here: the setting belongs to the whole process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# New objects after which the youngest are looked at; Python's own 700 are fewer than one group of commands makes.
YOUNG = 20_000


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for garbage seldom, and never again among what is loaded by now; all is as it was afterwards."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
