"""What is stored of an instance: small, exact, and nothing that JSON cannot carry."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from builders import chain, fork, loop
from engine.executing import Drive, executable, nothing
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.engine import Execution
from runner.engine.state import checked_variables, dumps, empty_state, fold
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


def test_running_changes_nothing_in_the_specs_that_instances_share() -> None:
    built = executable(fork("a", "b"))

    def fingerprint() -> dict[str, dict[str, str]]:
        specs = built.spec.task_specs.items()
        return {name: {key: repr(value) for key, value in vars(spec).items()} for name, spec in specs}

    before = fingerprint()
    execution = Execution(built)
    advance = execution.start({"n": 1})
    for job in advance.jobs:
        execution.complete(job.token_id, {"n": 2})
    assert fingerprint() == before


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
