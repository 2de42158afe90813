"""The services of the example over real HTTP, on a free port of this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from handlers.combat import attack, heal
from handlers.pokeball import throw_pokeball
from handlers.pokemon import mewtwo, rattata, sacha
from handlers.services.client import ServiceError
from handlers.services.combat import HttpCombat, InProcessCombat
from handlers.services.oak import HttpProfessorOak
from handlers.services.pokeball import HttpPokeball, InProcessPokeball
from handlers.services.server import create_app
from handlers.services.status import HttpStatus, InProcessStatus
from handlers.status import cure, paralyze
from runner import BpmnError, PermanentFailure, Runner

Respond = Callable[..., str]
ROOT = Path(__file__).parents[2]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` in a thread and give its URL."""
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(create_app(escaping={"Mewtwo"})) as address:
        yield address


@pytest.fixture
def respond() -> Iterator[Respond]:
    """Give a function that sets what a strange server answers to everything, and gives its URL."""
    app, answer = Flask("strange"), {"body": "", "status": "200"}

    @app.route("/<path:_>", methods=["GET", "POST"])
    def anything(_: str) -> tuple[str, int]:
        return answer["body"].replace("{id}", request.headers.get("X-Request-ID", "")), int(answer["status"])

    with serving(app) as address:

        def set_answer(body: str, status: int = 200) -> str:
            answer.update(body=body, status=str(status))
            return address

        yield set_answer


def test_answers_over_http_are_those_of_the_rules(url: str) -> None:
    trainer, wild = sacha(), rattata()
    assert HttpStatus(url).paralyze(wild) == InProcessStatus().paralyze(wild)
    assert HttpStatus(url).cure(wild) == InProcessStatus().cure(wild)
    assert HttpCombat(url).attack(wild) == InProcessCombat().attack(wild)
    assert HttpCombat(url).heal(wild) == InProcessCombat().heal(wild)
    assert HttpPokeball(url).throw(trainer, wild) == InProcessPokeball().throw(trainer, wild)


def test_a_capture_runs_over_http_when_the_environment_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POKEMON_STATUS_URL", "POKEMON_COMBAT_URL", "POKEMON_POKEBALL_URL"):
        monkeypatch.setenv(name, url)
    assert cure(heal(attack(paralyze(mewtwo()).pokemon).pokemon).pokemon).pokemon.current_health == 200
    caught = throw_pokeball(sacha(), attack(paralyze(rattata()).pokemon).pokemon).trainer.pokemons[1]
    assert (caught.name, caught.status, caught.current_health, caught.trainer_name) == ("Rattata", "PAR", 1, "Sacha")
    with pytest.raises(BpmnError):  # only this server knows that Mewtwo escapes
        throw_pokeball(sacha(), mewtwo())


def test_a_capture_is_undone_over_http_when_the_pokemon_escapes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POKEMON_STATUS_URL", "POKEMON_COMBAT_URL", "POKEMON_POKEBALL_URL"):
        monkeypatch.setenv(name, url)
    met = {"trainer": sacha().model_dump(mode="json"), "pokemon": mewtwo().model_dump(mode="json")}
    with Runner(database="sqlite://", handlers=["handlers"]) as runner:
        runner.deploy(ROOT / "processes" / "capture.bpmn")
        instance = runner.start("capture", met)
        assert instance.wait(timeout=20)
        assert ("pokemon_fled", "completed") in [(each.element_id, each.event) for each in instance.history]
        assert instance.variables == met


def test_a_pokemon_that_breaks_out_over_there_is_a_bpmn_error_here(url: str) -> None:
    with pytest.raises(BpmnError, match="Mewtwo broke out of the ball that Sacha threw") as escaped:
        HttpPokeball(url).throw(sacha(), mewtwo())
    assert escaped.value.code == "POKEMON_ESCAPED"


def test_professor_oak_answers_over_http(url: str) -> None:
    assert asyncio.run(HttpProfessorOak(url).hello(request_id="job-1")) == "Hello Professor Oak!"


def test_professor_oak_learns_the_request_id(respond: Respond) -> None:
    address = respond("You are {id}.\n")
    assert asyncio.run(HttpProfessorOak(address).hello(request_id="job-1")) == "You are job-1."


def test_a_service_that_is_down_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(ServiceError, match=f"Expected {address}/attack to answer, but ConnectError"):
        HttpCombat(address).attack(mewtwo())
    with pytest.raises(ServiceError, match=f"Expected {address}/hello to answer, but ConnectError"):
        asyncio.run(HttpProfessorOak(address).hello(request_id="job-1"))


@pytest.mark.parametrize("status", [404, 409, 429, 500, 503])
def test_an_error_status_is_a_failure_worth_another_attempt(respond: Respond, status: int) -> None:
    with pytest.raises(ServiceError, match=f"it answered {status} .*: not today"):
        HttpStatus(respond("not today", status)).paralyze(mewtwo())


@pytest.mark.parametrize("status", [400, 422])
def test_a_request_that_is_not_understood_fails_for_good(respond: Respond, status: int) -> None:
    with pytest.raises(PermanentFailure, match=f"POST .*/attack to succeed, but it answered {status}"):
        HttpCombat(respond('{"error": "no Pokémon"}', status)).attack(mewtwo())


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_with_a_code_is_a_bpmn_error(respond: Respond, status: int) -> None:
    with pytest.raises(BpmnError) as refused:
        HttpStatus(respond('{"code": "IMMUNE", "message": "Electric types are."}', status)).paralyze(mewtwo())
    assert (refused.value.code, refused.value.message) == ("IMMUNE", "Electric types are.")


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"name": "Mewtwo"}'])
def test_an_answer_that_is_not_a_pokemon_is_a_failure(respond: Respond, body: str) -> None:
    with pytest.raises(ServiceError, match="to answer with a Pokemon, but its answer is not one"):
        HttpCombat(respond(body)).attack(mewtwo())


def test_an_empty_greeting_is_a_failure(respond: Respond) -> None:
    with pytest.raises(ServiceError, match="its answer was empty"):
        asyncio.run(HttpProfessorOak(respond(" \n")).hello(request_id="job-1"))


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("/paralyze", "{", "Expected a Pokemon as JSON, but it is not: Invalid JSON"),
        ("/attack", '{"id": 1}', "Expected a Pokemon as JSON, but it is not: name: Field required"),
        ("/throw", '{"pokemon": {}}', "Expected a Throw as JSON, but it is not: trainer: Field required"),
    ],
)
def test_the_server_says_what_it_does_not_understand(path: str, body: str, complaint: str) -> None:
    answer = create_app().test_client().post(path, data=body)
    assert answer.status_code == 422
    assert answer.get_json()["error"].startswith(complaint)


def test_the_server_refuses_a_huge_request() -> None:
    assert create_app().test_client().post("/attack", data=b" " * (1024 * 1024 + 1)).status_code == 413
