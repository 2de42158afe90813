"""The ways out of an error page: links to what was probably meant."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from flask import url_for

from runner.commands.instances import list_instances
from runner.errors import DefinitionNotFound, InstanceEnded, InstanceNotFound, RunnerError
from web.current import current_runtime

RECENT = 200
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Way:
    """A link and what it leads to."""

    text: str
    address: str


def ways_out(error: RunnerError | None) -> tuple[Way, ...]:
    """Give links for an error: the nearest ids first, then the lists."""
    lists = (Way("All processes", url_for("processes.overview")), Way("All instances", url_for("instances.overview")))
    return (*_near(error), *lists)


def _near(error: RunnerError | None) -> tuple[Way, ...]:
    match error:
        case DefinitionNotFound(key=key, known=known):
            near = [key] if key in known else difflib.get_close_matches(key, known, n=SHOWN, cutoff=0.4)
            return tuple(Way(f"Process {name}", url_for("processes.show", key=name)) for name in near)
        case InstanceNotFound(instance_id=wanted):
            recent = [one.id for one in list_instances(current_runtime(), limit=RECENT).instances]
            near = difflib.get_close_matches(wanted, recent, n=SHOWN, cutoff=0.6)
            return tuple(Way(f"Instance {one}", url_for("instances.show", instance_id=one)) for one in near)
        case InstanceEnded(instance_id=ended):
            return (Way(f"Instance {ended}", url_for("instances.show", instance_id=ended)),)
        case _:
            return ()
