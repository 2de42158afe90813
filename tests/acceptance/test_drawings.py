"""The same process drawn for Camunda 8, for Camunda 7 and in plain BPMN runs to the same history and end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handlers import combat, status
from handlers.pokemon import Pokemon, Status, Trainer
from handlers.services.pokeball import Catch, InProcessPokeball
from runner import Runner, handler
from runner.handling import HandlerSource

ROOT = Path(__file__).parents[2]
DRAWINGS = ("processes/capture.bpmn", "tests/diagrams/capture_camunda7.bpmn", "tests/diagrams/capture_plain.bpmn")
EXAMPLES = ("examples/capture.json", "examples/capture_rattata.json")
Outcome = tuple[list[tuple[str, str, str]], dict[str, Any]]


@handler("throw_pokeball")
def throw_in_vain(trainer: Trainer, pokemon: Pokemon) -> Catch:
    """Throw a ball that breaks open."""
    return InProcessPokeball(escapes=lambda _: True).throw(trainer, pokemon)


def capture(drawing: str, example: str, handlers: tuple[HandlerSource, ...] = ("handlers",)) -> Outcome:
    """Run a drawing to its end; give what happened and the variables."""
    with Runner(database="sqlite://", handlers=handlers) as runner:
        runner.deploy(ROOT / drawing)
        instance = runner.start("capture", json.loads((ROOT / example).read_text("utf-8")))
        assert instance.wait(timeout=20)
        return [(each.element_id, each.element_type, each.event) for each in instance.history], instance.variables


@pytest.mark.parametrize("example", EXAMPLES)
def test_all_drawings_have_the_same_history_and_variables(example: str) -> None:
    camunda8, camunda7, plain = (capture(drawing, example) for drawing in DRAWINGS)
    assert camunda8 == camunda7 == plain
    assert ("pokemon_captured", "endEvent", "completed") in plain[0]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("drawing", DRAWINGS)
def test_the_caught_pokemon_is_paralyzed_weak_and_the_trainers_second(drawing: str, example: str) -> None:
    variables = capture(drawing, example)[1]
    pokemon, trainer = Pokemon.model_validate(variables["pokemon"]), Trainer.model_validate(variables["trainer"])

    assert (pokemon.status, pokemon.current_health, pokemon.trainer_name) == (Status.PAR, 1, trainer.name)
    assert len(trainer.pokemons) == 2
    assert trainer.pokemons[1] == pokemon


def escape(drawing: str, example: str) -> Outcome:
    """Run a drawing to its end when the Pokémon breaks out of the ball."""
    return capture(drawing, example, handlers=(status, combat, throw_in_vain))


@pytest.mark.parametrize("example", EXAMPLES)
def test_all_drawings_have_the_same_history_and_variables_when_the_pokemon_escapes(example: str) -> None:
    camunda8, camunda7, plain = (escape(drawing, example) for drawing in DRAWINGS)
    assert camunda8 == camunda7 == plain
    assert ("pokemon_fled", "endEvent", "completed") in plain[0]


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_an_escape_undoes_the_attack_and_then_the_paralysis(drawing: str) -> None:
    history = escape(drawing, EXAMPLES[0])[0]
    assert [element for element, kind, event in history if (kind, event) == ("serviceTask", "completed")] == [
        "paralyze", "attack", "heal", "cure"
    ]  # fmt: skip
    assert history.index(("throw_pokeball", "serviceTask", "error_thrown")) < history.index(
        ("heal", "serviceTask", "entered")
    )


@pytest.mark.parametrize("drawing", DRAWINGS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_pokemon_that_escaped_flees_as_it_was_met(drawing: str, example: str) -> None:
    assert escape(drawing, example)[1] == json.loads((ROOT / example).read_text("utf-8"))
