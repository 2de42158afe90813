"""The status team's handler: what changes the condition of a Pokémon."""

from __future__ import annotations

from pydantic import BaseModel

from handlers.pokemon import Pokemon
from handlers.services.status import StatusService, status_service
from runner import handler


class Paralyzed(BaseModel):
    """The variables that `paralyze` sets."""

    pokemon: Pokemon


@handler("paralyze")
def paralyze(pokemon: Pokemon, *, service: StatusService | None = None) -> Paralyzed:
    """Paralyze the Pokémon, so that it can hardly break out of a ball."""
    return Paralyzed(pokemon=(service or status_service()).paralyze(pokemon))
