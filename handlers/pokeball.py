"""The Pokéball team's handler: what makes a wild Pokémon a trainer's own."""

from __future__ import annotations

from handlers.pokemon import Pokemon, Trainer
from handlers.services.pokeball import Catch, PokeballService, pokeball_service
from runner import handler


@handler("throw_pokeball")
def throw_pokeball(trainer: Trainer, pokemon: Pokemon, *, service: PokeballService | None = None) -> Catch:
    """Throw a ball and set `trainer` and `pokemon` to what they are once it has closed.

    Raises BpmnError POKEMON_ESCAPED if the Pokémon breaks out.
    """
    return (service or pokeball_service()).throw(trainer, pokemon)
