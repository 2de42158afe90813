"""The same process drawn for Camunda 8, for Camunda 7 and in plain BPMN runs to the same history and end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handlers.pokemon import Pokemon, Status, Trainer
from runner import Runner

ROOT = Path(__file__).parents[2]
DRAWINGS = ("processes/capture.bpmn", "tests/diagrams/capture_camunda7.bpmn", "tests/diagrams/capture_plain.bpmn")
EXAMPLES = ("examples/capture.json", "examples/capture_rattata.json")
Outcome = tuple[list[tuple[str, str, str]], dict[str, Any]]


def capture(drawing: str, example: str) -> Outcome:
    """Run a drawing to its end; give what happened and the variables."""
    with Runner(database="sqlite://", handlers=["handlers"]) as runner:
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
