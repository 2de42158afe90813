"""The nouns of the example: Pokémon and trainers as they stand in the variables of a process, and the known ones.

What happens to them is the business of `handlers/services/`."""

from __future__ import annotations

import random
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Status(StrEnum):
    """The condition that a fight leaves a Pokémon in."""

    HEALTHY = "HEALTHY"
    PAR = "PAR"  # paralyzed


class Pokemon(BaseModel):
    """A Pokémon; wild while `trainer_name` is None.

    Frozen: a service answers with a changed copy. Fields that are not listed here are kept as they came, so that
    another team may add one without breaking these handlers.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int = Field(ge=0)
    name: str = Field(min_length=1)
    level: int = Field(ge=1)
    current_health: int = Field(ge=0)
    max_health: int = Field(ge=1)
    status: Status = Status.HEALTHY
    trainer_name: str | None = None

    @model_validator(mode="after")
    def _health_within_its_maximum(self) -> Self:
        if self.current_health > self.max_health:
            raise ValueError(f"Expected current_health of at most {self.max_health}, but got {self.current_health}.")
        return self


class Trainer(BaseModel):
    """A trainer and the Pokémon they own, the newest last; frozen and open to further fields, as `Pokemon` is."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int = Field(ge=0)
    name: str = Field(min_length=1)
    pokemons: tuple[Pokemon, ...] = ()


def mewtwo() -> Pokemon:
    """Meet the wild Mewtwo, level 50, unhurt."""
    return _unhurt("Mewtwo", level=50, health=200)


def pikachu() -> Pokemon:
    """Meet a wild Pikachu, level 60, unhurt."""
    return _unhurt("Pikachu", level=60, health=230)


def rattata() -> Pokemon:
    """Meet a wild Rattata, level 3, unhurt."""
    return _unhurt("Rattata", level=3, health=15)


def squirtle() -> Pokemon:
    """Meet a wild Squirtle, level 5, unhurt."""
    return _unhurt("Squirtle", level=5, health=20)


def sacha() -> Trainer:
    """Meet Sacha, who owns a Pikachu."""
    return _owner("Sacha", pikachu())


def blue() -> Trainer:
    """Meet Blue, who owns a Squirtle."""
    return _owner("Blue", squirtle())


def _unhurt(name: str, *, level: int, health: int) -> Pokemon:
    return Pokemon(id=_any_id(), name=name, level=level, current_health=health, max_health=health)


def _owner(name: str, pokemon: Pokemon) -> Trainer:
    return Trainer(id=_any_id(), name=name, pokemons=(pokemon.model_copy(update={"trainer_name": name}),))


def _any_id() -> int:
    return random.randrange(10_000)
