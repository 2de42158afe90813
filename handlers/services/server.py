"""The services behind HTTP: the same rules as in the process, and Professor Oak. Listening is `__main__`'s part."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from handlers.pokemon import Pokemon
from handlers.services.combat import InProcessCombat
from handlers.services.pokeball import InProcessPokeball, Throw
from handlers.services.status import InProcessStatus
from handlers.services.wording import first_complaint
from runner import BpmnError

if TYPE_CHECKING:
    from flask import Flask, Response

Question = TypeVar("Question", bound=BaseModel)

LARGEST_REQUEST = 1024 * 1024
OAK_SAYS = "Hello Professor Oak!"


def create_app(*, escaping: Collection[str] = (), seconds: float = 0.0) -> Flask:
    """Build the WSGI application; the Pokémon named in `escaping` break out, each answer takes `seconds`.

    `GET /hello` answers with text; `POST /paralyze`, `/cure`, `/attack`, `/heal` and `/throw` with JSON. A broken-out
    Pokémon is status 409 with `{"code", "message"}`, a request that is not understood 422 with `{"error"}`.
    """
    # Imported late: the runner imports every module under `handlers`, and most runs serve nothing.
    from flask import Flask

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    status, combat = InProcessStatus(seconds), InProcessCombat(seconds)
    pokeball = InProcessPokeball(seconds, escapes=lambda pokemon: pokemon.name in escaping)

    app.add_url_rule("/hello", "hello", lambda: (OAK_SAYS, {"Content-Type": "text/plain; charset=utf-8"}))
    app.add_url_rule("/paralyze", "paralyze", lambda: _json(status.paralyze(_read(Pokemon))), methods=["POST"])
    app.add_url_rule("/attack", "attack", lambda: _json(combat.attack(_read(Pokemon))), methods=["POST"])
    app.add_url_rule("/heal", "heal", lambda: _json(combat.heal(_read(Pokemon))), methods=["POST"])
    app.add_url_rule("/cure", "cure", lambda: _json(status.cure(_read(Pokemon))), methods=["POST"])
    app.add_url_rule("/throw", "throw", lambda: _json(pokeball.throw(**dict(_read(Throw)))), methods=["POST"])
    app.register_error_handler(ValidationError, _not_understood)
    app.register_error_handler(BpmnError, _refused)
    return app


def _read(question: type[Question]) -> Question:
    from flask import request

    return question.model_validate_json(request.get_data())


def _json(answer: BaseModel) -> Response:
    from flask import Response

    return Response(answer.model_dump_json(), content_type="application/json")


def _not_understood(error: ValidationError) -> tuple[dict[str, str], int]:
    return {"error": f"Expected a {error.title} as JSON, but it is not: {first_complaint(error)}"}, 422


def _refused(error: BpmnError) -> tuple[dict[str, str], int]:
    return {"code": error.code, "message": error.message}, 409
