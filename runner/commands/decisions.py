"""Decisions: deploying their files, listing them, evaluating one by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ulid import ULID

from runner.decisions import DecisionResult, Decisions, read_decisions
from runner.decisions.imports import Find, nothing
from runner.errors import DecisionNotFound, DecisionsRefused
from runner.model import Definition, Deployment
from runner.runtime import Runtime
from runner.store import decisions
from runner.store.transactions import Transaction


def deploy_decisions(
    runtime: Runtime, xml: bytes, *, source: str, deployment: str | None = None, find: Find = nothing
) -> tuple[Deployment, ...]:
    """Store every decision of a file as a new version; content that is stored already makes none.

    `find` gives the files that it imports: they are stored with it, and stay as they are for this version.
    Raises DiagramUnreadable or DecisionsRefused; then nothing is stored.
    """
    read = read_decisions(xml, source, find)
    refused = tuple(finding for finding in read.findings if finding.verdict == "refused")
    if refused:
        raise DecisionsRefused(source, refused)
    warnings = tuple(finding.describe(source) for finding in read.findings if finding.verdict == "warning")
    content_hash = read.content_hash
    together = deployment or str(ULID())

    def store(transaction: Transaction) -> list[bool]:
        stored = []
        for id in read.ids:
            newest = decisions.newest(transaction, id)
            stored.append(newest is None or newest[1] != content_hash)
            if stored[-1]:
                decision = read.decision(id)
                row = {
                    "key": id,
                    "version": 1 if newest is None else newest[0] + 1,
                    "name": decision.name,
                    "content_hash": content_hash,
                    "deployed_at": transaction.now,
                    "deployment": together,
                    "version_tag": decision.version_tag,
                }
                decisions.insert_decision(transaction, row)
        if any(stored):
            _insert_files(transaction, read)
        return stored

    created = runtime.database.write(store)
    found = (find_decision(runtime, id) for id in read.ids)
    return tuple(Deployment(each, new, warnings) for each, new in zip(found, created, strict=True))


def _insert_files(transaction: Transaction, read: Decisions) -> None:
    """Store a file and what it imports. A file that several import is written once."""
    imports = {namespace: each.content_hash for namespace, each in read.imports.items()}
    row = {"content_hash": read.content_hash, "source": read.source, "xml": read.xml}
    decisions.insert_file(transaction, row, imports)
    for each in read.imports.values():
        _insert_files(transaction, each)


def find_decision(runtime: Runtime, id: str, version: int | None = None) -> Definition:
    """Give one version of a decision (None: the newest) by id or name. Raises DecisionNotFound."""
    with runtime.database.read() as connection:
        found = decisions.find(connection, id, version)
        if found is None:
            wanted = "" if version is None else f" in version {version}"
            raise DecisionNotFound(id, decisions.keys(connection), wanted)
    return found


def list_decisions(runtime: Runtime) -> tuple[Definition, ...]:
    """Give the newest version of every decision, by id."""
    with runtime.database.read() as connection:
        return decisions.newest_of_each(connection)


def evaluate_decision(
    runtime: Runtime, id: str, variables: Mapping[str, Any], *, version: int | None = None
) -> DecisionResult:
    """Evaluate a deployed decision with these variables; nothing is stored.

    Raises DecisionNotFound or DecisionFailed.
    """
    found = find_decision(runtime, id, version)
    return runtime.deciding.file(found.content_hash).evaluate(found.key, variables, clock=runtime.clock)
