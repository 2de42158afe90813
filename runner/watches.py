"""Who waits, in this process, for an instance to move on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from runner.model import InstanceState


class Watch:
    """One thread's wait for one instance. `state` is where the instance stood when it moved last, None before that."""

    def __init__(self, *, every_step: bool) -> None:
        self.state: InstanceState | None = None
        self._every_step = every_step
        self._moved = threading.Event()

    def wait(self, seconds: float) -> None:
        """Block until the instance moves (at every step, or when it ends or needs a person), at most so long."""
        self._moved.wait(seconds)
        self._moved.clear()

    def notice(self, state: InstanceState, *, incidents: int) -> None:
        """Take in that a step is durable."""
        self.state = state
        if self._every_step or incidents or state is not InstanceState.ACTIVE:
            self._moved.set()


class Watches:
    """All watches; announcing a step of an instance that nobody watches costs next to nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watches: dict[str, list[Watch]] = {}

    @contextmanager
    def watch(self, instance_id: str, *, every_step: bool) -> Iterator[Watch]:
        """Give a watch that is told of the instance's steps in this process."""
        watch = Watch(every_step=every_step)
        with self._lock:
            self._watches.setdefault(instance_id, []).append(watch)
        try:
            yield watch
        finally:
            with self._lock:
                self._watches[instance_id].remove(watch)
                if not self._watches[instance_id]:
                    del self._watches[instance_id]

    def announce(self, instance_id: str, state: str, *, incidents: int) -> None:
        """Tell that a step of an instance is durable."""
        if instance_id in self._watches:
            with self._lock:
                for watch in self._watches.get(instance_id, ()):
                    watch.notice(InstanceState(state), incidents=incidents)
