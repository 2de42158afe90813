"""The event stream: tells open pages that an instance changed, so that they fetch it. It carries hints, no state.

One thread asks the store while somebody listens. A lost hint costs a page nothing but time, because pages ask by
themselves when the stream fails."""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Iterable, Iterator

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from runner.commands.definitions import last_deployment
from runner.commands.instances import Change, changes, last_change
from runner.errors import RunnerError
from runner.runtime import Runtime
from web.errors import RequestMalformed

logger = logging.getLogger(__name__)

EXTENSION = "runner_feed"
# The store is asked when a step is announced, and at least so often; in a rush not more often than the pause allows.
INTERVAL, PAUSE = 0.25, 0.05
HEARTBEAT = 15.0
# How many numbers two group commits at the same time may give away.
OVERLAP = 512
# Streams end by themselves, so that a thread never serves a browser that is long gone; the browser reconnects.
BEATS = 40
# The server has 64 threads: these many may be held by streams, the others answer pages.
MOST = 48
BACKLOG = 256
# What concerns no single instance: every page looks whether it has changed.
LOOK = "data: {}\n\n"

stream = Blueprint("live", __name__)


class Listener:
    """What one stream has still to send."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[str | None] = queue.Queue(BACKLOG)
        self._lost = threading.Event()

    def hear(self, message: str | None) -> None:
        """Take a message to send, None to end. One who does not keep up loses it, and is told to look everywhere."""
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self._lost.set()

    def messages(self) -> Iterator[str]:
        """Give the messages as they come and a sign of life in between, until the end."""
        yield "retry: 2000\n\n"
        beats = 0
        while beats < BEATS:
            try:
                message = self._waiting.get(timeout=HEARTBEAT)
            except queue.Empty:
                beats += 1
                message = ": hb\n\n"
            if message is None:
                return
            yield message
            if self._lost.is_set() and self._waiting.empty():
                self._lost.clear()
                yield LOOK


class Changes:
    """The changes of the store since a cursor, each told once.

    On PostgreSQL a step has its number before it is committed, so that one with a lower number may appear after one
    with a higher: there the last numbers are looked through again.
    """

    def __init__(self, runtime: Runtime, cursor: int) -> None:
        self._runtime, self._cursor = runtime, cursor
        self._overlap = OVERLAP if runtime.database.numbers_before_commit else 0
        self._told = {each.id for each in changes(runtime, cursor - self._overlap)} if self._overlap else set()
        self._shelf = last_deployment(runtime)

    def new(self) -> tuple[Change, ...]:
        """Give what has not been given yet. Raises RunnerError."""
        seen = changes(self._runtime, self._cursor - self._overlap)
        found = tuple(each for each in seen if each.id not in self._told)
        self._cursor = max((self._cursor, *(each.id for each in found)))
        self._told = {each.id for each in seen if each.id > self._cursor - self._overlap}
        return found

    def deployed(self) -> bool:
        """Say whether a diagram was deployed, or refused, since the last look. Raises RunnerError."""
        before, self._shelf = self._shelf, last_deployment(self._runtime)
        return self._shelf != before


class Feed:
    """Copies what changes, in the store and in the folder of processes, to every listener; its thread lives while there
    is one."""

    def __init__(self, runtime: Runtime, stopping: threading.Event) -> None:
        self._runtime = runtime
        self._stopping = stopping
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._thread: threading.Thread | None = None

    def listen(self, after: int | None) -> Listener | None:
        """Add a listener to what changes from now on, or since cursor `after`; None if there are too many."""
        missed = changes(self._runtime, after) if after is not None else ()
        cursor = last_change(self._runtime)
        with self._lock:
            if len(self._listeners) >= MOST or self._stopping.is_set():
                return None
            listener = Listener()
            tell((listener,), missed)
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=(cursor,), name="web-feed", daemon=True)
                self._thread.start()
        return listener

    def forget(self, listener: Listener) -> None:
        """Stop telling a listener."""
        with self._lock:
            self._listeners.discard(listener)

    def _run(self, cursor: int) -> None:
        with self._runtime.watches.watch(None, every_step=True) as moved:
            news = Changes(self._runtime, cursor)
            while not self._stopping.wait(PAUSE):
                moved.wait(INTERVAL)
                found, deployed = self._ask(news)
                with self._lock:
                    if not self._listeners:
                        self._thread = None
                        return
                    tell(self._listeners, found, deployed=deployed)
        with self._lock:
            for listener in self._listeners:
                listener.hear(None)

    @staticmethod
    def _ask(news: Changes) -> tuple[tuple[Change, ...], bool]:
        try:
            return news.new(), news.deployed()
        except RunnerError as error:
            # The database may be back at the next turn; until then pages show what they have.
            logger.warning("The event stream cannot read the changes: %s", error)
            return (), False


def tell(listeners: Iterable[Listener], found: Iterable[Change], *, deployed: bool = False) -> None:
    """Send every change to every listener. Pages take a hint twice without harm, so cursors may overlap."""
    if deployed:
        for listener in listeners:
            listener.hear(LOOK)
    for change in found:
        hint = json.dumps({"instance": change.instance_id, "process": change.key, "seq": change.seq})
        for listener in listeners:
            listener.hear(f"id: {change.id}\ndata: {hint}\n\n")


def register(app: Flask, runtime: Runtime, stopping: threading.Event) -> None:
    """Give the application its event stream; setting `stopping` ends it for every listener."""
    app.extensions[EXTENSION] = Feed(runtime, stopping)
    app.register_blueprint(stream)


@stream.get("/events")
def events() -> ResponseReturnValue:
    """Stream hints as server-sent events (WHATWG HTML §9.2), after the one that the browser names, if it does."""
    feed: Feed = current_app.extensions[EXTENSION]
    listener = feed.listen(last_event_id())
    if listener is None:
        return jsonify(code="too_many_streams", message="Expected a free event stream, but all are taken."), 503

    def send() -> Iterator[str]:
        try:
            yield from listener.messages()
        finally:
            feed.forget(listener)

    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(send(), mimetype="text/event-stream", headers=headers)


def last_event_id() -> int | None:
    """Read the cursor after which the browser wants to go on. Raises RequestMalformed if it is no number."""
    text = request.headers.get("Last-Event-ID")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise RequestMalformed(f"Expected Last-Event-ID to be a number that came with an event, but got {text!r}.")
    return int(text)
