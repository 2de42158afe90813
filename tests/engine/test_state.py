"""What is stored of an instance: small, exact, and nothing that JSON cannot carry."""

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from builders import bpmn, chain, fork, loop
from engine.executing import Drive, executable, nothing
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.engine import Execution
from runner.engine.state import MAX_DEPTH, checked_variables, dumps, empty_state, fold, plain_copy
from runner.errors import VariablesInvalid

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_the_sum_of_all_deltas_is_the_snapshot_after_every_step() -> None:
    drive = Drive(fork("a", "b"), lambda element, _: {element: [1, {"x": None}]})
    drive.start({"typename": "str", "n": 1})
    while drive.open:
        assert fold(empty_state(), json.loads(dumps(drive.deltas))) == json.loads(dumps(drive.execution.snapshot()))
        drive.step()

    assert fold(empty_state(), drive.deltas)["tokens"] == {}


def test_a_step_writes_only_what_changed() -> None:
    drive = Drive(chain(["a", "b"]), lambda *_: {"small": 1}).start({"big": "x" * 100_000})
    drive.step()

    assert len(dumps(drive.deltas[-1])) < 150


def test_a_step_writes_as_much_after_1000_rounds_as_after_10() -> None:
    drive = Drive(loop("n < 1000"), lambda _, variables: {"n": variables["n"] + 1}).run({"n": 100})
    sizes = [len(dumps(delta)) for delta in drive.deltas]

    assert sizes[890] <= sizes[10] + 8
    assert len(fold(empty_state(), drive.deltas[:-1])["tokens"]) == 1


def test_a_restored_engine_tells_of_joins_that_wait_in_vain_in_the_same_order() -> None:
    nodes = [("s", "startEvent"), ("split", "parallelGateway"), ("z", "parallelGateway"), ("y", "parallelGateway"),
             ("work", "serviceTask"), ("x", "exclusiveGateway"), ("e", "endEvent")]  # fmt: skip
    arrows = [("s", "split"), ("split", "z"), ("split", "y"), ("split", "work"), ("work", "x"), ("z", "e"), ("y", "e"),
              ("x", "z", "n > 8"), ("x", "y", "n > 9"), ("x", "e", "default")]  # fmt: skip
    undisturbed, restored = (
        Drive(bpmn(nodes, arrows), nothing, restoring=each).run({"n": 0}) for each in (False, True)
    )

    assert [kind for _, _, kind in restored.incidents] == ["stalled", "stalled"]
    assert restored.incidents == undisturbed.incidents


def test_running_changes_nothing_in_the_specs_that_instances_share() -> None:
    built = executable(fork("a", "b"))

    def fingerprint() -> dict[str, dict[str, str]]:
        specs = built.spec.task_specs.items()
        return {name: {key: repr(getattr(spec, key)) for key in _attributes(spec)} for name, spec in specs}

    before = fingerprint()
    execution = Execution(built)
    advance = execution.start({"n": 1})
    for job in advance.jobs:
        execution.complete(job.token_id, {"n": 2})
    assert fingerprint() == before
    assert {"outgoing", "entered", "lookahead"} <= set(before["a"])


def _attributes(spec: object) -> list[str]:
    slots = (name for each in type(spec).__mro__ for name in getattr(each, "__slots__", ()))
    return [name for name in (*vars(spec), *slots) if hasattr(spec, name)]


def test_a_step_that_writes_no_variable_stores_none() -> None:
    execution = Execution(executable(chain(["a", "b"])))
    started = execution.start({"n": 1})

    assert "variables" not in execution.complete(started.jobs[0].token_id, {}).delta


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_any_json_variables_survive_exactly(variables: dict[str, Any]) -> None:
    drive = Drive(chain(["a"]), nothing, restoring=True).start(checked_variables(variables))

    assert json.loads(dumps(drive.execution.snapshot()))["scopes"]["0"][2] == variables


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, "\ud800", {1: "a"}, {"a": object()}, 10**5000, b"bytes", {1, 2}],
    ids=["nan", "inf", "surrogate", "number as key", "object", "huge", "bytes", "set"],
)
def test_what_json_cannot_carry_is_refused_by_name(value: object) -> None:
    with pytest.raises(VariablesInvalid, match=r"variable|text"):
        checked_variables({"price": value})


class Colour(Enum):
    RED = "red"


class Shade(str, Enum):  # noqa: UP042  # str() of it is not its value, as that of a StrEnum is
    DARK = "dark"


class Amount(int):
    """An integer of another type."""


@pytest.mark.parametrize(
    "value",
    [Colour.RED, UUID(int=1), date(2026, 1, 1), Decimal(1), {True: 1}, {None: 1}, [1, [2, {"x": math.nan}]]],
    ids=["enum", "uuid", "date", "decimal", "true as key", "null as key", "nan deep inside"],
)
def test_what_an_encoder_would_put_something_else_in_place_of_is_refused(value: object) -> None:
    with pytest.raises(VariablesInvalid, match=r"price|text"):
        checked_variables({"price": value, "rest": None})


@pytest.mark.parametrize(
    ("value", "kept"),
    [(2**64, 2**64), (-(2**70), -(2**70)), ((1, (2,)), [1, [2]]), (Shade.DARK, "dark"), (Amount(3), 3), (-0.0, -0.0)],
    ids=["above 64 bits", "below 64 bits", "tuples", "text of another type", "integer of another type", "minus zero"],
)
def test_what_an_encoder_may_refuse_is_kept_as_plain_json_data(value: object, kept: object) -> None:
    found = checked_variables({"v": value})["v"]

    assert (repr(found), json.loads(dumps(found))) == (repr(kept), kept)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_the_quick_copy_is_the_careful_one_or_none(variables: dict[str, Any]) -> None:
    quick = plain_copy(variables)

    assert quick is None or repr(quick) == repr(variables)


@pytest.mark.parametrize("depth", [99, 100, 101, 102, 250, 300, 5000])
def test_the_quick_copy_of_deep_data_leaves_the_decision_to_the_careful_one(depth: int) -> None:
    value: Any = "core"
    for _ in range(depth):
        value = [value]

    assert (plain_copy({"v": value}) is None) == (depth >= MAX_DEPTH)


def test_nesting_of_64_is_kept_and_of_1000_refused() -> None:
    def nested(depth: int) -> Any:
        value: Any = "core"
        for _ in range(depth):
            value = [value]
        return value

    assert checked_variables({"v": nested(64)}) == {"v": nested(64)}
    with pytest.raises(VariablesInvalid, match="deep"):
        checked_variables({"v": nested(1000)})


def test_checked_variables_are_a_private_copy() -> None:
    inner = {"list": [1]}
    checked = checked_variables({"v": inner})
    inner["list"].append(2)

    assert checked == {"v": {"list": [1]}}
