"""What is deployed, of all kinds."""

from __future__ import annotations

from dataclasses import dataclass

from runner.commands.decisions import list_decisions
from runner.commands.definitions import list_definitions
from runner.commands.forms import list_forms
from runner.model import Definition
from runner.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Deployed:
    """The newest version of a process, decision or form (`kind`).

    `instances` are those of all versions of a process: "active", "completed", "incidents" (that have one open); else
    None.
    """

    kind: str
    definition: Definition
    instances: dict[str, int] | None = None


def list_deployed(runtime: Runtime) -> tuple[Deployed, ...]:
    """Give processes, decisions and forms, each kind by key."""
    processes = (
        Deployed(
            "process",
            each.definition,
            {"active": each.active, "completed": each.completed, "incidents": each.incidents},
        )
        for each in list_definitions(runtime)
    )
    decisions = (Deployed("decision", each) for each in list_decisions(runtime))
    return (*processes, *decisions, *(Deployed("form", each) for each in list_forms(runtime)))
