"""Talks HTTP for the services: an answer becomes a model or a text, a refusal with a code becomes a BPMN error.

httpx is imported when the first call is made: it takes longer to load than all handlers together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from handlers.services.wording import first_complaint
from runner import BpmnError, PermanentFailure

if TYPE_CHECKING:
    import httpx

Answer = TypeVar("Answer", bound=BaseModel)

TIMEOUT_SECONDS = 5.0  # within the 10 s of an attempt, so that the failure names the service
HOPELESS = frozenset({400, 422})  # the request itself is refused: the same one will be refused again


class ServiceError(Exception):
    """A service did not give a usable answer; another attempt may get one."""


class Refusal(BaseModel):
    """How a service says, with status 409 or 422, that the business (not the technique) stands in the way."""

    code: str = Field(min_length=1)
    message: str = ""


def post(url: str, question: BaseModel, answer: type[Answer]) -> Answer:
    """Send a model as JSON and read the answer as one.

    Raises BpmnError for a refusal with a code, PermanentFailure if the request is not understood, ServiceError else.
    """
    import httpx

    try:
        with httpx.Client(**_options(url)) as client:
            response = client.post(url, json=question.model_dump(mode="json"))
    except httpx.HTTPError as error:
        raise _no_answer(url, error) from error
    try:
        return answer.model_validate_json(_checked(response).content)
    except ValidationError as error:
        raise ServiceError(
            f"Expected {url} to answer with a {answer.__name__}, but its answer is not one: {first_complaint(error)}"
        ) from error


async def get_text(url: str, *, request_id: str) -> str:
    """Fetch a text that is not empty; `request_id` goes along as header X-Request-ID. Raises as `post` does."""
    import httpx

    try:
        async with httpx.AsyncClient(**_options(url)) as client:
            response = await client.get(url, headers={"X-Request-ID": request_id})
    except httpx.HTTPError as error:
        raise _no_answer(url, error) from error
    text = _checked(response).text.strip()
    if not text:
        raise ServiceError(f"Expected {url} to answer with a text, but its answer was empty.")
    return text


def _options(url: str) -> dict[str, Any]:
    # Plain http has no certificate to verify, and preparing to verify one takes 25 ms a client.
    return {"timeout": TIMEOUT_SECONDS, "verify": url.startswith("https:")}


def _no_answer(url: str, error: httpx.HTTPError) -> ServiceError:
    return ServiceError(f"Expected {url} to answer, but {type(error).__name__}: {error}. Is the service running there?")


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    refusal = _refusal(response)
    if refusal is not None:
        raise BpmnError(refusal.code, refusal.message)
    failure = PermanentFailure if response.status_code in HOPELESS else ServiceError
    raise failure(
        f"Expected {response.request.method} {response.url} to succeed, but it answered "
        f"{response.status_code} {response.reason_phrase}: {response.text.strip()[:200]}"
    )


def _refusal(response: httpx.Response) -> Refusal | None:
    if response.status_code not in (409, 422):
        return None
    try:
        return Refusal.model_validate_json(response.content)
    except ValidationError:
        return None
