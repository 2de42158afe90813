"""The web application over a real runner, and a browser that keeps cookies."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from visitor import Visitor

from runner import Runner
from web import create_app

TRAINER = {"id": 1, "name": "<Sacha>", "pokemons": []}


@pytest.fixture
def stopping() -> Iterator[threading.Event]:
    """Give what ends the event streams; at the end, wait for the thread that feeds them."""
    event = threading.Event()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread.name == "web-feed":
            thread.join(timeout=10)


@pytest.fixture
def app(runner: Runner, stopping: threading.Event) -> Flask:
    """Give the application with all example processes deployed."""
    return create_app(runner.runtime, allowed_hosts=("pokemon.example",), stopping=stopping)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client without scripts."""
    return app.test_client()


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """Give a person with a browser without scripts."""
    return Visitor(client)


@pytest.fixture
def finished(runner: Runner) -> str:
    """Give the id of a capture that is completed."""
    pokemon = {"id": 2, "name": "Mewtwo", "level": 50, "current_health": 200, "max_health": 200, "status": "HEALTHY"}
    instance = runner.start("capture", {"trainer": TRAINER, "pokemon": {**pokemon, "trainer_name": None}})
    assert instance.wait(timeout=20)
    return instance.id


@pytest.fixture
def stuck(runner: Runner) -> str:
    """Give the id of a capture with an incident: there is no Pokémon to paralyze."""
    instance = runner.start("capture", {"trainer": TRAINER})
    assert instance.wait_until_settled(timeout=20)
    return instance.id
