"""Pools that are killed at any instant lose no message and take none twice: it is acknowledged with its receiver's
commit."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from acceptance import counting_handlers
from acceptance.counting_handlers import read_calls
from acceptance.crashing_runner import Plan, start
from durability.invariants import violations

from runner import Runner
from runner.commands.instances import list_instances
from runner.settings import Settings

TOPICS = ["paralyze", "attack", "throw_pokeball"]
POOLS = ["capture_combat", "capture_pokeball", "capture_status", "capture_trainer"]
NAMES = ["PokemonCaptured", "PokemonEncountered", "PokemonParalyzed", "PokemonWeakened"]


@dataclass(frozen=True)
class Story:
    """A choreography that was killed and started again: calls of handlers, instances, messages, and what is wrong."""

    plan: Plan
    topics: list[str]
    instances: list[tuple[str, str]]
    messages: list[tuple[str, str]]
    pokemon: dict[str, Any]
    wrong: list[str]


def told(plan: Plan) -> Story:
    """Read what there is to say about a choreography that has ended."""
    with Runner(plan.database, [counting_handlers], settings=Settings(), work=False) as runner:
        known = list_instances(runner.runtime).instances
        (trainer,) = [each for each in known if each.key == "capture_trainer"]
        return Story(
            plan,
            [topic for topic, _, _ in read_calls(plan.calls)],
            sorted((each.key, each.state.value) for each in known),
            sorted((each.name, each.state.value) for each in runner.messages()),
            dict(runner.instance(trainer.id).variables["pokemon"]),
            violations(runner.runtime),
        )


def statuses(*plans: Plan) -> list[int | None]:
    """Run plans beside each other and give the exit statuses."""
    processes = [start(plan) for plan in plans]
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> list[Story]:
    """Kill a choreography before step n and after commit n, for each n until there is none, and start it again."""
    found: list[Story] = []
    for number in count(1):
        plans = [
            Plan(tmp_path_factory.mktemp("kill"), "capture_choreography", die_before_step=number),
            Plan(tmp_path_factory.mktemp("kill"), "capture_choreography", die_after_commit=number),
        ]
        dead = [plan for plan, status in zip(plans, statuses(*plans), strict=True) if status == -signal.SIGKILL]
        if not dead:
            return found
        assert set(statuses(*(Plan(plan.folder, plan.key) for plan in dead))) == {0}
        found += map(told, dead)


def test_it_was_killed_at_every_step_and_every_commit(stories: list[Story]) -> None:
    # A start, three times a message that starts and an answer, and the message that ends the trainer's waiting.
    assert [each.plan.die_before_step for each in stories if each.plan.die_before_step] == list(range(1, 9))
    assert set(range(1, 10)) <= {each.plan.die_after_commit for each in stories}


def test_after_every_kill_each_message_was_delivered_once(stories: list[Story]) -> None:
    expected = [(name, "delivered") for name in NAMES]
    assert [each.plan for each in stories if each.messages != expected] == []


def test_after_every_kill_each_pool_has_run_once(stories: list[Story]) -> None:
    expected = [(key, "completed") for key in POOLS]
    assert [(each.plan, each.instances) for each in stories if each.instances != expected] == []
    assert {(each.pokemon["status"], each.pokemon["trainer_name"]) for each in stories} == {("PAR", "Sacha")}
    assert [each.wrong for each in stories if each.wrong] == []


def test_a_kill_repeats_at_most_the_handler_whose_answer_was_not_stored(stories: list[Story]) -> None:
    answers = {3: "paralyze", 5: "attack", 7: "throw_pokeball"}
    for story in stories:
        repeated = answers.get(story.plan.die_before_step)
        assert story.topics == sorted([*TOPICS, *([repeated] if repeated else [])], key=TOPICS.index), story.plan
