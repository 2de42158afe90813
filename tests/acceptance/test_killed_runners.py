"""A runner that is killed at any instant goes on after a restart: nothing finished is repeated, nothing is lost."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from acceptance.counting_handlers import read_calls
from acceptance.crashing_runner import Plan, read_only_instance, start

from runner.model import InstanceView

TOPICS = ["paralyze", "attack", "throw_pokeball"]


@dataclass(frozen=True)
class Story:
    """A run that was killed and restarted: where it was killed, what was called in all, and how it ended."""

    place: str
    calls: list[tuple[str, str, int]]
    end: InstanceView

    @property
    def repeated(self) -> list[str]:
        """Give the topics that were called more than once."""
        return [topic for topic, times in Counter(topic for topic, _, _ in self.calls).items() if times > 1]

    @property
    def happened(self) -> list[tuple[str, str]]:
        """Give the history without the traces of the restart."""
        return [(each.element_id, each.event) for each in self.end.history if each.event != "job_released"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run once without any kill."""
    plan = Plan(tmp_path_factory.mktemp("undisturbed"))
    process = start(plan)
    process.join()
    assert process.exitcode == 0
    return Story("nowhere", read_calls(plan.calls), read_only_instance(plan))


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> list[Story]:
    """Kill runners before they store step n and after commit n, restart them, for each n until there is no such n."""
    told: list[Story] = []
    for number in count(1):
        folders = [tmp_path_factory.mktemp(f"kill{number}") for _ in range(2)]
        plans = {
            f"before step {number}": Plan(folders[0], die_before_step=number),
            f"after commit {number}": Plan(folders[1], die_after_commit=number),
        }
        killed = dict(zip(plans, _exit_codes(*plans.values()), strict=True))
        if set(killed.values()) == {0}:
            return told
        plans = {place: plan for place, plan in plans.items() if killed[place] == -signal.SIGKILL}
        assert set(_exit_codes(*(Plan(plan.folder) for plan in plans.values()))) == {0}
        told += [Story(place, read_calls(plan.calls), read_only_instance(plan)) for place, plan in plans.items()]
    return told


def test_runners_were_killed_before_every_step_and_after_every_commit(stories: list[Story]) -> None:
    places = [story.place for story in stories]
    assert [place for place in places if "before" in place] == [f"before step {number}" for number in (1, 2, 3, 4)]
    # The deployment, the start and the three answers; a claim may have a commit of its own.
    assert {f"after commit {number}" for number in range(1, 6)} <= set(places)


def test_after_every_kill_the_end_is_that_of_an_undisturbed_run(stories: list[Story], undisturbed: Story) -> None:
    wrong = [story.place for story in stories if story.end.variables != undisturbed.end.variables]
    assert wrong == []
    assert [story.place for story in stories if story.happened != undisturbed.happened] == []


def test_a_kill_after_a_commit_repeats_no_handler(stories: list[Story]) -> None:
    called = {story.place: [topic for topic, _, _ in story.calls] for story in stories if "after" in story.place}
    assert called == dict.fromkeys(called, TOPICS)


def test_a_kill_before_an_answer_is_stored_repeats_that_handler_only(stories: list[Story]) -> None:
    repeated = [story.repeated for story in stories if "before" in story.place]
    assert repeated == [[], ["paralyze"], ["attack"], ["throw_pokeball"]]


def test_each_handler_is_given_one_key_however_often_it_is_called(stories: list[Story]) -> None:
    keys = {story.place: {(topic, key) for topic, key, _ in story.calls} for story in stories}
    assert {place: len(found) for place, found in keys.items()} == dict.fromkeys(keys, len(TOPICS))


def test_a_runner_killed_in_the_handler_of_attack_calls_it_again_with_the_same_key(
    tmp_path: Path, undisturbed: Story
) -> None:
    assert _exit_codes(Plan(tmp_path, die_in="attack")) == [-signal.SIGKILL]
    assert [topic for topic, _, _ in read_calls(Plan(tmp_path).calls)] == ["paralyze", "attack"]

    assert _exit_codes(Plan(tmp_path)) == [0]

    calls, end = read_calls(Plan(tmp_path).calls), read_only_instance(Plan(tmp_path))
    assert [(topic, attempt) for topic, _, attempt in calls] == [
        ("paralyze", 1), ("attack", 1), ("attack", 2), ("throw_pokeball", 1)
    ]  # fmt: skip
    assert calls[1][1] == calls[2][1]
    assert end.variables == undisturbed.end.variables


def _exit_codes(*plans: Plan) -> list[int | None]:
    processes = [start(plan) for plan in plans]
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]
