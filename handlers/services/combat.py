"""The combat team's service: attacks, the health they leave, and healing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from handlers.pokemon import Pokemon
from handlers.services.client import post
from handlers.services.pace import pause
from handlers.services.settings import ServiceSettings


class CombatService(Protocol):
    """Hurts Pokémon, and heals them."""

    def attack(self, pokemon: Pokemon) -> Pokemon:
        """Give the Pokémon as the attack leaves it."""

    def heal(self, pokemon: Pokemon) -> Pokemon:
        """Give the Pokémon as it is once it is healed."""


@dataclass(frozen=True, slots=True)
class InProcessCombat:
    """The rules, in this process; each answer takes `seconds`."""

    seconds: float = 0.0

    def attack(self, pokemon: Pokemon) -> Pokemon:
        """Leave a single health point: the Pokémon is weak, but has not fainted."""
        pause(self.seconds)
        return pokemon.model_copy(update={"current_health": 1})

    def heal(self, pokemon: Pokemon) -> Pokemon:
        """Give the full health back and leave the rest alone."""
        pause(self.seconds)
        return pokemon.model_copy(update={"current_health": pokemon.max_health})


@dataclass(frozen=True, slots=True)
class HttpCombat:
    """The rules, behind HTTP: `POST {url}/attack` and `/heal` take a Pokémon and answer with one."""

    url: str

    def attack(self, pokemon: Pokemon) -> Pokemon:
        """Ask the service; raises as `client.post` does."""
        return post(f"{self.url}/attack", pokemon, Pokemon)

    def heal(self, pokemon: Pokemon) -> Pokemon:
        """Ask the service; raises as `client.post` does."""
        return post(f"{self.url}/heal", pokemon, Pokemon)


def combat_service(settings: ServiceSettings | None = None) -> CombatService:
    """Choose by `settings`, or else by the environment: HTTP if a URL is set, this process if not."""
    chosen = settings or ServiceSettings.from_environment()
    return HttpCombat(chosen.combat_url) if chosen.combat_url else InProcessCombat(chosen.demo_seconds)
