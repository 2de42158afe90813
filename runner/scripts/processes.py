"""Processes that run scripts: kept for the next one while they behave, killed when they take too long or too much."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import psutil

from runner.scripts.answers import Answer, Request

SECONDS = 2.0
MEGABYTES = 200
_STARTING = 30.0
_LOOK = 0.02
_MOST_BYTES = 16 << 20


class ScriptProcesses:
    """The idle processes of one language. Any number of threads may run scripts at the same time."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._idle: list[_Process] = []
        self._lock = threading.Lock()
        self._closed = False

    def run(self, text: str, variables: Mapping[str, Any], facts: Mapping[str, Any]) -> Answer:
        """Run a script to its end, or until a limit stops it. Raises OSError if no process can be started."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        process = process or _Process(self._language)
        answer, usable = None, False
        try:
            answer = process.ask(Request(self._language, text, variables, facts))
            usable = answer.error is None or answer.line is not None
        finally:
            with self._lock:
                usable = usable and not self._closed
                if usable:
                    self._idle.append(process)
            if not usable:
                process.end()
        return answer

    def close(self) -> None:
        """End the idle processes, and the others when they are idle."""
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
        for process in idle:
            process.end()


class _Process:
    def __init__(self, language: str) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-m", "runner.scripts.child", language],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of ours is told: a script that got out would find no passwords.
            env={name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR") if name in os.environ},
        )
        assert self._child.stdin is not None and self._child.stdout is not None
        self._requests, self._answers = self._child.stdin, self._child.stdout
        os.set_blocking(self._answers.fileno(), False)
        self._read = bytearray()
        if not self._line(_STARTING, limited=False):
            self.end()
            raise OSError(f"Expected a process for {language} scripts to start, but it did not.")

    def ask(self, request: Request) -> Answer:
        """Send a script and wait for how it ends."""
        try:
            self._requests.write(json.dumps(asdict(request)).encode() + b"\n")
            self._requests.flush()
            line = self._line(SECONDS, limited=True)
        except _Stopped as stopped:
            return Answer(error=str(stopped))
        except OSError:
            line = None
        if line is None:
            return Answer(error="the script's process died: it needed too much, or gives what is no value")
        return Answer(**json.loads(line))

    def end(self) -> None:
        """Kill the process and what it has started."""
        try:
            inner = psutil.Process(self._child.pid).children(recursive=True)
        except psutil.Error:
            inner = []
        self._child.kill()
        for each in inner:
            try:
                each.kill()
            except psutil.Error:
                continue
        self._child.wait()
        self._answers.close()
        try:
            self._requests.close()
        except OSError:
            return  # what was still to be written is for nobody

    def _line(self, seconds: float, *, limited: bool) -> bytes | None:
        """Give the next answer, None if the process has died. Raises _Stopped."""
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in self._read:
                if selector.select(_LOOK):
                    piece = self._answers.read(1 << 16)
                    if not piece:
                        return None
                    self._read += piece
                if limited:
                    self._judge()
                if time.monotonic() > until:
                    raise _Stopped(f"TimeoutError: the script ran longer than {seconds:g} s")
        line, _, rest = bytes(self._read).partition(b"\n")
        self._read = bytearray(rest)
        return line

    def _judge(self) -> None:
        if len(self._read) > _MOST_BYTES:
            raise _Stopped(f"MemoryError: the script gave more than {_MOST_BYTES >> 20} MB back")
        try:
            used = psutil.Process(self._child.pid).memory_info().rss
        except psutil.Error:
            return
        if used > MEGABYTES << 20:
            raise _Stopped(f"MemoryError: the script's process needed more than {MEGABYTES} MB")


class _Stopped(Exception):
    """A limit was reached."""
