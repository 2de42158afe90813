"""Which services the handlers call. Read from environment variables for each call, so that nothing is cached."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError

from handlers.services.wording import first_complaint
from runner import PermanentFailure

OAK_URL = "http://127.0.0.1:8600"
LEDGER = Path("ledger.db")
LONGEST_DEMO_SECONDS = 8  # an attempt counts as failed after 10 s


def _without_last_slash(url: str) -> str:
    return str(TypeAdapter(HttpUrl).validate_python(url)).rstrip("/")


ServiceUrl = Annotated[str, AfterValidator(_without_last_slash)]


class ServiceSettings(BaseModel):
    """What the environment says about the services; the validation alias of a field is its variable.

    `POKEMON_STATUS_URL`, `POKEMON_COMBAT_URL`, `POKEMON_POKEBALL_URL`: where a team's service answers, for example
    `http://127.0.0.1:8600`; unset means its rules run in this process. `OAK_URL`: where Professor Oak's API answers.
    `POKEMON_LEDGER`: the file of the bank's ledger.
    `POKEMON_DEMO_SECONDS`: how long a service in this process takes, so that a person can watch the token.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True)

    status_url: ServiceUrl | None = Field(default=None, validation_alias="POKEMON_STATUS_URL")
    combat_url: ServiceUrl | None = Field(default=None, validation_alias="POKEMON_COMBAT_URL")
    pokeball_url: ServiceUrl | None = Field(default=None, validation_alias="POKEMON_POKEBALL_URL")
    oak_url: ServiceUrl = Field(default=OAK_URL, validation_alias="OAK_URL")
    ledger: Path = Field(default=LEDGER, validation_alias="POKEMON_LEDGER")
    demo_seconds: float = Field(default=0.0, validation_alias="POKEMON_DEMO_SECONDS", ge=0, le=LONGEST_DEMO_SECONDS)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ServiceSettings:
        """Read the settings; an empty variable counts as unset.

        Raises PermanentFailure naming the variable that cannot be read: no further attempt would read it better.
        """
        names = (str(field.validation_alias) for field in cls.model_fields.values())
        try:
            return cls.model_validate({name: environment[name] for name in names if environment.get(name)})
        except ValidationError as error:
            raise PermanentFailure(
                f"Expected usable settings in the environment, but {first_complaint(error)}"
            ) from error
