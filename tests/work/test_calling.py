"""Arguments are made from variables by name and annotation, whatever kind of callable a handler is, and results become
variables again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel, Field

from runner import Job
from runner.work.calling import InputInvalid, OutputInvalid, call, output_variables

JOB = Job("i-2", "task", 1, datetime(2026, 1, 2, tzinfo=UTC), "i", None, "task")


class Pokemon(BaseModel):
    """A model of the tests' own."""

    name: str
    level: int = Field(default=1, ge=1, alias="lvl")


@dataclass
class Badge:
    """A dataclass of the tests' own."""

    name: str


class Doubling:
    """A handler that is an object; with `later`, a coroutine."""

    def __call__(self, n: int) -> dict[str, int]:
        """Double a number."""
        return {"n": n * 2}

    async def later(self, n: int) -> dict[str, int]:
        """Double a number, in time."""
        return self(n)


class DoublingLater:
    """A handler that is an object with a coroutine for a call."""

    async def __call__(self, n: int) -> dict[str, int]:
        """Double a number, in time."""
        return {"n": n * 2}


def scaled(factor: int, n: int) -> dict[str, int]:
    return {"n": factor * n}


def called(function: Callable[..., Any], variables: Mapping[str, Any]) -> Any:
    with asyncio.Runner() as loop:
        return call(function, variables, job=lambda: JOB, loop=loop, seconds=10)


def given(function: Callable[..., Any], *passed: Any, **variables: Any) -> Any:
    with asyncio.Runner() as loop:
        return call(function, variables, passed=passed, job=lambda: JOB, loop=loop, seconds=10)


def refusal(function: Callable[..., Any], variables: Mapping[str, Any]) -> str:
    with pytest.raises(InputInvalid) as refused:
        called(function, variables)
    return str(refused.value)


def test_models_dataclasses_lists_and_optionals_are_made_of_json() -> None:
    def task(pokemon: Pokemon, badges: list[Badge], rival: Pokemon | None, at: datetime) -> tuple[Any, ...]:
        return (pokemon, badges, rival, at)

    variables = {"pokemon": {"name": "Mew", "lvl": 7}, "badges": [{"name": "Boulder"}], "rival": None}
    made = called(task, variables | {"at": "2026-01-02T00:00:00Z"})

    assert made == (Pokemon(name="Mew", lvl=7), [Badge("Boulder")], None, JOB.deadline)


def test_what_is_passed_takes_the_parameters_in_their_order_past_the_job() -> None:
    def task(job: Job, rival: Pokemon, level: int = 1, *, shop: str = "mine") -> tuple[Any, ...]:
        return (job, rival, level, shop)

    assert given(task, {"name": "Mew"}, "7", rival="no") == (JOB, Pokemon(name="Mew"), 7, "mine")
    assert given(task, {"name": "Mew"}, level=9) == (JOB, Pokemon(name="Mew"), 9, "mine")


@pytest.mark.parametrize("passed", [(), (1,), (1, 2, 3)])
def test_parameters_are_variables_by_name_if_another_number_is_passed(passed: tuple[int, ...]) -> None:
    def task(a: int, b: int) -> tuple[int, int]:
        return (a, b)

    assert given(task, *passed, a=8, b=9) == (8, 9)


def test_a_handler_that_asks_for_the_arguments_gets_them_as_they_are() -> None:
    def task(arguments: list[int]) -> list[int]:
        return arguments

    assert given(task, 5, arguments=[5]) == [5]


def test_a_variable_of_the_wrong_type_is_refused_with_its_path_and_value() -> None:
    def task(team: list[Pokemon]) -> None: ...

    message = refusal(task, {"team": [{"name": "Mew"}, {"name": "Rattata", "lvl": "many"}]})

    assert "variable 'team' to fit" in message and "task, but team.1.lvl: " in message and "(got 'many')" in message


def test_every_wrong_field_is_named_up_to_five_and_long_values_are_cut() -> None:
    def task(numbers: list[int]) -> None: ...

    message = refusal(task, {"numbers": ["x" * 500] * 9})

    assert message.count("numbers.") == 5 and len(message) < 1000


def test_a_missing_variable_is_refused_when_the_process_has_none_at_all() -> None:
    def task(pokemon: Pokemon) -> None: ...

    message = refusal(task, {})

    assert "a variable 'pokemon' for " in message and "but the process has no variables." in message


def test_an_annotation_that_cannot_be_read_is_refused_with_the_handlers_name() -> None:
    def task(pokemon: Nonexistent) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    assert "task to have parameters with usable annotations, but name 'Nonexistent'" in refusal(task, {"pokemon": 1})


@pytest.mark.parametrize("handed", [{"service": "x"}, {"service": "x", "other": 1}])
def test_a_keyword_only_default_is_never_filled_not_even_beside_the_rest(handed: dict[str, Any]) -> None:
    def task(*, service: str = "default", **others: Any) -> tuple[str, list[str]]:
        return (service, sorted(others))

    assert called(task, handed) == ("default", sorted(handed.keys() - {"service"}))


def test_a_keyword_only_parameter_without_default_is_a_variable() -> None:
    def task(*, n: int) -> int:
        return n

    assert called(task, {"n": "4"}) == 4


def test_positional_parameters_keep_their_places_when_one_before_is_missing() -> None:
    def task(a: int = 1, b: int = 2, /) -> tuple[int, int]:
        return (a, b)

    assert called(task, {"b": 5}) == (1, 5)
    assert called(task, {"a": 5}) == (5, 2)


def test_the_job_is_given_by_annotation_whatever_the_parameter_is_called() -> None:
    def task(job: int, visit: Job, *, again: Job | None = None) -> tuple[int, Job, Job | None]:
        return (job, visit, again)

    assert called(task, {"job": 3, "visit": "a variable"}) == (3, JOB, JOB)


@pytest.mark.parametrize("function", [Doubling(), Doubling().later, DoublingLater(), partial(scaled, 2)])
def test_objects_methods_and_partials_are_handlers_too(function: Callable[..., Any]) -> None:
    assert called(function, {"n": "4"}) == {"n": 8}


def test_what_has_no_name_is_shown_as_it_is_in_a_refusal() -> None:
    assert f"for {partial(scaled, 2)!r}, but the process has no variables" in refusal(partial(scaled, 2), {})
    with pytest.raises(OutputInvalid, match=r"Doubling object at .* but it returned a str"):
        output_variables(Doubling(), "text")


@pytest.mark.parametrize("shared", ["items", "others"])
def test_no_handler_can_reach_the_variables_that_it_was_made_from(shared: str) -> None:
    def task(items: list[Any] | None = None, **others: Any) -> None:
        (items if items is not None else others[shared]).append("mutated")

    variables: dict[str, Any] = {shared: [1]}
    called(task, variables)

    assert variables == {shared: [1]}


def test_models_and_dataclasses_become_variables_by_field_or_alias() -> None:
    assert output_variables(scaled, Pokemon(name="Mew", lvl=7)) == {"name": "Mew", "lvl": 7}
    assert output_variables(scaled, Badge("Boulder")) == {"name": "Boulder"}
    assert output_variables(scaled, {"at": JOB.deadline, "badge": Badge("B")}) == {
        "at": "2026-01-02T00:00:00Z",
        "badge": {"name": "B"},
    }
    assert output_variables(scaled, None) == {}


def circular() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["itself"] = found
    return found


@pytest.mark.parametrize("result", [{"photo": b"\xff"}, circular(), {"n": float("inf")}, Badge, {"f": scaled}])
def test_a_result_that_is_no_json_is_refused_as_output(result: object) -> None:
    with pytest.raises(OutputInvalid, match="Expected scaled to return"):
        output_variables(scaled, result)


def test_a_coroutine_is_ended_when_its_time_is_over() -> None:
    async def task() -> None:
        await asyncio.Event().wait()

    with asyncio.Runner() as loop, pytest.raises(TimeoutError):
        call(task, {}, job=lambda: JOB, loop=loop, seconds=0.01)
