"""Whatever is drawn, and however a run is saved, restored, killed and stored: the same history and the same end.

In CI the models are the same each time. RUNNER_LONG_MODELS=n tries n times as many, other ones each time unless
`--hypothesis-seed` says which."""

from __future__ import annotations

import os

from durability.courses import InEngine, play
from durability.models import Block, Dialect, model
from durability.stored_courses import Accident, in_database
from durability.strategies import all_kinds, dialects, plain_work
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_diagram
from runner.commands.building import check_built

LONGER = int(os.environ.get("RUNNER_LONG_MODELS", "0"))
schedules = st.lists(st.integers(0, 5), min_size=1, max_size=8)
accidents = st.lists(st.sampled_from(Accident), min_size=1, max_size=5)


def examples(number: int) -> settings:
    """Try so many models, or RUNNER_LONG_MODELS times that."""
    return settings(
        max_examples=number * (LONGER or 1),
        derandomize=not LONGER,
        deadline=None,
        database=None,
        print_blob=bool(LONGER),
        suppress_health_check=list(HealthCheck),
    )


@examples(300)
@given(plain_work() | all_kinds(), dialects, schedules)
def test_an_engine_restored_after_every_step_does_what_an_undisturbed_one_does(
    block: Block, dialect: Dialect, schedule: list[int]
) -> None:
    drawn = model(block, dialect)
    note(drawn.drawing.outline())
    assert play(InEngine(drawn, restoring=True), schedule) == play(InEngine(drawn), schedule)


@examples(100)
@given(all_kinds(), dialects)
def test_every_random_process_may_be_deployed_and_is_built_as_drawn(block: Block, dialect: Dialect) -> None:
    drawn = model(block, dialect)
    note(drawn.drawing.outline())
    diagram = read_diagram(drawn.xml, source="model.bpmn")
    assert [each for each in check_diagram(diagram, None) if each.verdict == "refused"] == []
    assert check_built(diagram) == ()


@examples(20)
@given(plain_work() | all_kinds(), dialects, schedules, accidents)
def test_a_runner_with_accidents_at_any_step_does_what_an_undisturbed_engine_does(
    verified_url: str, block: Block, dialect: Dialect, schedule: list[int], befallen: list[Accident]
) -> None:
    drawn = model(block, dialect)
    note(drawn.drawing.outline())
    with in_database(verified_url, drawn, befallen) as course:
        assert play(course, schedule) == play(InEngine(drawn), schedule)
