"""The combat team's handler: what hurts a Pokémon."""

from __future__ import annotations

from pydantic import BaseModel

from handlers.pokemon import Pokemon
from handlers.services.combat import CombatService, combat_service
from runner import handler


class Weakened(BaseModel):
    """The variables that `attack` sets."""

    pokemon: Pokemon


@handler("attack")
def attack(pokemon: Pokemon, *, service: CombatService | None = None) -> Weakened:
    """Attack the Pokémon until a single health point is left."""
    return Weakened(pokemon=(service or combat_service()).attack(pokemon))
