"""`runner serve` and `runner worker`: processes that go on until they are told to stop."""

from __future__ import annotations

import errno
import importlib
import logging
import signal
import socket
import threading
from collections.abc import Iterable
from typing import Any

import click
import waitress
from waitress import wasyncore

from runner.app import Runner
from runner.collecting import collecting_seldom
from runner.errors import SettingsInvalid
from runner.settings import Settings
from runner.watching import FolderWatch

log = logging.getLogger(__name__)
# Each open page holds one stream; waitress needs a thread for each, and poll() for more than 1,000 sockets.
WEB_THREADS, WEB_CONNECTIONS = 64, 1000


def work_until_stopped(settings: Settings, *, topics: Iterable[str] | None = None) -> None:
    """Run jobs until SIGINT or SIGTERM."""
    stopping = _stop_on_signal()
    with Runner(settings=settings, topics=topics) as runner, collecting_seldom():
        served = ", ".join(sorted(topics or runner.runtime.handlers.topics))
        click.echo(f"Working on {served} (Ctrl-C stops)")
        stopping.wait()


def serve_until_stopped(settings: Settings) -> None:
    """Serve pages, run jobs and watch the processes folder until SIGINT or SIGTERM.

    Raises SettingsInvalid if the address cannot be listened on.
    """
    listening = _listen(settings.host, settings.port)
    stopping = _stop_on_signal()
    with Runner(settings=settings) as runner:
        watch = FolderWatch(runner.runtime, settings.processes, click.echo)
        watch.start()
        # By name: nothing in this package depends on the pages, which depend on it.
        create_app = importlib.import_module("web").create_app
        pages = create_app(runner.runtime, allowed_hosts=(settings.host,), stopping=stopping)
        server = waitress.create_server(
            pages,
            sockets=[listening],
            threads=WEB_THREADS,
            connection_limit=WEB_CONNECTIONS,
            asyncore_use_poll=True,
        )
        host, port = listening.getsockname()[:2]
        click.echo(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C stops)")
        with collecting_seldom():
            _serve(server, stopping)
        watch.stop()


def _serve(server: Any, stopping: threading.Event) -> None:
    thread = threading.Thread(target=_run_server, args=(server,), name="runner-web", daemon=True)
    thread.start()
    stopping.wait()
    # First the answers that are under way (open streams end by themselves), then all sockets: closing the server's own
    # socket alone leaves waitress polling the others.
    server.task_dispatcher.shutdown(timeout=3)
    wasyncore.close_all(server._map, ignore_all=True)
    thread.join(timeout=5)


def _run_server(server: Any) -> None:
    try:
        server.run()
    except OSError as error:
        # Closing the socket from the other thread is how waitress is told to stop.
        if error.errno != errno.EBADF:
            raise


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        in_use = getattr(error, "errno", None) == errno.EADDRINUSE
        reason = "something else listens there: choose another with --port" if in_use else str(error)
        raise SettingsInvalid(f"Expected to listen on {host}:{port}, but {reason}.") from error
    return listening


def _stop_on_signal() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return stopping
