"""Handlers with parameters of many types, which note what they are called with."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

from pydantic import BaseModel, Field

from runner import handler

CALLS: list[dict[str, Any]] = []
Price = NewType("Price", float)


class Color(Enum):
    """A text for each."""

    RED = "red"
    DEEP_BLUE = "blue"


class Size(IntEnum):
    """A number for each."""

    SMALL = 1
    LARGE = 2


class Home(BaseModel):
    """Where somebody lives."""

    street: str
    zip: Annotated[str, Field(pattern=r"^\d{5}$")] = "12345"


class Person(BaseModel):
    """Somebody, with friends who are the same."""

    name: str
    home: Home | None = None
    friends: list[Person] = []


class Done(BaseModel):
    """What `everything` gives."""

    total: Decimal
    at: datetime | None = None


ANN = Person(name="Ann", home=Home(street="Main"))


@handler("io.example:everything")
def everything(
    color: Color = Color.DEEP_BLUE,
    size: Size = Size.LARGE,
    mode: Literal["fast", "slow"] = "fast",
    mixed: Literal["a", 1, True] = 1,
    maybe: int | None = None,
    maybe_color: Color | None = None,
    person: Person = ANN,
    people: list[Person] = [],  # noqa: B006
    table: dict[str, list[int]] = {"a": [1]},  # noqa: B006
    day: date = date(2026, 1, 31),
    moment: datetime | None = None,
    clock: time = time(5, 30),
    pause: timedelta = timedelta(hours=1),
    amount: Annotated[Decimal, Field(gt=0, le=100)] = Decimal("1.50"),
    zero: int = 0,
    number: Annotated[int, Field(ge=1, le=10)] = 5,
    text: Annotated[str, Field(min_length=2, max_length=10, pattern="^a.*z$")] = "abcz",
    long: Annotated[str, Field(max_length=5_000)] = "word",
    feel: str = "=1 + 1",
    juel: str = "${x}",
    either: int | str = 5,
    off: bool = False,
    on: bool = True,
    anything: Any = None,
    id: UUID | None = None,
    price: Price = Price(1.5),
    many: tuple[int, ...] = (1, 2),
    unique: set[int] = {1},  # noqa: B006
    empty: str = "",
    only: Literal["only"] = "only",
    größe: str = 'ä "quoted" <&>',
) -> Done:
    """Do everything. https://example.org/all"""
    CALLS.append(dict(locals()))
    return Done(total=amount)


@handler("required")
def required(
    color: Color,
    size: Size,
    flag: bool,
    number: int,
    share: float,
    text: str,
    person: Person,
    day: date,
    items: list[int],
    mode: Literal["a", "b"],
    either: int | str,
) -> None:
    """Do what has to be said."""
    CALLS.append(dict(locals()))


@handler("nothing")
def nothing() -> None:
    """Do nothing."""
    CALLS.append({})
