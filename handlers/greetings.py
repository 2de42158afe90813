"""The handlers of `helloworld`: each adds one sentence to the variable `greeting`."""

from __future__ import annotations

from pydantic import BaseModel

from handlers.pokemon import Pokemon, Trainer
from handlers.services.oak import ProfessorOak, professor_oak
from runner import Job, handler


class Greeted(BaseModel):
    """The variables that each greeting sets."""

    greeting: str


@handler("hello_trainer")
def hello_trainer(trainer: Trainer) -> Greeted:
    """Open the greeting with the trainer."""
    return Greeted(greeting=f"Hello {trainer.name}!")


@handler("hello_pokemon")
def hello_pokemon(pokemon: Pokemon, greeting: str) -> Greeted:
    """Greet the Pokémon, too."""
    return Greeted(greeting=f"{greeting} Hello {pokemon.name}!")


@handler("hello_professor_oak")
async def hello_professor_oak(greeting: str, job: Job, *, oak: ProfessorOak | None = None) -> Greeted:
    """Let Professor Oak's API say the last sentence; while it is down the job is retried.

    The call carries the job's id, so that Professor Oak's team sees which calls are attempts of the same visit.
    """
    answer = await (oak or professor_oak()).hello(request_id=job.id)
    job.logger.info("Professor Oak answered attempt %d: %s", job.attempt, answer)
    return Greeted(greeting=f"{greeting} {answer}")
