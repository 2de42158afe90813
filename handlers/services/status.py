"""The status team's service: conditions such as paralysis, and their cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from handlers.pokemon import Pokemon, Status
from handlers.services.client import post
from handlers.services.pace import pause
from handlers.services.settings import ServiceSettings


class StatusService(Protocol):
    """Changes the condition of Pokémon."""

    def paralyze(self, pokemon: Pokemon) -> Pokemon:
        """Give the Pokémon as it is once it is paralyzed."""

    def cure(self, pokemon: Pokemon) -> Pokemon:
        """Give the Pokémon as it is once it is cured."""


@dataclass(frozen=True, slots=True)
class InProcessStatus:
    """The rules, in this process; each answer takes `seconds`."""

    seconds: float = 0.0

    def paralyze(self, pokemon: Pokemon) -> Pokemon:
        """Set the status to PAR and leave the rest alone."""
        pause(self.seconds)
        return pokemon.model_copy(update={"status": Status.PAR})

    def cure(self, pokemon: Pokemon) -> Pokemon:
        """Set the status to HEALTHY and leave the rest alone."""
        pause(self.seconds)
        return pokemon.model_copy(update={"status": Status.HEALTHY})


@dataclass(frozen=True, slots=True)
class HttpStatus:
    """The rules, behind HTTP: `POST {url}/paralyze` and `/cure` take a Pokémon and answer with one."""

    url: str

    def paralyze(self, pokemon: Pokemon) -> Pokemon:
        """Ask the service; raises as `client.post` does."""
        return post(f"{self.url}/paralyze", pokemon, Pokemon)

    def cure(self, pokemon: Pokemon) -> Pokemon:
        """Ask the service; raises as `client.post` does."""
        return post(f"{self.url}/cure", pokemon, Pokemon)


def status_service(settings: ServiceSettings | None = None) -> StatusService:
    """Choose by `settings`, or else by the environment: HTTP if a URL is set, this process if not."""
    chosen = settings or ServiceSettings.from_environment()
    return HttpStatus(chosen.status_url) if chosen.status_url else InProcessStatus(chosen.demo_seconds)
