"""A handler that must never run twice at the same time for one ball: it notes each call, and whether it met another.

The file that it notes in is named by the environment."""

from __future__ import annotations

import fcntl
import os
import threading

from runner import Job, handler

NOTES = "TEST_NOTES"
SECONDS = 0.02


@handler("throw")
def throw(ball: str, job: Job) -> None:
    """Throw the ball, for a while."""
    alone = os.open(f"{os.environ[NOTES]}.{ball}", os.O_WRONLY | os.O_CREAT)
    try:
        # Free again when its process is killed, as the lock of the job is when its claim is taken back.
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
        met = "alone"
    except BlockingIOError:
        met = "another"
    notes = os.open(os.environ[NOTES], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(notes, f"{os.getpid()} {met} {job.id}\n".encode())
    os.close(notes)
    threading.Event().wait(SECONDS)
    os.close(alone)
