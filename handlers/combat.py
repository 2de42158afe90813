"""The combat team's handlers: what hurts a Pokémon, and what undoes that."""

from __future__ import annotations

from pydantic import BaseModel

from handlers.pokemon import Pokemon
from handlers.services.combat import CombatService, combat_service
from runner import handler


class Weakened(BaseModel):
    """The variables that `attack` sets."""

    pokemon: Pokemon


class Healed(BaseModel):
    """The variables that `heal` sets."""

    pokemon: Pokemon


@handler("attack")
def attack(pokemon: Pokemon, *, service: CombatService | None = None) -> Weakened:
    """Attack the Pokémon until a single health point is left."""
    return Weakened(pokemon=(service or combat_service()).attack(pokemon))


@handler("heal")
def heal(pokemon: Pokemon, *, service: CombatService | None = None) -> Healed:
    """Undo an attack: give the Pokémon its full health back."""
    return Healed(pokemon=(service or combat_service()).heal(pokemon))
