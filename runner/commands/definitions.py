"""Deployments: storing a diagram as a new version, and what people ask about definitions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ulid import ULID

from runner.bpmn.check import bind, check_diagram
from runner.bpmn.diagram import Diagram, Process
from runner.bpmn.read import read_diagram
from runner.bpmn.render import render_svg
from runner.bpmn.rules.table import with_sources
from runner.commands.building import check_built
from runner.commands.forms import missing_forms
from runner.commands.waits import open_starts
from runner.engine.advance import OpenedWait
from runner.engine.starting import start_waits, triggers
from runner.errors import DefinitionNotFound, DiagramRefused, ExpressionFailed, Finding, ScheduleInvalid
from runner.model import Definition, Deployment, Mark
from runner.runtime import Runtime
from runner.store import definitions
from runner.store.transactions import Transaction


@dataclass(frozen=True, slots=True)
class DefinitionOverview:
    """A process as the list shows it: its newest version and its instances by state.

    `refused` is why the file was not taken when it was saved last; the version before it stays.
    """

    definition: Definition
    versions: int
    active: int
    completed: int
    incidents: int
    refused: str | None


@dataclass(frozen=True, slots=True)
class ElementSummary:
    """An element for people: what it is called, says, and which function does its work ("module.function")."""

    id: str
    type: str
    name: str
    documentation: str
    topic: str | None
    handler: str | None


def deploy(
    runtime: Runtime, xml: bytes, *, source: str, deployment: str | None = None, renewed: bool = False
) -> tuple[Deployment, ...]:
    """Store every executable process of a diagram; content that is stored already makes no new version.

    Files that are deployed together share a `deployment`: call activities may ask for what came with them. If some of
    that is new (`renewed`), a process that asks for it is a new version, too, although it has not changed itself.

    Raises DiagramUnreadable or DiagramRefused; then nothing is stored.
    """
    diagram = read_diagram(xml, source=source)
    findings = check_diagram(
        diagram, runtime.handlers.topics, template_fits=runtime.template_fits, now=runtime.clock.now()
    )
    refused = tuple(finding for finding in findings if finding.verdict == "refused") or check_built(diagram)
    if refused:
        raise DiagramRefused(source, refused)
    warnings = tuple(finding.describe(source) for finding in findings if finding.verdict == "warning")
    bound = [(process, bind(process, runtime.handlers.topics)) for process in diagram.executable]
    starts = {process.key: _starts(process, source) for process, _ in bound}
    together = deployment or str(ULID())

    def store(transaction: Transaction) -> list[tuple[str, bool]]:
        stored = []
        for process, topics in bound:
            renew = renewed and _asks_for_its_deployment(process)
            id = _store(runtime, transaction, diagram, (process, topics), deployment=together, renew=renew)
            stored.append((process.key, id is not None))
            if id is not None:
                open_starts(runtime, transaction, starts[process.key], process_key=process.key, definition_id=id)
        return stored

    stored = runtime.database.write(store)
    deployments = []
    for process, (key, created) in zip(diagram.executable, stored, strict=True):
        definition = find_definition(runtime, key)
        missing = with_sources(missing_forms(runtime, process, definition_id=definition.id))
        said = (finding.describe(source) for finding in missing)
        deployments.append(Deployment(definition, created, (*warnings, *said)))
    return tuple(deployments)


def _starts(process: Process, source: str) -> list[OpenedWait]:
    """Give what the start events of a process will wait for. Raises DiagramRefused if that cannot be told."""
    try:
        return start_waits(process)
    except (ExpressionFailed, ScheduleInvalid) as error:
        message = f"Expected start events that tell what they wait for, but in process '{process.key}': {error}"
        raise DiagramRefused(source, (Finding("refused", error.code, message, process.key),)) from error


def _asks_for_its_deployment(process: Process) -> bool:
    links = (link for each in process.elements.values() for link in (each.called, each.form_link))
    return any(link is not None and link.binding == "deployment" for link in links)


def _store(
    runtime: Runtime,
    transaction: Transaction,
    diagram: Diagram,
    bound: tuple[Process, dict[str, str]],
    *,
    deployment: str,
    renew: bool,
) -> int | None:
    """Store a process as a new version and give its id; None if this content is the newest version already, unless
    that has to be renewed."""
    process, topics = bound
    content_hash = hashlib.sha256(diagram.xml).hexdigest()
    newest = definitions.newest(transaction, process.key)
    if newest is not None and newest.content_hash == content_hash and not renew:
        definitions.rebind(transaction, newest.id, topics)
        transaction.after_commit[partial(runtime.definitions.forget, newest.id)] = None
        return None
    row = {
        "key": process.key,
        "version": 1 if newest is None else newest.version + 1,
        "name": process.name,
        "documentation": process.documentation,
        "dialect": str(diagram.dialect),
        "source": diagram.source,
        "content_hash": content_hash,
        "xml": diagram.xml,
        "bindings": json.dumps(topics),
        "deployed_at": transaction.now,
        "deployment": deployment,
        "version_tag": process.version_tag,
    }
    definitions.insert_definition(transaction, row)
    stored = definitions.newest(transaction, process.key)
    assert stored is not None
    return stored.id


def find_definition(runtime: Runtime, key: str, version: int | None = None) -> Definition:
    """Give one version of a process (None: the newest). Raises DefinitionNotFound, naming the known keys."""
    with runtime.database.read() as connection:
        found = definitions.find(connection, key, version)
        if found is None:
            raise DefinitionNotFound(key, definitions.keys(connection), version)
    return found


def get_definition(runtime: Runtime, definition_id: int) -> Definition:
    """Give a definition by its id. Raises DefinitionNotFound."""
    with runtime.database.read() as connection:
        found = definitions.get(connection, definition_id)
    if found is None:
        raise DefinitionNotFound(f"#{definition_id}")
    return found


def list_definitions(runtime: Runtime) -> tuple[DefinitionOverview, ...]:
    """Give the newest version of every process, by key."""
    with runtime.database.read_one_moment() as connection:
        newest = definitions.newest_of_each(connection)
        counts = definitions.count_instances(connection)
    overviews = []
    for definition in newest:
        states = counts.get(definition.key, {})
        overviews.append(
            DefinitionOverview(
                definition=definition,
                versions=definition.version,
                active=states.get("active", 0),
                completed=states.get("completed", 0),
                incidents=states.get("incidents", 0),
                refused=runtime.refusals.get(definition.source),
            )
        )
    return tuple(overviews)


def last_deployment(runtime: Runtime) -> tuple[int, dict[str, str]]:
    """Give the newest definition's id (0 without any) and what is refused by now: what differs when pages must look."""
    with runtime.database.read() as connection:
        return definitions.newest_id(connection), dict(runtime.refusals)


def list_refused(runtime: Runtime) -> dict[str, str]:
    """Give why files of the folder are refused of which no process is deployed, by file name."""
    with runtime.database.read() as connection:
        deployed = {definition.source for definition in definitions.newest_of_each(connection)}
    return {source: why for source, why in sorted(runtime.refusals.items()) if source not in deployed}


def read_xml(runtime: Runtime, definition_id: int) -> bytes:
    """Give the file that a definition came from, unchanged. Raises DefinitionNotFound."""
    with runtime.database.read() as connection:
        content = definitions.read_content(connection, definition_id)
    if content is None:
        raise DefinitionNotFound(f"#{definition_id}")
    return content[2]


def draw(runtime: Runtime, definition_id: int, marks: Mapping[str, Mark]) -> str:
    """Give the diagram as SVG with elements and flows marked. Raises DefinitionNotFound."""
    definition = get_definition(runtime, definition_id)
    return render_svg(read_xml(runtime, definition_id), marks=marks, title=definition.name or definition.key)


def elements(runtime: Runtime, definition_id: int) -> tuple[ElementSummary, ...]:
    """Give what a person reads about each element, in document order. Raises DefinitionNotFound."""
    deployed = runtime.definitions.get(definition_id)
    summaries = []
    for element in deployed.process.elements.values():
        topic = deployed.bindings.get(element.id)
        found = runtime.handlers.get(topic) if topic else None
        place = found.place if found else None
        summaries.append(ElementSummary(element.id, element.type, element.name, element.documentation, topic, place))
    return tuple(summaries)


def started_by(runtime: Runtime, definition_id: int) -> tuple[str, ...]:
    """Say what begins a process that nobody can start by hand ("the message 'PaymentReceived'"); () if somebody can.

    Raises DefinitionNotFound.
    """
    return triggers(runtime.definitions.get(definition_id).process)


def example_variables(runtime: Runtime, key: str) -> dict[str, Any]:
    """Give the variables that a start form begins with: those of `<examples>/<key>.json`, or none."""
    if runtime.examples is None or "/" in key or "\\" in key:
        return {}
    path = runtime.examples / f"{key}.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
