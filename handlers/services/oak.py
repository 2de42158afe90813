"""Professor Oak's API, which lives on another machine: always HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from handlers.services.client import get_text
from handlers.services.settings import ServiceSettings


class ProfessorOak(Protocol):
    """Answers a greeting."""

    async def hello(self, *, request_id: str) -> str:
        """Give the sentence that Professor Oak says; `request_id` tells the attempts of one visit from other calls."""


@dataclass(frozen=True, slots=True)
class HttpProfessorOak:
    """Professor Oak behind `GET {url}/hello`, which answers with plain text."""

    url: str

    async def hello(self, *, request_id: str) -> str:
        """Ask the API; raises ServiceError while it is down."""
        return await get_text(f"{self.url}/hello", request_id=request_id)


def professor_oak(settings: ServiceSettings | None = None) -> ProfessorOak:
    """Find Professor Oak where `settings`, or else the environment, say."""
    return HttpProfessorOak((settings or ServiceSettings.from_environment()).oak_url)
