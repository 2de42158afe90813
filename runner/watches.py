"""Who waits, in this process, for instances to move on: here, or in another process that tells of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from runner.model import InstanceState
from runner.store.notices import Notice

REMEMBERED = 4096


class Watch:
    """One thread's wait. `state` is where an instance stood when it moved last in this process, None before that."""

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

    def look(self) -> None:
        """Wake whoever waits: something may have happened in another process."""
        self._moved.set()


class Watches:
    """All watches; announcing a step of an instance that nobody watches costs next to nothing.

    `begin` is called when somebody begins to watch, so that other processes are heard from then on.
    """

    def __init__(self, begin: Callable[[], None] = lambda: None) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        # Of the instances that moved here of late: whoever waits for one need not ask the database.
        self._latest: OrderedDict[str, InstanceState | None] = OrderedDict()
        # By instance; None has those that watch all instances.
        self._watches: dict[str | None, list[Watch]] = {}

    @contextmanager
    def watch(self, instance_id: str | None, *, every_step: bool) -> Iterator[Watch]:
        """Give a watch that is told of the steps of an instance, or (None) of all."""
        self._begin()
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

    def last_known(self, instance_id: str) -> InstanceState | None:
        """Give where an instance without incidents stood when it moved last in this process: then an end is final, but
        what was active may have moved on elsewhere. None means that only the database knows."""
        return self._latest.get(instance_id)

    def announce(self, instance_id: str, state: str, *, incidents: int) -> None:
        """Tell that a step of an instance is durable."""
        self._latest[instance_id] = None if incidents else InstanceState(state)
        if len(self._latest) > REMEMBERED:
            self._latest.popitem(last=False)
        for place in (instance_id, None):
            if place in self._watches:
                with self._lock:
                    for watch in self._watches.get(place, ()):
                        watch.notice(InstanceState(state), incidents=incidents)

    def hear(self, notice: Notice) -> None:
        """Wake those who wait for instances that moved on in another process."""
        with self._lock:
            for place, watches in self._watches.items():
                if place is None or notice.instances is None or place in notice.instances:
                    for watch in watches:
                        watch.look()
