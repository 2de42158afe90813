"""Who a process is, so that another one on the same machine can tell that it is dead."""

from __future__ import annotations

import os
import socket

import psutil

# The start of a process is told by the wall clock, which may be set a little while it runs.
CLOCK_SECONDS = 2.0


def own_name() -> str:
    """Give this process's name: "host:pid:start", unique on the host for as long as it runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def is_dead(name: str) -> bool:
    """Tell whether a process is certainly gone; one on another host never is, as far as can be seen from here."""
    host, _, process = name.partition(":")
    pid, _, started = process.partition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        found = psutil.Process(int(pid))
        # Killed, but not yet missed by its parent: nothing of it runs any more.
        if found.status() == psutil.STATUS_ZOMBIE:
            return True
        return abs(found.create_time() - float(started)) > CLOCK_SECONDS
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, ValueError):
        return False
