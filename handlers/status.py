"""The status team's handlers: what changes the condition of a Pokémon, and what undoes that."""

from __future__ import annotations

from pydantic import BaseModel

from handlers.pokemon import Pokemon
from handlers.services.status import StatusService, status_service
from runner import handler


class Paralyzed(BaseModel):
    """The variables that `paralyze` sets."""

    pokemon: Pokemon


class Cured(BaseModel):
    """The variables that `cure` sets."""

    pokemon: Pokemon


@handler("paralyze")
def paralyze(pokemon: Pokemon, *, service: StatusService | None = None) -> Paralyzed:
    """Paralyze the Pokémon, so that it can hardly break out of a ball."""
    return Paralyzed(pokemon=(service or status_service()).paralyze(pokemon))


@handler("cure")
def cure(pokemon: Pokemon, *, service: StatusService | None = None) -> Cured:
    """Undo a paralysis: the Pokémon may move again, and flee."""
    return Cured(pokemon=(service or status_service()).cure(pokemon))
