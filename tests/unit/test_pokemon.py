"""The nouns of the example: what a Pokémon and a trainer are, and which values they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from handlers.pokemon import Pokemon, Status, Trainer, blue, mewtwo, pikachu, rattata, sacha, squirtle


@pytest.mark.parametrize(
    ("meet", "name", "level", "health"),
    [
        (mewtwo, "Mewtwo", 50, 200),
        (pikachu, "Pikachu", 60, 230),
        (rattata, "Rattata", 3, 15),
        (squirtle, "Squirtle", 5, 20),
    ],
)
def test_known_pokemon_are_wild_and_unhurt(meet: Callable[[], Pokemon], name: str, level: int, health: int) -> None:
    met = meet()
    assert (met.name, met.level, met.current_health, met.max_health) == (name, level, health, health)
    assert (met.status, met.trainer_name) == (Status.HEALTHY, None)


@pytest.mark.parametrize(("meet", "name", "owned"), [(sacha, "Sacha", "Pikachu"), (blue, "Blue", "Squirtle")])
def test_known_trainers_own_one_pokemon(meet: Callable[[], Trainer], name: str, owned: str) -> None:
    trainer = meet()
    assert trainer.name == name
    assert [(pokemon.name, pokemon.trainer_name) for pokemon in trainer.pokemons] == [(owned, name)]


def test_ids_are_drawn_below_ten_thousand() -> None:
    ids = {mewtwo().id for _ in range(500)}
    assert len(ids) > 1
    assert ids <= set(range(10_000))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", -1),
        ("name", ""),
        ("level", 0),
        ("level", "strong"),
        ("current_health", -1),
        ("max_health", 0),
        ("status", "ASLEEP"),
        ("trainer_name", 7),
    ],
)
def test_impossible_values_are_refused_by_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Pokemon.model_validate(mewtwo().model_dump() | {field: value})
    assert refused.value.errors()[0]["loc"] == (field,)


def test_health_above_its_maximum_is_refused() -> None:
    with pytest.raises(ValidationError, match="current_health of at most 15, but got 16"):
        Pokemon(id=1, name="Rattata", level=3, current_health=16, max_health=15)


def test_a_trainer_of_something_else_than_pokemon_is_refused() -> None:
    with pytest.raises(ValidationError):
        Trainer.model_validate({"id": 1, "name": "Blue", "pokemons": ["Squirtle"]})


def test_a_pokemon_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        mewtwo().level = 51


def test_trainers_and_pokemon_survive_the_way_through_json() -> None:
    trainer = sacha()
    assert Trainer.model_validate_json(trainer.model_dump_json()) == trainer


def test_fields_of_other_teams_are_kept() -> None:
    shiny = Pokemon.model_validate(rattata().model_dump() | {"shiny": True})
    assert shiny.model_copy(update={"level": 4}).model_dump(mode="json")["shiny"] is True
