"""Whatever is drawn, and however a run is saved, restored, killed and stored: the same history and the same end.

In CI the models are the same each time. RUNNER_LONG_MODELS=n tries n times as many, other ones each time unless
`--hypothesis-seed` says which."""

from __future__ import annotations

import os

from durability.courses import Accident, InEngine, in_database, play
from durability.models import Block, Dialect, model
from durability.strategies import dialects, everything, everything_in_engine
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

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
@given(everything() | everything_in_engine(), dialects, schedules)
def test_an_engine_restored_after_every_step_does_what_an_undisturbed_one_does(
    block: Block, dialect: Dialect, schedule: list[int]
) -> None:
    drawn = model(block, dialect)
    note(drawn.drawing.outline())
    assert play(InEngine(drawn, restoring=True), schedule) == play(InEngine(drawn), schedule)


@examples(20)
@given(everything(), dialects, schedules, accidents)
def test_a_runner_with_accidents_at_any_step_does_what_an_undisturbed_engine_does(
    verified_url: str, block: Block, dialect: Dialect, schedule: list[int], befallen: list[Accident]
) -> None:
    drawn = model(block, dialect)
    note(drawn.drawing.outline())
    with in_database(verified_url, drawn, befallen) as course:
        assert play(course, schedule) == play(InEngine(drawn), schedule)
