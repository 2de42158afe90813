"""The handlers of `capture`, each noting its calls in a file, and dying or holding on where the environment says so."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from waiting import until

from handlers import combat, pokeball, status
from handlers.pokemon import Pokemon, Trainer
from handlers.services.pokeball import Catch
from runner import Job, handler

CALLS, DIE_IN, HOLD_IN = "TEST_CALLS", "TEST_DIE_IN", "TEST_HOLD_IN"


@handler("paralyze")
def paralyze(pokemon: Pokemon, job: Job) -> status.Paralyzed:
    """Paralyze, counted."""
    _called(job)
    return status.paralyze(pokemon)


@handler("attack")
def attack(pokemon: Pokemon, job: Job) -> combat.Weakened:
    """Attack, counted; one that was held on to leaves a health that nobody else would."""
    held = _called(job)
    weakened = combat.attack(pokemon)
    return combat.Weakened(pokemon=weakened.pokemon.model_copy(update={"current_health": 99})) if held else weakened


@handler("throw_pokeball")
def throw_pokeball(trainer: Trainer, pokemon: Pokemon, job: Job) -> Catch:
    """Throw the ball, counted."""
    _called(job)
    return pokeball.throw_pokeball(trainer, pokemon)


@handler("heal")
def heal(pokemon: Pokemon, job: Job) -> combat.Healed:
    """Heal, counted."""
    _called(job)
    return combat.heal(pokemon)


@handler("cure")
def cure(pokemon: Pokemon, job: Job) -> status.Cured:
    """Cure, counted."""
    _called(job)
    return status.cure(pokemon)


def read_calls(path: Path) -> list[tuple[str, str, int]]:
    """Give topic, idempotency key and attempt of every call noted so far."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [(topic, key, int(attempt)) for topic, key, attempt in map(str.split, lines)]


def _called(job: Job) -> bool:
    path = Path(os.environ[CALLS])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{job.topic} {job.id} {job.attempt}\n")
    if os.environ.get(DIE_IN) == job.topic:
        os.kill(os.getpid(), signal.SIGKILL)
    held = os.environ.get(HOLD_IN) == job.topic
    if held:
        until(path.with_suffix(".go").exists)
    return held
