"""Several workers at once: handlers of jobs with the same lock never overlap, and all of them get their turn."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from builders import BPMN, chain
from waiting import until

from runner import HandlerRegistry, Runner, handler

EACH = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'runner.db'}"
    else:
        yield request.getfixturevalue("postgresql_url")


class Overlaps:
    """Notes how many handlers run at the same time, by lock."""

    def __init__(self) -> None:
        self.most: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._running: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._moment = threading.Event()

    def work(self, ball: str) -> None:
        with self._guard:
            self._running[ball] += 1
            self.most[ball] = max(self.most[ball], self._running[ball])
        self._moment.wait(0.002)
        with self._guard:
            self._running[ball] -= 1
            self.calls[ball] += 1


def test_handlers_with_the_same_lock_never_overlap(url: str, tmp_path: Path) -> None:
    overlaps = Overlaps()

    @handler("a")
    def work(ball: str) -> None:
        overlaps.work(ball)

    handlers = HandlerRegistry.load([work])
    file = tmp_path / "locked.bpmn"
    xml = chain(["a"]).decode().replace(f'xmlns="{BPMN}"', f'xmlns="{BPMN}" xmlns:runner="urn:bpmn-runner:1.0"', 1)
    file.write_text(xml.replace('<serviceTask id="a"', '<serviceTask id="a" runner:lock="${ball}"'))
    with ExitStack() as stack:
        runners = [stack.enter_context(Runner(url, handlers)) for _ in range(2)]
        runners[0].deploy(file)
        for number in range(EACH * 2):
            runners[number % 2].start("p", {"ball": ("red", "blue")[number % 2]})
        until(lambda: sum(overlaps.calls.values()) == EACH * 2)
    assert overlaps.most == {"red": 1, "blue": 1} and overlaps.calls == {"red": EACH, "blue": EACH}
