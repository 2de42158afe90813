"""What is deployed, of all kinds."""

from __future__ import annotations

from dataclasses import dataclass

from runner.commands.decisions import list_decisions
from runner.commands.definitions import DefinitionOverview, list_definitions
from runner.commands.forms import list_forms
from runner.model import Definition
from runner.runtime import Runtime


@dataclass(frozen=True, slots=True)
class DeployedDefinition:
    """The newest version of a process, decision or form (`kind`); `overview` counts the instances of a process."""

    kind: str
    definition: Definition
    overview: DefinitionOverview | None = None


def list_deployed(runtime: Runtime) -> tuple[DeployedDefinition, ...]:
    """Give processes, decisions and forms, each kind by key."""
    processes = (DeployedDefinition("process", each.definition, each) for each in list_definitions(runtime))
    decisions = (DeployedDefinition("decision", each) for each in list_decisions(runtime))
    return (*processes, *decisions, *(DeployedDefinition("form", each) for each in list_forms(runtime)))
