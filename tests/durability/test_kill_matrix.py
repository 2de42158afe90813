"""Runners are killed at every point of their work, over and over: nothing is lost and nothing is applied twice.

RUNNER_LONG_KILLS=n goes n times over the whole matrix, and as many times hastily."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from durability import samples
from durability.endings import Ending, unlike
from durability.invariants import violations
from durability.lives import KILLED, POINTS, Life, Midwife, hasty, one_for_each_passing
from sqlalchemy import func, select

from runner import Runner
from runner.commands.instances import list_instances
from runner.model import JobState
from runner.settings import Settings
from runner.store.tables import instances, jobs, steps

ROUNDS = int(os.environ.get("RUNNER_LONG_KILLS", "1"))
# What moves a token on; jobs that are offered again are no progress.
TRANSITIONS = ("start_instance", "complete_job", "throw_error", "complete_user_task")


@dataclass(frozen=True)
class Scene:
    """A database on which lives are lived; nothing is left to do when the last one is over."""

    attendant: Midwife
    life: Life

    def finish(self) -> None:
        """Let a life that nobody takes do the rest of the work."""
        assert self.attendant.attend(self.life) == [0]

    def transitions_with_kills(self) -> int:
        """Count what was applied to instances that were named by lives which were killed."""
        query = (
            select(func.count())
            .select_from(steps.join(instances, instances.c.id == steps.c.instance_id))
            .where(instances.c.business_key.is_not(None), steps.c.command.in_(TRANSITIONS))
        )
        with self.opened() as runner, runner.runtime.database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def opened(self) -> Runner:
        """Open the database to look at it."""
        return Runner(self.life.url, [], settings=Settings(), work=False)


@pytest.fixture
def scene(lasting_url: str, tmp_path: Path, attendant: Midwife, undisturbed: dict[str, Ending]) -> Iterator[Scene]:
    """Give an empty database, and see in the end that nothing was lost, done twice or left undone."""
    life = Life(lasting_url, tmp_path)
    yield Scene(attendant, life)
    with Scene(attendant, life).opened() as runner:
        known = [each.id for each in list_instances(runner.runtime, limit=1_000_000).instances]
        assert set(life.acknowledged) - set(known) == set()
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])
        with runner.runtime.database.read() as connection:
            ended = connection.execute(select(jobs.c.id, jobs.c.attempt, jobs.c.state)).all()
    attempts = {job.id: job.attempt for job in ended}
    assert [id for id, times in Counter(life.calls).items() if times > attempts.get(id, 0)] == []
    assert {job.state for job in ended} == {JobState.COMPLETED, JobState.ERROR_THROWN}


def test_each_sample_is_killed_at_each_passing_of_each_point(scene: Scene) -> None:
    met = set()
    for key in [*samples.EVERY] * ROUNDS:
        for life in one_for_each_passing(scene.attendant, scene.life, key):
            assert scene.attendant.attend(life) == [KILLED], f"{life.name} was survived"
            met.add((key, life.point))
    scene.finish()
    assert met == {(key, point) for key in samples.EVERY for point in POINTS}
    # On SQLite and on PostgreSQL each.
    assert scene.transitions_with_kills() >= 500 * ROUNDS


def test_two_at_a_time_that_are_killed_in_haste_leave_everything_to_the_next(scene: Scene) -> None:
    dice = random.Random(ROUNDS)
    codes: list[int] = []
    for _ in range(ROUNDS):
        for pair in zip(hasty(scene.life, dice), hasty(scene.life, dice)[::-1], strict=True):
            codes += scene.attendant.attend(*pair)
    scene.finish()
    assert set(codes) <= {0, KILLED}
    assert codes.count(KILLED) >= len(codes) / 2
