"""Four pools capture Pokémon by messages alone: each message reaches its pool once, whatever fails or stands still."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from durability.invariants import violations
from waiting import until

from handlers import pokeball, status
from handlers.combat import Weakened
from handlers.combat import attack as attack_at_once
from handlers.pokemon import Pokemon
from runner import Job, RetryPolicy, Runner, handler
from runner.commands.instances import list_instances

ROOT = Path(__file__).parents[2]
FILE = ROOT / "processes" / "capture_choreography.bpmn"
POOLS = ("capture_trainer", "capture_status", "capture_combat", "capture_pokeball")
NAMES = ("PokemonEncountered", "PokemonParalyzed", "PokemonWeakened", "PokemonCaptured")
TOPICS = ("paralyze", "attack", "throw_pokeball")


@handler("attack", retry=RetryPolicy(intervals=(timedelta(0),)))
def attack(pokemon: Pokemon, job: Job) -> Weakened:
    """Attack, at the third attempt."""
    if job.attempt < 3:
        raise ConnectionError("the arena is closed")
    return attack_at_once(pokemon)


@pytest.fixture
def url(database_url: str, tmp_path: Path) -> str:
    """Give the URL of a database that can be opened again."""
    return f"sqlite:///{tmp_path}/runner.db" if database_url == "sqlite://" else database_url


def encounter(trainer: str = "Sacha", number: int = 150) -> dict[str, Any]:
    """Give the variables of an encounter: a trainer, and a Pokémon with this id."""
    met = json.loads((ROOT / "examples" / "capture_trainer.json").read_text("utf-8"))
    met["trainer"] |= {"name": trainer, "pokemons": []}
    met["pokemon"] |= {"id": number, "name": f"Pokémon {number}"}
    return dict(met)


def pools(runner: Runner) -> list[tuple[str, str]]:
    """Give key and state of every instance."""
    found = list_instances(runner.runtime, limit=100).instances
    return sorted((each.key, each.state.value) for each in found)


def delivered(runner: Runner) -> Counter[tuple[str, str]]:
    """Count the messages by name and state."""
    return Counter((message.name, message.state.value) for message in runner.messages())


def test_message_flows_deliver_with_nothing_but_names_and_keys(database_url: str) -> None:
    with Runner(database_url, ["handlers"]) as runner:
        assert sorted(each.definition.key for each in runner.deploy(FILE)) == sorted(POOLS)
        trainer = runner.start("capture_trainer", encounter())
        assert trainer.wait(20)
        assert [(p["name"], p["trainer_name"]) for p in trainer.variables["trainer"]["pokemons"]] == [
            ("Pokémon 150", "Sacha")
        ]
        assert pools(runner) == [(key, "completed") for key in sorted(POOLS)]
        assert delivered(runner) == dict.fromkeys([(name, "delivered") for name in NAMES], 1)
        assert violations(runner.runtime) == []


def test_messages_bear_the_id_of_the_pokemon_and_name_who_sent_and_took_them(database_url: str) -> None:
    with Runner(database_url, ["handlers"]) as runner:
        runner.deploy(FILE)
        assert runner.start("capture_trainer", encounter(number=7)).wait(20)
        by_id = {each.id: each.key for each in list_instances(runner.runtime).instances}
        for message, sender, receiver in zip(
            reversed(runner.messages()), POOLS, (*POOLS[1:], "capture_trainer"), strict=True
        ):
            assert message.key == "7" and message.sender and message.instance_id
            assert (by_id[message.sender[0]], by_id[message.instance_id]) == (sender, receiver)


def test_three_captures_at_once_never_mix(database_url: str) -> None:
    met = {"Sacha": 1, "Blue": 2, "Red": 3}
    with Runner(database_url, ["handlers"]) as runner:
        runner.deploy(FILE)
        started = runner.start_many("capture_trainer", [encounter(*each) for each in met.items()])
        assert all(each.wait(20) for each in started)
        trainers = [each.variables["trainer"] for each in started]
        assert {each["name"]: [p["id"] for p in each["pokemons"]] for each in trainers} == {
            name: [number] for name, number in met.items()
        }
        assert delivered(runner) == dict.fromkeys([(name, "delivered") for name in NAMES], 3)


def test_two_captures_of_one_id_take_their_turns(database_url: str) -> None:
    """While a pool is at work on a Pokémon, a message about the same one waits (docs/messages.md)."""
    with Runner(database_url, ["handlers"]) as runner:
        runner.deploy(FILE)
        started = runner.start_many("capture_trainer", [encounter("Sacha"), encounter("Blue")])
        assert all(each.wait(20) for each in started)
        assert delivered(runner) == dict.fromkeys([(name, "delivered") for name in NAMES], 2)
        assert Counter(pools(runner)) == dict.fromkeys([(key, "completed") for key in POOLS], 2)


def test_a_handler_that_fails_twice_is_tried_again_and_its_message_sent_once(database_url: str) -> None:
    with Runner(database_url, [status, attack, pokeball]) as runner:
        runner.deploy(FILE)
        trainer = runner.start("capture_trainer", encounter())
        assert trainer.wait(20)
        assert trainer.variables["pokemon"]["current_health"] == 1
        (combat,) = list_instances(runner.runtime, key="capture_combat").instances
        attempts = [each.event for each in runner.instance(combat.id).history if each.element_id == "attack"]
        assert attempts.count("job_failed") == 2
        assert delivered(runner) == dict.fromkeys([(name, "delivered") for name in NAMES], 1)


def test_a_pool_that_stands_still_gets_its_messages_when_it_works_again(url: str) -> None:
    with Runner(url, ["handlers"], topics=TOPICS[:2]) as without_pokeball:
        without_pokeball.deploy(FILE)
        trainer = without_pokeball.start("capture_trainer", encounter())
        until(lambda: ("capture_pokeball", "active") in pools(without_pokeball))
        assert [(token.element_id, token.waiting_for) for token in trainer.tokens] == [("trainer_hears", "message")]
        assert delivered(without_pokeball)["PokemonCaptured", "delivered"] == 0
    with Runner(url, ["handlers"], topics=TOPICS[2:]) as pokeball_team:
        assert pokeball_team.instance(trainer.id).wait(20)
        assert delivered(pokeball_team) == dict.fromkeys([(name, "delivered") for name in NAMES], 1)


def test_messages_that_were_sent_while_nobody_worked_are_delivered_later(url: str) -> None:
    with Runner(url, ["handlers"], work=False) as idle:
        idle.deploy(FILE)
        trainers = idle.start_many("capture_trainer", [encounter("Sacha", 1), encounter("Blue", 2)])
        assert delivered(idle) == {("PokemonEncountered", "sent"): 2}
    with Runner(url, ["handlers"]) as working:
        assert all(working.instance(each.id).wait(20) for each in trainers)
        assert delivered(working) == dict.fromkeys([(name, "delivered") for name in NAMES], 2)


def test_each_team_may_have_a_process_of_its_own(url: str) -> None:
    with Runner(url, ["handlers"], work=False) as trainers:
        trainers.deploy(FILE)
        teams = [Runner(url, ["handlers"], topics=[topic]) for topic in TOPICS]
        try:
            started = trainers.start_many("capture_trainer", [encounter(f"T{n}", n) for n in range(6)])
            assert all(each.wait(30) for each in started)
        finally:
            for team in teams:
                team.close()
        owned = [each.variables["trainer"]["pokemons"][0]["id"] for each in started]
        assert owned == list(range(6))
        assert delivered(trainers) == dict.fromkeys([(name, "delivered") for name in NAMES], 6)
