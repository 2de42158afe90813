"""Settings: defaults, then `runner.toml`, then the environment, then the command line; each knows its origin."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from runner.errors import SettingsInvalid, near_hint
from runner.schedules import CatchUp
from runner.scripts.languages import ScriptLanguage

FILE = "runner.toml"
PREFIX = "RUNNER_"


class Settings(BaseModel):
    """All settings. In `runner.toml` by these names; in the environment as RUNNER_DATABASE, RUNNER_HANDLERS, …"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str = Field("sqlite:///runner.db", description="database URL; sqlite:// is gone when the runner stops")
    handlers: tuple[str, ...] = Field(("handlers",), description="modules or .py files with handlers, comma-separated")
    processes: Path = Field(Path("processes"), description="folder of diagrams that `serve` deploys and watches")
    examples: Path = Field(Path("examples"), description="folder of example variables for start forms, <key>.json")
    scripts: tuple[ScriptLanguage, ...] = Field(
        (),
        description="languages of script tasks that are run: python, javascript, comma-separated",
    )
    threads: int = Field(8, ge=1, le=512, description="handlers that run at the same time")
    claim_seconds: float = Field(30.0, ge=0.2, description="how long a worker holds a job without a sign of life")
    archive_after_days: float | None = Field(
        None, ge=0, le=36_500, description="ended instances are packed after so long, and stay readable; None: never"
    )
    delete_after_days: float | None = Field(
        None, ge=0, le=36_500, description="ended instances are removed after so long; None: never"
    )
    catch_up: CatchUp = Field(
        CatchUp.ONCE, description="a timer cycle's occurrences that were missed while nothing ran: all, once or skip"
    )
    message_ttl_hours: float = Field(
        24.0, ge=0, le=876_000, description="how long a message is kept that nobody waits for, unless it says so itself"
    )
    host: str = Field("127.0.0.1", description="address that `serve` listens on")
    port: int = Field(8080, ge=0, le=65535, description="port that `serve` listens on; 0 takes a free one")
    log_level: str = Field("WARNING", description="DEBUG, INFO, WARNING or ERROR, to standard error")

    @field_validator("handlers", "scripts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("expected DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @property
    def handlers_by_default(self) -> bool:
        """Tell whether nobody has said where the handlers are."""
        return "handlers" not in self.model_fields_set

    @property
    def claim_duration(self) -> timedelta:
        """Give `claim_seconds` as a duration."""
        return timedelta(seconds=self.claim_seconds)

    @property
    def message_ttl(self) -> timedelta:
        """Give `message_ttl_hours` as a duration."""
        return timedelta(hours=self.message_ttl_hours)

    @property
    def archive_after(self) -> timedelta | None:
        """Give `archive_after_days` as a duration."""
        return None if self.archive_after_days is None else timedelta(days=self.archive_after_days)

    @property
    def delete_after(self) -> timedelta | None:
        """Give `delete_after_days` as a duration."""
        return None if self.delete_after_days is None else timedelta(days=self.delete_after_days)


def load_settings(
    given: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> tuple[Settings, dict[str, str]]:
    """Give the settings, and for each where it came from: "default", the file, the variable, or "given".

    `given` is what the command line or a caller said (None values are not said). Raises SettingsInvalid.
    """
    path = (folder or Path.cwd()) / FILE
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for origin, found in (
        (str(path), _from_file(path)),
        ("environment", _from_environment(os.environ if environment is None else environment)),
        ("given", {name: value for name, value in (given or {}).items() if value is not None}),
    ):
        for name, value in found.items():
            if name not in Settings.model_fields:
                near = near_hint(name, Settings.model_fields)
                raise SettingsInvalid(f"Expected a known setting, but {origin} says '{name}'.{near}")
            values[name] = value
            origins[name] = f"{PREFIX}{name.upper()}" if origin == "environment" else origin
    try:
        return Settings(**values), origins
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        where = "the option" if origins[name] == "given" else origins[name]
        raise SettingsInvalid(
            f"Expected a usable setting '{name}', but {where} says {first['input']!r}: {first['msg']}."
        ) from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsInvalid(f"Expected settings in TOML, but {path} cannot be read: {error}.") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: environment[PREFIX + name.upper()]
        for name in Settings.model_fields
        if environment.get(PREFIX + name.upper())
    }
