"""A PostgreSQL server of a test's own, which may be stopped and started while it is used."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Server:
    """A server on a free port, with everything in one folder; it refuses to run as root."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._run("initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")

    @property
    def url(self) -> str:
        """Give the URL of its database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-D", self._folder / "data", "-w", "-l", self._folder / "log", "-o", options, "start")

    def stop(self, mode: str) -> None:
        """Stop: "fast" ends connections and tidies up, "immediate" is a crash."""
        self._run("pg_ctl", "-D", self._folder / "data", "-w", "-m", mode, "stop")

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # The server keeps what it is given as its output: not a pipe, or nobody would see the end of it.
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)


def programs() -> Path | None:
    """Give the folder of the newest PostgreSQL's programs, or None."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    newest = max(found, key=lambda path: float(path.parts[-3]), default=shutil.which("initdb"))
    return Path(newest).parent if newest else None


@contextmanager
def private_server(programs: Path) -> Iterator[Server]:
    """Give a server that runs, and throw it away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="server-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        server = Server(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)
