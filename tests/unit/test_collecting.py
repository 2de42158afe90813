"""Garbage is looked for seldom while a process serves, and as before afterwards."""

from __future__ import annotations

import gc

from runner.collecting import YOUNG, collecting_seldom


def test_what_is_loaded_is_left_alone_meanwhile_and_all_is_as_before_afterwards() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()

    with collecting_seldom():
        assert gc.get_threshold()[0] == YOUNG
        assert gc.get_freeze_count() > frozen

    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_circle_made_meanwhile_is_collected_all_the_same() -> None:
    with collecting_seldom():
        circle: list[object] = []
        circle.append(circle)
        del circle

        assert gc.collect() >= 1
