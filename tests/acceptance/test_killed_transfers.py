"""A transfer that is killed at any instant ends as it would have ended: the sum of both accounts is the same."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

import pytest
from acceptance.counting_handlers import read_calls
from acceptance.crashing_runner import Plan, read_only_instance, start
from acceptance.tampered_transfers import AFTER, BEFORE, STEPS, UNDOINGS, Bank

from runner.model import InstanceView

UNDONE = [*STEPS, *UNDOINGS]


@dataclass(frozen=True)
class Story:
    """A transfer that was killed and started again: what was called in all, what is on the accounts, how it ended."""

    plan: Plan
    topics: list[str]
    balances: dict[str, int]
    receipts: int
    end: InstanceView

    @property
    def happened(self) -> list[tuple[str, str]]:
        """Give the history without the traces of the restart."""
        return [(each.element_id, each.event) for each in self.end.history if each.event != "job_released"]


def killed(plans: list[Plan]) -> list[Story]:
    """Kill a runner for each plan and start it again; those that get to the end without dying are left out."""
    dead = [plan for plan, status in zip(plans, statuses(plans), strict=True) if status == -signal.SIGKILL]
    assert set(statuses([Plan(plan.folder, plan.key, refuse_in=plan.refuse_in) for plan in dead])) <= {0}
    return [told(plan) for plan in dead]


def told(plan: Plan) -> Story:
    """Read what there is to say about a transfer that has ended."""
    ledger = Bank(plan.folder / "ledger.db").ledger
    topics = [topic for topic, _, _ in read_calls(plan.calls)]
    return Story(plan, topics, ledger.balances(), len(ledger.receipts()), read_only_instance(plan))


def statuses(plans: list[Plan]) -> list[int | None]:
    """Run the plans, two at a time, and give the exit statuses."""
    found: list[int | None] = []
    for pair in (plans[number : number + 2] for number in range(0, len(plans), 2)):
        processes = [start(plan) for plan in pair]
        for process in processes:
            process.join()
        found += [process.exitcode for process in processes]
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Let a transfer be refused at its last step, without any kill."""
    plan = Plan(tmp_path_factory.mktemp("undisturbed"), "transfer", refuse_in="send_receipt")
    assert statuses([plan]) == [0]
    return told(plan)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> list[Story]:
    """Kill a transfer that is undone before it stores step n and after commit n, for each n until there is none."""
    found: list[Story] = []
    for number in count(1):
        one, other = (Plan(tmp_path_factory.mktemp("kill"), "transfer", refuse_in="send_receipt") for _ in range(2))
        plans = [replace(one, die_before_step=number), replace(other, die_after_commit=number)]
        more = killed(plans)
        found += more
        if not more:
            return found


@pytest.fixture(scope="module")
def in_handlers(tmp_path_factory: pytest.TempPathFactory) -> list[Story]:
    """Kill a transfer in each handler, before and after its effect in the ledger."""
    plan = Plan(tmp_path_factory.mktemp("none"), "transfer", refuse_in="send_receipt")
    before = [replace(plan, folder=tmp_path_factory.mktemp("in"), die_in=topic) for topic in UNDONE]
    had = [*STEPS[:2], *UNDOINGS]  # the last step is refused before it has any effect
    return killed(before + [replace(plan, folder=tmp_path_factory.mktemp("after"), die_after=topic) for topic in had])


def test_it_was_killed_at_each_step_and_each_commit(stories: list[Story]) -> None:
    steps = [story.plan.die_before_step for story in stories if story.plan.die_before_step]
    assert steps == list(range(1, 8))  # the start and six answers
    commits = {story.plan.die_after_commit for story in stories}
    assert set(range(1, 9)) <= commits  # the deployment besides


def test_after_every_kill_both_accounts_stand_as_they_did(stories: list[Story]) -> None:
    assert [story.plan for story in stories if (story.balances, story.receipts) != (BEFORE, 0)] == []


def test_after_every_kill_the_history_is_that_of_an_undisturbed_transfer(
    stories: list[Story], undisturbed: Story
) -> None:
    assert undisturbed.topics == UNDONE
    assert [story.plan for story in stories if story.happened != undisturbed.happened] == []


def test_a_kill_repeats_at_most_the_handler_whose_answer_was_not_stored(stories: list[Story]) -> None:
    for story in stories:
        again = [topic for topic, times in Counter(story.topics).items() if times > 1]
        expected = UNDONE[story.plan.die_before_step - 2] if story.plan.die_before_step > 1 else None
        assert again == ([expected] if expected else []), story.plan


def test_a_kill_in_a_handler_changes_nothing_about_the_end(in_handlers: list[Story], undisturbed: Story) -> None:
    assert len(in_handlers) == len(UNDONE) * 2 - 1
    wrong = [story.plan for story in in_handlers if (story.balances, story.happened) != (BEFORE, undisturbed.happened)]
    assert wrong == []
    assert all(max(Counter(story.topics).values()) == 2 for story in in_handlers)


def test_a_kill_after_a_booking_transfers_the_money_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    plans = [Plan(tmp_path_factory.mktemp("kill"), "transfer", die_after=topic) for topic in STEPS]
    found = killed(plans)
    assert [(story.balances, story.receipts) for story in found] == [(AFTER, 1)] * len(STEPS)
