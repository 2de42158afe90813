"""What processes call and is not deployed: said when they are stored, before an instance gets there and has to wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from runner.bpmn.diagram import Called, Element
from runner.bpmn.findings import warning
from runner.bpmn.rules.table import with_sources
from runner.errors import Finding
from runner.expressions.language import Language
from runner.model import Deployment
from runner.runtime import Runtime
from runner.store import decisions, definitions

_CALL_NOTHING = ("dmn", "form")


def with_missing_calls(runtime: Runtime, deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Give deployments with a warning for each process or decision that they call and that is not deployed.

    To be asked when all files are stored that come together: they may call each other.
    """
    return tuple(_with_missing(runtime, each) for each in deployments)


def _with_missing(runtime: Runtime, deployment: Deployment) -> Deployment:
    definition = deployment.definition
    if definition.dialect in _CALL_NOTHING:
        return deployment
    elements = runtime.definitions.get(definition.id).process.elements.values()
    missing = with_sources(_missing(runtime, elements, caller=definition.id))
    said = tuple(finding.describe(definition.source) for finding in missing)
    return replace(deployment, warnings=(*deployment.warnings, *said))


def _missing(runtime: Runtime, elements: Iterable[Element], *, caller: int) -> Iterator[Finding]:
    for element in elements:
        called = element.called
        if called is None or element.service is not None or not _is_known(called):
            continue
        is_process = element.type == "callActivity"
        if not (_has_process if is_process else _has_decision)(runtime, called, caller):
            kind = "process" if is_process else "decision"
            message = (
                f"Expected {kind} '{called.id.text}'{_which(called)}, which '{element.id}' calls, to be deployed, but "
                "it is not: an instance will wait there, with an incident, until somebody deploys it and retries."
            )
            yield warning(element, "called_not_deployed", message=message)


def _is_known(called: Called) -> bool:
    """Say whether the diagram itself says what is called, and no expression."""
    return all(each is None or each.language is Language.TEXT for each in (called.id, called.version))


def _has_process(runtime: Runtime, called: Called, caller: int) -> bool:
    key, version = called.id.text, None if called.version is None else called.version.text
    found = runtime.database.write(
        lambda transaction: definitions.called(transaction, key, called.binding, version, caller=caller)
    )
    return found is not None


def _has_decision(runtime: Runtime, called: Called, caller: int) -> bool:
    key, version = called.id.text, None if called.version is None else called.version.text
    with runtime.database.read() as connection:
        return decisions.called_hash(connection, key, called.binding, version, caller=caller) is not None


def _which(called: Called) -> str:
    if called.binding in ("version", "versionTag") and called.version is not None:
        return f" ({'version' if called.binding == 'version' else 'version tag'} {called.version.text})"
    return " (deployed together with it)" if called.binding == "deployment" else ""
