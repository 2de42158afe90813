"""The handlers of the example, called as what they are: plain functions."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from handlers.combat import attack, heal
from handlers.greetings import hello_pokemon, hello_professor_oak, hello_trainer
from handlers.pokeball import throw_pokeball
from handlers.pokemon import Pokemon, Status, Trainer, blue, mewtwo, rattata, sacha
from handlers.services.pokeball import Catch
from handlers.status import cure, paralyze
from runner import BpmnError, HandlerRegistry, Job

VISIT = Job(
    id="job-7",
    topic="hello_professor_oak",
    attempt=3,
    deadline=datetime(2026, 1, 1, tzinfo=UTC),
    instance_id="instance-1",
    business_key=None,
    element_id="hello_professor_oak",
)


@dataclass
class Recording:
    """All three services at once: notes each call and answers without changing anything."""

    calls: list[tuple[object, ...]] = field(default_factory=list)

    def paralyze(self, pokemon: Pokemon) -> Pokemon:
        self.calls.append(("paralyze", pokemon))
        return pokemon

    def cure(self, pokemon: Pokemon) -> Pokemon:
        self.calls.append(("cure", pokemon))
        return pokemon

    def attack(self, pokemon: Pokemon) -> Pokemon:
        self.calls.append(("attack", pokemon))
        return pokemon

    def heal(self, pokemon: Pokemon) -> Pokemon:
        self.calls.append(("heal", pokemon))
        return pokemon

    def throw(self, trainer: Trainer, pokemon: Pokemon) -> Catch:
        self.calls.append(("throw", trainer, pokemon))
        return Catch(trainer=trainer, pokemon=pokemon)


@dataclass
class Failing:
    """All four services at once: each call raises."""

    error: Exception

    def paralyze(self, pokemon: Pokemon) -> Pokemon:
        raise self.error

    def cure(self, pokemon: Pokemon) -> Pokemon:
        raise self.error

    def attack(self, pokemon: Pokemon) -> Pokemon:
        raise self.error

    def heal(self, pokemon: Pokemon) -> Pokemon:
        raise self.error

    def throw(self, trainer: Trainer, pokemon: Pokemon) -> Catch:
        raise self.error

    async def hello(self, *, request_id: str) -> str:
        raise self.error


class FriendlyOak:
    """Professor Oak, who answers with the id he was asked under."""

    async def hello(self, *, request_id: str) -> str:
        return f"Hello from Professor Oak ({request_id})!"


def test_paralyze_sets_the_status() -> None:
    wild = mewtwo()
    assert paralyze(wild).pokemon == wild.model_copy(update={"status": Status.PAR})
    assert wild.status is Status.HEALTHY


def test_attack_leaves_one_health_point() -> None:
    wild = mewtwo()
    assert attack(wild).pokemon == wild.model_copy(update={"current_health": 1})


def test_cure_and_heal_undo_what_was_done_to_the_pokemon() -> None:
    wild = mewtwo()
    assert cure(paralyze(wild).pokemon).pokemon == heal(attack(wild).pokemon).pokemon == wild


def test_throw_pokeball_gives_the_pokemon_to_the_trainer() -> None:
    trainer, wild = sacha(), mewtwo()
    catch = throw_pokeball(trainer, wild)
    assert catch.pokemon.trainer_name == "Sacha"
    assert catch.trainer.pokemons == (*trainer.pokemons, catch.pokemon)


def test_a_whole_capture_by_hand() -> None:
    catch = throw_pokeball(sacha(), attack(paralyze(mewtwo()).pokemon).pokemon)
    caught = catch.trainer.pokemons[1]
    assert (caught.name, caught.status, caught.current_health, caught.trainer_name) == ("Mewtwo", "PAR", 1, "Sacha")


def test_each_service_is_called_once_in_order_with_the_same_arguments() -> None:
    service, trainer, wild = Recording(), sacha(), mewtwo()
    paralyzed = paralyze(wild, service=service).pokemon
    weakened = attack(paralyzed, service=service).pokemon
    throw_pokeball(trainer, weakened, service=service)
    cure(heal(wild, service=service).pokemon, service=service)
    assert service.calls[:3] == [("paralyze", wild), ("attack", wild), ("throw", trainer, wild)]
    assert service.calls[3:] == [("heal", wild), ("cure", wild)]


@pytest.mark.parametrize("error", [ConnectionError("down"), BpmnError("POKEMON_ESCAPED", "gone")])
def test_what_a_service_raises_reaches_the_runner(error: Exception) -> None:
    service = Failing(error)
    for call in (
        lambda: paralyze(mewtwo(), service=service),
        lambda: attack(mewtwo(), service=service),
        lambda: heal(mewtwo(), service=service),
        lambda: cure(mewtwo(), service=service),
        lambda: throw_pokeball(sacha(), mewtwo(), service=service),
        lambda: asyncio.run(hello_professor_oak("Hello!", VISIT, oak=service)),
    ):
        with pytest.raises(type(error)) as raised:
            call()
        assert raised.value is error


def test_greetings_grow_sentence_by_sentence() -> None:
    first = hello_trainer(blue()).greeting
    assert first == "Hello Blue!"
    assert hello_pokemon(rattata(), first).greeting == "Hello Blue! Hello Rattata!"


def test_professor_oak_is_asked_under_the_id_of_the_job() -> None:
    greeted = asyncio.run(hello_professor_oak("Hello Blue!", VISIT, oak=FriendlyOak()))
    assert greeted.greeting == "Hello Blue! Hello from Professor Oak (job-7)!"


def test_the_attempt_that_reached_professor_oak_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="runner.handlers"):
        asyncio.run(hello_professor_oak("Hello Blue!", VISIT, oak=FriendlyOak()))
    assert "attempt 3" in caplog.text


def test_the_package_offers_a_handler_for_each_topic() -> None:
    assert HandlerRegistry.load(["handlers"]).topics == {
        "paralyze",
        "cure",
        "attack",
        "heal",
        "throw_pokeball",
        "debit",
        "credit",
        "send_receipt",
        "give_back",
        "take_back",
        "close_transfer",
        "hello_trainer",
        "hello_pokemon",
        "hello_professor_oak",
    }


def test_one_function_serves_several_registries_unchanged() -> None:
    capture, training = HandlerRegistry.load([paralyze, attack]), HandlerRegistry.load([paralyze])
    found = capture.get("paralyze")
    assert found is not None
    assert found == training.get("paralyze")
    assert found.function is paralyze


def test_loading_the_handlers_loads_no_web_server_no_http_client_and_no_engine() -> None:
    program = (
        "import sys; from runner import HandlerRegistry; HandlerRegistry.load(['handlers']);"
        "print(sorted({'flask', 'httpx', 'waitress', 'SpiffWorkflow', 'sqlalchemy'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout == "[]\n"
