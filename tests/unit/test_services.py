"""The services of the example in this process, and how the environment chooses between them and HTTP."""

from __future__ import annotations

import pytest

from handlers.pokemon import Pokemon, Status, Trainer, blue, mewtwo, rattata, sacha
from handlers.services.combat import HttpCombat, InProcessCombat, combat_service
from handlers.services.oak import HttpProfessorOak, professor_oak
from handlers.services.pokeball import HttpPokeball, InProcessPokeball, pokeball_service
from handlers.services.settings import ServiceSettings
from handlers.services.status import HttpStatus, InProcessStatus, status_service
from runner import BpmnError, PermanentFailure


def test_paralysis_changes_the_status_alone() -> None:
    wild = mewtwo()
    paralyzed = InProcessStatus().paralyze(wild)
    assert paralyzed.model_dump() == wild.model_dump() | {"status": Status.PAR}


@pytest.mark.parametrize("health", [1, 2, 200])
def test_an_attack_leaves_one_health_point_whatever_there_was(health: int) -> None:
    hurt = mewtwo().model_copy(update={"current_health": health})
    assert InProcessCombat().attack(hurt).model_dump() == hurt.model_dump() | {"current_health": 1}


def test_a_cure_changes_the_status_alone() -> None:
    paralyzed = mewtwo().model_copy(update={"status": Status.PAR})
    assert InProcessStatus().cure(paralyzed) == paralyzed.model_copy(update={"status": Status.HEALTHY})


@pytest.mark.parametrize("health", [0, 1, 200])
def test_healing_gives_full_health_whatever_there_was(health: int) -> None:
    hurt = mewtwo().model_copy(update={"current_health": health})
    assert InProcessCombat().heal(hurt) == hurt.model_copy(update={"current_health": 200})


def test_a_caught_pokemon_is_the_newest_of_its_trainer() -> None:
    trainer, wild = blue(), rattata()
    catch = InProcessPokeball().throw(trainer, wild)
    assert [pokemon.name for pokemon in catch.trainer.pokemons] == ["Squirtle", "Rattata"]
    assert catch.trainer.pokemons[-1] == catch.pokemon
    assert (wild.trainer_name, len(trainer.pokemons)) == (None, 1)


def test_a_first_pokemon_can_be_caught() -> None:
    catch = InProcessPokeball().throw(Trainer(id=1, name="Red"), rattata())
    assert catch.trainer.pokemons == (catch.pokemon,)


def test_a_pokemon_that_breaks_out_is_a_bpmn_error() -> None:
    def is_mewtwo(pokemon: Pokemon) -> bool:
        return pokemon.name == "Mewtwo"

    service = InProcessPokeball(escapes=is_mewtwo)
    with pytest.raises(BpmnError, match="Mewtwo broke out of the ball that Sacha threw") as escaped:
        service.throw(sacha(), mewtwo())
    assert escaped.value.code == "POKEMON_ESCAPED"
    assert service.throw(sacha(), rattata()).pokemon.trainer_name == "Sacha"


def test_an_empty_environment_keeps_the_three_services_in_this_process() -> None:
    settings = ServiceSettings.from_environment({})
    assert status_service(settings) == InProcessStatus()
    assert combat_service(settings) == InProcessCombat()
    assert pokeball_service(settings) == InProcessPokeball()
    assert professor_oak(settings) == HttpProfessorOak("http://127.0.0.1:8600")


def test_urls_move_each_service_to_its_own_host() -> None:
    names = {"POKEMON_STATUS_URL": "a", "POKEMON_COMBAT_URL": "b", "POKEMON_POKEBALL_URL": "c", "OAK_URL": "d"}
    settings = ServiceSettings.from_environment({name: f"http://{host}.test/api/" for name, host in names.items()})
    assert status_service(settings) == HttpStatus("http://a.test/api")
    assert combat_service(settings) == HttpCombat("http://b.test/api")
    assert pokeball_service(settings) == HttpPokeball("http://c.test/api")
    assert professor_oak(settings) == HttpProfessorOak("http://d.test/api")


def test_an_empty_variable_counts_as_unset() -> None:
    assert ServiceSettings.from_environment({"POKEMON_STATUS_URL": "", "OAK_URL": ""}) == ServiceSettings()


def test_demo_seconds_slow_the_services_in_this_process() -> None:
    settings = ServiceSettings.from_environment({"POKEMON_DEMO_SECONDS": "1.5"})
    assert status_service(settings) == InProcessStatus(seconds=1.5)
    assert combat_service(settings) == InProcessCombat(seconds=1.5)
    assert pokeball_service(settings) == InProcessPokeball(seconds=1.5)


def test_the_environment_is_read_anew_for_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POKEMON_COMBAT_URL", "http://a.test")
    assert combat_service() == HttpCombat("http://a.test")
    monkeypatch.delenv("POKEMON_COMBAT_URL")
    assert combat_service() == InProcessCombat()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POKEMON_STATUS_URL", "localhost:8600"),
        ("POKEMON_COMBAT_URL", "ftp://combat.test"),
        ("OAK_URL", "laboratory"),
        ("POKEMON_DEMO_SECONDS", "a while"),
        ("POKEMON_DEMO_SECONDS", "-1"),
        ("POKEMON_DEMO_SECONDS", "60"),
    ],
)
def test_a_setting_that_cannot_be_read_fails_for_good_and_is_named(name: str, value: str) -> None:
    with pytest.raises(PermanentFailure, match=name) as refused:
        ServiceSettings.from_environment({name: value})
    assert repr(value) in str(refused.value)
