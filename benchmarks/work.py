"""The work that is the same for all: the capture process's handlers on plain dicts, and its variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner import handler

Values = dict[str, Any]

HEALTHY: Values = {"max_health": 230, "current_health": 230, "status": "HEALTHY"}
VARIABLES: Values = {
    "trainer": {"id": 1, "name": "Sacha", "pokemons": [{"id": 25, "name": "Pikachu", "level": 60, **HEALTHY}]},
    "pokemon": {"id": 150, "name": "Mewtwo", "level": 50, **HEALTHY},
}


@handler("paralyze")
def paralyze(pokemon: Any, trainer: Any = None) -> Values:
    """Set the status."""
    return {"pokemon": {**pokemon, "status": "PAR"}}


@handler("attack")
def attack(pokemon: Any, trainer: Any = None) -> Values:
    """Leave one point of health."""
    return {"pokemon": {**pokemon, "current_health": 1}}


@handler("throw_pokeball")
def throw_pokeball(trainer: Any, pokemon: Any) -> Values:
    """Hand the Pokémon over."""
    caught = {**pokemon, "trainer_name": trainer["name"]}
    return {"pokemon": caught, "trainer": {**trainer, "pokemons": [*trainer["pokemons"], caught]}}


@handler("heal")
def heal(pokemon: Any) -> Values:
    """Give the full health back."""
    return {"pokemon": {**pokemon, "current_health": pokemon["max_health"]}}


@handler("cure")
def cure(pokemon: Any) -> Values:
    """Take the paralysis away."""
    return {"pokemon": {**pokemon, "status": "HEALTHY"}}


HANDLERS: dict[str, Callable[..., Values]] = {
    "paralyze": paralyze,
    "attack": attack,
    "throw_pokeball": throw_pokeball,
    "heal": heal,
    "cure": cure,
}
