"""Who runs the next job, and how many may wait: quick handlers in turn, slow ones side by side, and none is hoarded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import chain
from waiting import until

from runner import RetryPolicy, Runner, handler
from runner.commands.jobs import ClaimedJob
from runner.settings import Settings
from runner.work.intake import MOST_AHEAD, OVERDUE_SECONDS, Intake

QUICK, SLOW = 0.0001, 10.0


def jobs(topic: str, number: int) -> list[ClaimedJob]:
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    rest = (1, 1, None, {}, {}, RetryPolicy(), timedelta(minutes=5), begun)
    return [ClaimedJob(f"{topic}-{each}", "token", "i", each, "e", topic, *rest) for each in range(number)]


def ids(found: Iterable[ClaimedJob | None]) -> set[str]:
    return {job.id for job in found if job is not None}


def learned(intake: Intake, topic: str, seconds: float) -> None:
    """Let a handler of this topic return once, after so many seconds."""
    intake.put(jobs(topic, 1))
    job = intake.take()
    assert job is not None
    intake.finish(job, seconds)


class HandMoved:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def test_of_a_topic_that_is_not_known_only_free_threads_get_jobs() -> None:
    intake = Intake(3)
    assert intake.room("new") == 3

    intake.put(jobs("new", 2))
    intake.take()

    assert intake.room("new") == intake.free() == 1


@pytest.mark.parametrize(("seconds", "room"), [(QUICK, 3 * MOST_AHEAD), (0.02, 15), (SLOW, 3)])
def test_no_more_waits_than_the_threads_will_do_in_a_tenth_of_a_second(seconds: float, room: int) -> None:
    intake = Intake(3)

    learned(intake, "t", seconds)

    assert intake.room("t") == room


def test_quick_jobs_that_wait_take_no_thread_from_slow_ones() -> None:
    intake = Intake(3)
    learned(intake, "quick", QUICK)

    intake.put(jobs("quick", 50))

    assert intake.room("slow") == 3


def test_jobs_are_handed_out_in_the_order_in_which_they_came() -> None:
    intake = Intake(1)
    learned(intake, "t", QUICK)
    intake.put(wanted := jobs("t", 5))

    for job in wanted:
        assert intake.take() is job
        intake.finish(job, QUICK)


def test_slow_handlers_run_side_by_side(threads: ThreadPoolExecutor) -> None:
    intake = Intake(8)
    learned(intake, "t", SLOW)
    taken = [threads.submit(intake.take) for _ in range(8)]

    intake.put(wanted := jobs("t", 8))

    assert ids(each.result(20) for each in taken) == ids(wanted)


def test_a_thread_steps_in_for_each_lead_that_does_not_come_back(threads: ThreadPoolExecutor) -> None:
    intake = Intake(8)
    learned(intake, "t", QUICK)
    taken = [threads.submit(intake.take) for _ in range(8)]

    intake.put(wanted := jobs("t", 8))

    assert ids(each.result(20) for each in taken) == ids(wanted)


def test_one_thread_is_called_beside_the_lead_however_long_it_is_in_coming(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = Intake(8)
    learned(intake, "t", QUICK)
    asleep: Counter[threading.Condition] = Counter()
    calls: list[int] = []
    wait = threading.Condition.wait

    def counted(condition: threading.Condition, timeout: float | None = None) -> bool:
        asleep[condition] += 1
        return wait(condition, timeout)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Condition, "wait", counted)
        for _ in range(7):
            threads.submit(intake.take)
        until(lambda: 7 in list(asleep.values()))
        patched.setattr(threading.Condition, "notify", lambda _each, number=1: calls.append(number))
        intake.put(wanted := jobs("t", 30))
        for job in wanted:
            assert intake.take() is job
            intake.finish(job, QUICK)
    intake.close()

    assert calls == [1]


def test_what_waits_too_long_is_taken_out_and_nothing_more_is_expected_of_its_topic() -> None:
    seconds = HandMoved()
    intake = Intake(2, seconds=seconds)
    learned(intake, "t", QUICK)
    intake.put(jobs("t", 2))
    first = intake.take()
    seconds.now += OVERDUE_SECONDS

    (late,) = intake.overdue()

    assert first is not None and late.id == "t-1"
    assert intake.room("t") == intake.free() == 1


def test_a_thread_that_does_not_come_back_leaves_its_place() -> None:
    intake = Intake(1)
    intake.put(jobs("t", 1))
    job = intake.take()
    assert job is not None and intake.room("t") == 0

    intake.abandon(job)

    assert intake.room("t") == 1


def test_closing_gives_what_waits_and_lets_every_thread_go(threads: ThreadPoolExecutor) -> None:
    intake = Intake(2)
    learned(intake, "t", QUICK)
    intake.put(jobs("t", 3))

    assert len(intake.close()) == 3
    assert [threads.submit(intake.take).result(20) for _ in range(4)] == [None] * 4


# -- in a runner --------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "p.bpmn").write_bytes(chain(["task"]))
    return tmp_path / "p.bpmn"


def opened(file: Path, function: object, threads: int) -> Runner:
    url = f"sqlite:///{file.parent / 'x.db'}"
    return Runner(url, [handler("task")(function)], settings=Settings(threads=threads))  # type: ignore[type-var]


def test_handlers_that_were_quick_and_now_block_run_side_by_side_all_the_same(file: Path) -> None:
    meeting = threading.Barrier(8)

    def task(meet: bool) -> None:
        if meet:
            meeting.wait(20)

    with opened(file, task, 8) as runner:
        runner.deploy(file)
        for meet, number in ((False, 200), (True, 8)):
            started = runner.start_many("p", [{"meet": meet}] * number)
            assert all(instance.wait(20) for instance in started)


def test_a_process_whose_threads_are_taken_leaves_the_other_jobs_to_another(file: Path) -> None:
    entered, released = threading.Event(), threading.Event()

    def blocked() -> None:
        entered.set()
        assert released.wait(20)

    with opened(file, blocked, 1) as busy:
        busy.deploy(file)
        first = busy.start("p")
        assert entered.wait(20)
        others = busy.start_many("p", [{}] * 3)
        with opened(file, lambda: None, 1):
            assert all(instance.wait(20) for instance in others)
        released.set()
        assert first.wait(20)


def test_jobs_that_wait_behind_a_handler_grown_slow_are_given_back(file: Path) -> None:
    entered, released = threading.Event(), threading.Event()

    def task(block: bool) -> None:
        if block:
            entered.set()
            assert released.wait(20)

    with opened(file, task, 1) as grown:
        grown.deploy(file)
        assert all(each.wait(20) for each in grown.start_many("p", [{"block": False}] * 200))
        first = grown.start("p", {"block": True})
        assert entered.wait(20)
        others = grown.start_many("p", [{"block": False}] * 3)
        until(lambda: all(each.view().jobs[0].state == "ready" for each in others))
        released.set()
        assert first.wait(20) and all(instance.wait(20) for instance in others)
