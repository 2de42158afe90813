"""Who a process is, so that another one on the same machine can tell that it is dead."""

from __future__ import annotations

import os
import socket

import psutil

# How exactly the start of a process is known: systems count in ticks of a hundredth of a second.
TICKS_SECONDS = 0.05


def own_name() -> str:
    """Give this process's name: "host:pid:start", unique on the host for as long as it runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(psutil.Process()):.2f}"


def _started(process: psutil.Process) -> float:
    """Give when a process started, in seconds since the machine did: no setting of its clock changes that."""
    # Asked for first: psutil counts from it.
    booted = psutil.boot_time()
    return float(process.create_time() - booted)


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
        return abs(_started(found) - float(started)) > TICKS_SECONDS
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, ValueError):
        return False
