"""A job whose handler kills every process that calls it stops after its attempts, and all the others go on."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

from builders import chain
from durability import samples
from durability.endings import Ending, ending, unlike
from durability.faults import PATIENCE
from durability.invariants import violations
from durability.lives import KILLED, Midwife
from waiting import until

from runner import HandlerRegistry, RetryPolicy, Runner
from runner.commands import definitions
from runner.commands.instances import list_instances
from runner.handling import Handler
from runner.model import Instance, InstanceState
from runner.settings import Settings

ATTEMPTS = 3


def kill() -> None:
    """Be a handler that nobody survives."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class PoisonedLife:
    """Works until nothing is left but an incident; the first starts one poisoned instance, and one of each sample."""

    url: str
    first: bool

    def live(self) -> None:
        """Do so in a process of its own."""
        poison = Handler("poison", kill, retry=RetryPolicy(max_attempts=ATTEMPTS))
        with Runner(self.url, [samples, HandlerRegistry([poison])], settings=Settings(threads=2)) as runner:
            if self.first:
                definitions.deploy(runner.runtime, chain(["poison"], key="poisoned"), source="poison.bpmn")
                samples.deploy(runner.runtime)
                runner.start("poisoned")
                for key, sample in samples.SAMPLES.items():
                    runner.start(key, sample.variables)
            until(lambda: all(each.incidents for each in active(runner)), timeout=PATIENCE)


def active(runner: Runner) -> tuple[Instance, ...]:
    """Give the instances that have not ended."""
    return list_instances(runner.runtime, state=InstanceState.ACTIVE, limit=100).instances


def test_it_is_an_incident_when_its_attempts_are_used_up_and_the_others_complete(
    lasting_url: str, attendant: Midwife, undisturbed: dict[str, Ending]
) -> None:
    codes = [attendant.attend(PoisonedLife(lasting_url, first=number == 0)) for number in range(ATTEMPTS + 1)]
    assert codes == [[KILLED]] * ATTEMPTS + [[0]]
    with Runner(lasting_url, [], settings=Settings(), work=False) as runner:
        (poisoned,) = active(runner)
        (incident,) = runner.instance(poisoned.id).incidents
        assert (incident.kind, incident.element_id) == ("retries_exhausted", "poison")
        assert runner.instance(poisoned.id).view().jobs[0].attempt == ATTEMPTS
        runner.instance(poisoned.id).cancel()
        expected = undisturbed | {"poisoned": ending(runner.instance(poisoned.id).view())}
        assert (unlike(runner, expected), violations(runner.runtime)) == ([], [])
