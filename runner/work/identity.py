"""Who a process is, so that another one on the same machine can tell that it is dead."""

from __future__ import annotations

import os
import socket

import psutil


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
        return f"{psutil.Process(int(pid)).create_time():.2f}" != started
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
