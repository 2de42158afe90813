"""The example variables: what they hold fits the handlers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from handlers.combat import attack
from handlers.pokeball import throw_pokeball
from handlers.pokemon import Pokemon, Status, Trainer
from handlers.services.ledger import FIRST_ACCOUNTS
from handlers.status import paralyze

EXAMPLES = Path(__file__).parents[2] / "examples"

ENCOUNTERS = {path for path in EXAMPLES.glob("*.json") if path.name != "transfer.json"}


class Encounter(BaseModel):
    """The variables that all processes about Pokémon start with."""

    model_config = ConfigDict(extra="forbid")

    trainer: Trainer
    pokemon: Pokemon


def read(name: str) -> Encounter:
    return Encounter.model_validate_json((EXAMPLES / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "trainer", "owned", "wild"),
    [
        ("capture.json", "Sacha", "Pikachu", "Mewtwo"),
        ("capture_rattata.json", "Blue", "Squirtle", "Rattata"),
        ("capture_trainer.json", "Sacha", "Pikachu", "Mewtwo"),
        ("helloworld.json", "Blue", "Squirtle", "Rattata"),
    ],
)
def test_example_is_a_trainer_who_meets_a_wild_pokemon(name: str, trainer: str, owned: str, wild: str) -> None:
    met = read(name)
    assert (met.trainer.name, [each.name for each in met.trainer.pokemons]) == (trainer, [owned])
    assert (met.pokemon.name, met.pokemon.trainer_name, met.pokemon.status) == (wild, None, Status.HEALTHY)


@pytest.mark.parametrize("name", ["capture.json", "capture_rattata.json", "capture_trainer.json"])
def test_capture_examples_end_with_two_pokemon(name: str) -> None:
    met = read(name)
    catch = throw_pokeball(met.trainer, attack(paralyze(met.pokemon).pokemon).pokemon)
    assert [each.trainer_name for each in catch.trainer.pokemons] == [met.trainer.name] * 2


def test_the_transfer_is_between_accounts_of_a_new_ledger() -> None:
    ordered = json.loads((EXAMPLES / "transfer.json").read_bytes())
    assert {ordered["payer"], ordered["payee"]} == set(FIRST_ACCOUNTS)
    assert 0 < ordered["amount"] < FIRST_ACCOUNTS[ordered["payer"]]


def test_every_example_is_described_in_the_readme() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in EXAMPLES.glob("*.json"))
    assert files
    assert [name for name in files if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("path", sorted(ENCOUNTERS), ids=lambda path: path.name)
def test_every_field_of_an_example_is_known_to_the_models(path: Path) -> None:
    written = json.loads(path.read_bytes())
    assert set(written["pokemon"]) == set(Pokemon.model_fields)
    assert set(written["trainer"]) == set(Trainer.model_fields)
