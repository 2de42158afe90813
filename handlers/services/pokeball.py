"""The Pokéball team's service: throwing a ball, and who owns what it closes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from handlers.pokemon import Pokemon, Trainer
from handlers.services.client import post
from handlers.services.pace import pause
from handlers.services.settings import ServiceSettings
from runner import BpmnError

POKEMON_ESCAPED = "POKEMON_ESCAPED"


class Throw(BaseModel):
    """Who throws the ball, and at what."""

    trainer: Trainer
    pokemon: Pokemon


class Catch(BaseModel):
    """The trainer and the Pokémon once the ball has closed."""

    trainer: Trainer
    pokemon: Pokemon


class PokeballService(Protocol):
    """Catches Pokémon."""

    def throw(self, trainer: Trainer, pokemon: Pokemon) -> Catch:
        """Give both as they are once the ball has closed; raises BpmnError POKEMON_ESCAPED if it breaks open."""


def never(pokemon: Pokemon) -> bool:
    """Let no Pokémon break out."""
    return False


@dataclass(frozen=True, slots=True)
class InProcessPokeball:
    """The rules, in this process; each answer takes `seconds`, and a Pokémon that `escapes` breaks out."""

    seconds: float = 0.0
    escapes: Callable[[Pokemon], bool] = never

    def throw(self, trainer: Trainer, pokemon: Pokemon) -> Catch:
        """Write the trainer's name on the Pokémon and add it to the trainer's, as the last one."""
        pause(self.seconds)
        if self.escapes(pokemon):
            raise BpmnError(POKEMON_ESCAPED, f"{pokemon.name} broke out of the ball that {trainer.name} threw.")
        caught = pokemon.model_copy(update={"trainer_name": trainer.name})
        return Catch(trainer=trainer.model_copy(update={"pokemons": (*trainer.pokemons, caught)}), pokemon=caught)


@dataclass(frozen=True, slots=True)
class HttpPokeball:
    """The rules, behind HTTP: `POST {url}/throw` takes a `Throw` and answers with a `Catch`."""

    url: str

    def throw(self, trainer: Trainer, pokemon: Pokemon) -> Catch:
        """Ask the service; raises as `client.post` does."""
        return post(f"{self.url}/throw", Throw(trainer=trainer, pokemon=pokemon), Catch)


def pokeball_service(settings: ServiceSettings | None = None) -> PokeballService:
    """Choose by `settings`, or else by the environment: HTTP if a URL is set, this process if not."""
    chosen = settings or ServiceSettings.from_environment()
    return HttpPokeball(chosen.pokeball_url) if chosen.pokeball_url else InProcessPokeball(chosen.demo_seconds)
