"""A process on this machine is known to be dead when it is gone; nobody alive is ever taken for dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest
from waiting import until

from runner.work.identity import is_dead, own_name


def test_this_process_is_alive() -> None:
    assert not is_dead(own_name())


def test_a_process_that_has_ended_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        name = own_name().replace(f":{os.getpid()}:", f":{ended.pid}:")
    assert is_dead(name)


def test_a_killed_process_is_dead_even_if_its_parent_has_not_noticed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as killed:
        seen = psutil.Process(killed.pid)
        started = seen.create_time() - psutil.boot_time()
        name = f"{own_name().partition(':')[0]}:{killed.pid}:{started:.2f}"
        assert not is_dead(name)
        os.kill(killed.pid, signal.SIGKILL)
        until(lambda: seen.status() == psutil.STATUS_ZOMBIE)
        assert is_dead(name)


def test_another_process_that_got_the_same_number_is_not_taken_for_it() -> None:
    host, pid, started = own_name().split(":")
    assert is_dead(f"{host}:{pid}:{float(started) - 60:.2f}")


def test_a_clock_that_was_set_by_an_hour_does_not_make_a_process_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    name, booted = own_name(), psutil.boot_time()
    # What the system says once the clock is put forward: it reckons the boot from the time of day.
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: booted + 3600)

    assert own_name() == name
    assert not is_dead(name)


def test_processes_elsewhere_and_other_names_are_never_dead() -> None:
    assert not is_dead("elsewhere.example:1:1.00")
    assert not is_dead("a-name-that-somebody-chose")
    assert not is_dead(f"{own_name().rpartition(':')[0]}:long-ago")
