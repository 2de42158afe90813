"""Who waits, in this process, for an instance to move on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Watches:
    """Threads that wait for one instance each; announcing to an instance that nobody watches costs next to nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[str, list[tuple[threading.Event, bool]]] = {}

    @contextmanager
    def watch(self, instance_id: str, *, every_step: bool) -> Iterator[threading.Event]:
        """Give an event that is set when the instance moves: at every step, or only when it ends or needs a person."""
        entry = (threading.Event(), every_step)
        with self._lock:
            self._events.setdefault(instance_id, []).append(entry)
        try:
            yield entry[0]
        finally:
            with self._lock:
                self._events[instance_id].remove(entry)
                if not self._events[instance_id]:
                    del self._events[instance_id]

    def announce(self, instance_id: str, *, settled: bool) -> None:
        """Tell that a step is durable; `settled` if the instance has ended or has an incident."""
        if instance_id in self._events:
            with self._lock:
                for event, every_step in self._events.get(instance_id, ()):
                    if every_step or settled:
                        event.set()
