"""Every element, and every kind of event at every place where BPMN allows it, does what its feature says: run straight,
saved and restored after every step, and with the runner killed after every step."""

from __future__ import annotations

import pytest
from builders import FakeClock
from durability.invariants import violations
from durability.lives import KILLED, Midwife
from features.feature import Feature, begin, read_features
from features.stages import InEngine, InStore, Visit, opened

from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_file
from runner.bpmn.verdicts import ELEMENTS, EVENTS, FEATURES, Outcome
from runner.commands.building import check_built

ALL = read_features()
# What a feature cannot show by itself, and where it is shown.
ELSEWHERE = {
    "conditional startEvent": "tests/commands/test_conditions.py",
    "decision": "tests/commands/test_decisions.py",
    "data store": "tests/commands/test_data_stores.py",
    "message sent": "tests/features/send_task.json",
    "compensation handler": "tests/features/compensate_boundary_event.json",
}


def each_feature() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("feature", ALL, ids=lambda feature: feature.name)


def played(feature: Feature, stage: InEngine) -> dict[str, object]:
    begin(feature, stage)
    for step in feature.does:
        stage.act(*step)
    return stage.ending()


@each_feature()
def test_feature_ends_as_it_says(feature: Feature) -> None:
    assert played(feature, InEngine(feature, restoring=False)) == feature.ends


@each_feature()
def test_feature_that_is_saved_and_restored_after_every_step_ends_as_it_says(feature: Feature) -> None:
    assert played(feature, InEngine(feature, restoring=True)) == feature.ends


def test_features_whose_runner_is_killed_after_every_step_end_as_they_say(lasting_url: str, attendant: Midwife) -> None:
    for turn in range(1 + max(len(feature.does) for feature in ALL)):
        assert attendant.attend(Visit(lasting_url, turn)) == [KILLED]
    clock = FakeClock()
    with opened(lasting_url, ALL, clock) as runner:
        ends = {feature.name: InStore(runner, feature, clock, []).ending() for feature in ALL}
        assert {name: end for name, end in ends.items() if end != expected(name)} == {}
        assert violations(runner.runtime) == []


def expected(name: str) -> dict[str, object]:
    return next(feature.ends for feature in ALL if feature.name == name)


@each_feature()
def test_feature_is_accepted_and_is_built_as_drawn(feature: Feature) -> None:
    diagram = read_file(feature.path)
    assert [each for each in check_diagram(diagram, None) if each.verdict == "refused"] == []
    assert check_built(diagram) == ()


def test_every_row_of_the_verdict_table_has_a_feature() -> None:
    events = {f"{kind} {place}" for kind, row in EVENTS.items() for place in row.executed_at}
    rows = {name for name, row in (ELEMENTS | FEATURES).items() if row.outcome is not Outcome.REFUSED}
    assert {feature.covers for feature in ALL} | set(ELSEWHERE) == events | rows
