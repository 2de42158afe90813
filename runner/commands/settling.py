"""Running several commands that have nothing to do with each other: they share commits, and one that fails spoils no
other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from runner.errors import DatabaseUnusable
from runner.runtime import Runtime
from runner.store.database import Command


def settle(runtime: Runtime, commands: Sequence[Command[Any]]) -> list[Exception | None]:
    """Run commands, each isolated from the others, and give what each failed with (None: with nothing).

    Raises DatabaseUnusable: then nothing is wrong with the commands themselves.
    """
    futures: list[Future[Any]] = [Future() for _ in commands]
    for command, future in zip(commands, futures, strict=True):
        runtime.database.submit(command, partial(_settled, future))
    errors = [future.result() for future in futures]
    for error in errors:
        if isinstance(error, DatabaseUnusable):
            raise error
    return errors


def _settled(future: Future[Any], _result: object, error: BaseException | None) -> None:
    future.set_result(error)
