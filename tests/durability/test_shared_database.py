"""Several runner processes on one database share the work, and no step is lost or done twice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from durability import samples
from durability.endings import Ending, unlike
from durability.faults import working
from durability.invariants import violations
from durability.lives import Life, Midwife

from runner import Runner
from runner.commands.instances import list_instances
from runner.settings import Settings
from runner.store import connecting
from runner.store.migrations import upgrade

PROCESSES, OF_EACH_SAMPLE = 3, 7


def workers(runner: Runner) -> dict[str, set[str | None]]:
    """Give the processes that claimed jobs of each topic."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for each in list_instances(runner.runtime, limit=10_000).instances:
        for job in runner.instance(each.id).view().jobs:
            found[job.topic].add(job.claimed_by)
    return found


def test_processes_that_open_a_new_database_at_the_same_time_agree(
    verified_url: str, tmp_path: Path, attendant: Midwife
) -> None:
    assert attendant.attend(*[Life(verified_url, tmp_path, keys=("fork",))] * PROCESSES) == [0] * PROCESSES


@dataclass(frozen=True)
class Upgrade:
    """A process that brings a database up to date."""

    url: str

    def live(self) -> None:
        """Take every step that is not taken yet."""
        engine = connecting.open_engine(connecting.Place(self.url))
        assert upgrade(engine, None)
        engine.dispose()


def test_processes_that_bring_a_database_up_to_date_at_the_same_time_agree(
    verified_url: str, attendant: Midwife
) -> None:
    assert attendant.attend(*[Upgrade(verified_url)] * PROCESSES) == [0] * PROCESSES


def test_three_processes_share_a_hundred_instances(
    lasting_url: str, tmp_path: Path, attendant: Midwife, undisturbed: dict[str, Ending]
) -> None:
    with working(lasting_url) as runner:
        parts = [tuple(sorted(runner.runtime.handlers.topics)[number::PROCESSES]) for number in range(PROCESSES)]
    life = Life(lasting_url, tmp_path, tuple(samples.SAMPLES) * OF_EACH_SAMPLE, hasty=True, companions=PROCESSES)
    assert attendant.attend(*[replace(life, topics=part) for part in parts]) == [0] * PROCESSES
    with Runner(lasting_url, [], settings=Settings(), work=False) as runner:
        found = workers(runner)
        for topic, claimants in found.items():  # one process each, the same for all topics of its part
            (part,) = (part for part in parts if topic in part)
            assert len(set.union(claimants, *(found[other] for other in part if other in found))) == 1
        assert len(set.union(*found.values())) == PROCESSES
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])
        attempts = {job.id: job.attempt for id in life.acknowledged for job in runner.instance(id).view().jobs}
        assert len(life.acknowledged) == len(samples.SAMPLES) * PROCESSES * OF_EACH_SAMPLE
        assert sorted(life.calls) == sorted(attempts) and set(attempts.values()) == {1}
