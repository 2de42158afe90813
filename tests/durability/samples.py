"""The sample processes that durability is proved on, and handlers that note each call before they answer.

An answer depends on nothing but the variables, so that every run of a sample has the same end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from builders import bpmn, chain, error_boundary, fork, loop

from handlers import combat, greetings, pokeball, status
from handlers.pokemon import Pokemon, Trainer
from handlers.services.pokeball import Catch
from runner import BpmnError, Job, Postpone, handler
from runner.commands import definitions
from runner.runtime import Runtime

ROOT = Path(__file__).parents[2]
ROUNDS = 4


@dataclass(frozen=True)
class Sample:
    """A process: its file, and the variables that each of its instances is started with."""

    xml: bytes
    variables: Mapping[str, Any]


@dataclass
class Watch:
    """What a process wants to know of its handlers: a file for the ids of called jobs, and who is told of their points.

    With `postponing`, each job is postponed once by no time at all, so that it has to be claimed from its table.
    """

    calls: Path | None = None
    pass_by: Callable[[str], None] = lambda _point: None
    postponing: bool = False
    postponed: set[str] = field(default_factory=set)

    def begin(self, job: Job) -> None:
        """Write the call down, in one write that a kill cannot split."""
        if self.postponing and job.id not in self.postponed:
            self.postponed.add(job.id)
            raise Postpone(timedelta(0))
        if self.calls is not None:
            file = os.open(self.calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(file, f"{job.id}\n".encode())
            os.close(file)
        self.pass_by("in a handler")


# There is one for each process, as there is for its handlers.
watch = Watch()


def _boundary() -> bytes:
    nodes = [("s", "startEvent"), ("attempt", "serviceTask"), error_boundary("refused", "attempt", "no"),
             ("comfort", "serviceTask"), ("e", "endEvent"), ("e2", "endEvent")]  # fmt: skip
    arrows = [("s", "attempt"), ("attempt", "e"), ("refused", "comfort"), ("comfort", "e2")]
    return bpmn(nodes, arrows, key="boundary", extra='<error id="no" errorCode="NO"/>')


def _example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "examples" / f"{name}.json").read_text("utf-8"))
    return found


SAMPLES = {
    "capture": Sample((ROOT / "processes" / "capture.bpmn").read_bytes(), _example("capture")),
    "helloworld": Sample((ROOT / "processes" / "helloworld.bpmn").read_bytes(), _example("helloworld")),
    "fork": Sample(fork("left", "right", key="fork"), {"l": 1, "r": 2}),
    "loop": Sample(loop(f"n < {ROUNDS}", key="loop"), {"n": 0}),
    "boundary": Sample(_boundary(), {"seen": []}),
}


def _approval() -> bytes:
    nodes = [("s", "startEvent"), ("sign", "userTask"), ("stamp", "serviceTask"), ("e", "endEvent")]
    return bpmn(nodes, [("s", "sign"), ("sign", "stamp"), ("stamp", "e")], key="approval")


def _caller() -> bytes:
    nodes = [("s", "startEvent"), ("ask", 'callActivity calledElement="called"'), ("stamp", "serviceTask")]
    return bpmn([*nodes, ("e", "endEvent")], [("s", "ask"), ("ask", "stamp"), ("stamp", "e")], key="caller")


# Samples that also wait for a person, or for another instance; the one that is called is a sample by itself, too.
WITH_OTHERS = {
    "approval": Sample(_approval(), {"stamps": 0}),
    "called": Sample(chain(["stamp"], key="called"), {"stamps": 0}),
    "caller": Sample(_caller(), {"stamps": 0}),
}
EVERY = SAMPLES | WITH_OTHERS
SIGNED = {"signed": True}


def deploy(runtime: Runtime) -> None:
    """Store all samples; those that are stored already make no new version."""
    for key, sample in EVERY.items():
        definitions.deploy(runtime, sample.xml, source=f"{key}.bpmn")


def watched(topic: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function the handler of a topic; it takes the job by the name `job`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @handler(topic)
        @wraps(function)
        def called(*arguments: Any, **named: Any) -> Any:
            watch.begin(named["job"])
            try:
                return function(*arguments, **named)
            finally:
                watch.pass_by("after a handler")

        return called

    return decorate


@watched("paralyze")
def paralyze(pokemon: Pokemon, job: Job) -> status.Paralyzed:
    """Paralyze, as the project's handler does."""
    return status.paralyze(pokemon)


@watched("attack")
def attack(pokemon: Pokemon, job: Job) -> combat.Weakened:
    """Attack, as the project's handler does."""
    return combat.attack(pokemon)


@watched("throw_pokeball")
def throw_pokeball(trainer: Trainer, pokemon: Pokemon, job: Job) -> Catch:
    """Throw the ball, as the project's handler does."""
    return pokeball.throw_pokeball(trainer, pokemon)


@watched("heal")
def heal(pokemon: Pokemon, job: Job) -> combat.Healed:
    """Heal, as the project's handler does."""
    return combat.heal(pokemon)


@watched("cure")
def cure(pokemon: Pokemon, job: Job) -> status.Cured:
    """Cure, as the project's handler does."""
    return status.cure(pokemon)


@watched("hello_trainer")
def greet_trainer(trainer: Trainer, job: Job) -> greetings.Greeted:
    """Greet the trainer, as the project's handler does."""
    return greetings.hello_trainer(trainer)


@watched("hello_pokemon")
def greet_pokemon(pokemon: Pokemon, greeting: str, job: Job) -> greetings.Greeted:
    """Greet the Pokémon, as the project's handler does."""
    return greetings.hello_pokemon(pokemon, greeting)


@watched("hello_professor_oak")
def greet_oak(greeting: str, job: Job) -> greetings.Greeted:
    """Say what Professor Oak's API says when it is up."""
    return greetings.Greeted(greeting=f"{greeting} Hello Professor Oak!")


@watched("left")
def left(l: int, job: Job) -> dict[str, int]:  # noqa: E741  # a variable's name
    """Do the left branch's work."""
    return {"l": l * 10}


@watched("right")
def right(r: int, job: Job) -> dict[str, int]:
    """Do the right branch's work."""
    return {"r": r * 10}


@watched("work")
def work(n: int, job: Job) -> dict[str, int]:
    """Count a round."""
    return {"n": n + 1}


@watched("attempt")
def attempt(seen: list[str], job: Job) -> None:
    """Be refused."""
    raise BpmnError("NO", "refused", {"seen": [*seen, "refused"]})


@watched("comfort")
def comfort(seen: list[str], job: Job) -> dict[str, list[str]]:
    """Make good for the refusal."""
    return {"seen": [*seen, "comforted"]}


@watched("stamp")
def stamp(stamps: int, job: Job) -> dict[str, int]:
    """Count a stamp."""
    return {"stamps": stamps + 1}
