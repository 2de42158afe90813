"""Where a browser test watches a capture: a running site, and an attack that goes as the test decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handlers.combat import Weakened
from handlers.combat import attack as attack_at_once
from handlers.pokemon import Pokemon
from runner import PermanentFailure, Runner, handler

if TYPE_CHECKING:
    from playwright.sync_api import Page

POKEMON = Pokemon(id=150, name="Mewtwo", level=50, current_health=200, max_health=200).model_dump(mode="json")
OpenTab = Callable[..., "Page"]


@dataclass
class Arena:
    """Decides how the attack goes: it waits until `may_attack` is set, and fails for good while `refused` is."""

    may_attack: threading.Event = field(default_factory=threading.Event)
    refused: threading.Event = field(default_factory=threading.Event)

    def handler(self) -> Callable[..., Weakened]:
        """Give the attack handler of this arena."""

        @handler("attack")
        def attack(pokemon: Pokemon) -> Weakened:
            self.may_attack.wait(timeout=9)
            if self.refused.is_set():
                raise PermanentFailure("This Pokémon is protected.")
            return attack_at_once(pokemon)

        return attack


@dataclass
class Site:
    """A running server: its address, its runner, its arena."""

    address: str
    runner: Runner
    arena: Arena
