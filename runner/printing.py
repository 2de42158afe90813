"""What the command line prints: for people with rich, for programs as one JSON object."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runner.fired import decided_in_words
from runner.model import Deployment, HistoryEntry, Incident, Instance, InstanceState, InstanceView, Token, Wait
from runner.settings import Settings

# What stands between the user's name and the host in a database URL.
_PASSWORD = re.compile(r"(://[^:/@]*:)[^@/]*@")
_COLORS = {
    "completed": "green",
    "entered": "cyan",
    "job_failed": "yellow",
    "incident_opened": "red",
    "warned": "yellow",
    "error_thrown": "yellow",
    "canceled": "yellow",
}
# What a token waits for that has no job, in words.
_WAITING_WORDS = {
    "join": "the other branches",
    "inside": "the tokens inside it",
    "user_task": "a person",
    "call": "the process it called",
    "event": "one of several events",
}


def console() -> Console:
    """Give a console on standard output; colours only on a terminal."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)


def print_json(value: Any) -> None:
    """Print one JSON object on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


class JsonShow:
    """Says nothing until the end, then one JSON object."""

    def __init__(self, timeout: float | None = None) -> None:
        self.timeout = timeout

    def begin(self, instance_id: str, key: str, version: int) -> None:
        """Stay silent."""

    def step(self, entries: tuple[HistoryEntry, ...]) -> None:
        """Stay silent."""

    def end(self, view: InstanceView, status: int) -> None:
        """Print the result."""
        print_json(result_json(view))


class StepShow:
    """Prints a line per step as it happens, then the variables."""

    def __init__(self, timeout: float | None = None) -> None:
        self.timeout = timeout
        self._console = console()

    def begin(self, instance_id: str, key: str, version: int) -> None:
        """Print what was started."""
        self._console.print(f"[bold]{escape(key)}[/bold] version {version}, instance {instance_id}")

    def step(self, entries: tuple[HistoryEntry, ...]) -> None:
        """Print what has happened."""
        for entry in entries:
            if entry.element_type != "sequenceFlow":
                self._console.print(entry_line(entry))

    def end(self, view: InstanceView, status: int) -> None:
        """Print the result."""
        if view.instance.state is InstanceState.ACTIVE and not view.instance.incidents:
            goes_on = f"it goes on with the next worker: runner show {view.instance.id}"
            self._console.print(f"Waiting has stopped; the instance is still active and {goes_on}")
        self._console.print(f"[bold]{view.instance.state}[/bold]")
        for incident in open_incidents(view):
            self._console.print(f"[red]incident[/red] at {escape(incident.element_id)}: {escape(incident.message)}")
        for name, value in view.variables.items():
            self._console.print(f"  {escape(name)} = {escape(_brief(value))}")


def entry_line(entry: HistoryEntry) -> str:
    """Give a history entry as a line of rich markup."""
    color = _COLORS.get(entry.event, "default")
    detail = "; ".join(decided_in_words(entry))
    detail = detail or "  ".join(f"{name}={_brief(value)}" for name, value in entry.detail.items())
    line = f"{_clock(entry.at)}  [{color}]{entry.event:<17}[/{color}] {escape(entry.element_id)}"
    return f"{line}  [dim]{escape(detail)}[/dim]" if detail else line


def result_json(view: InstanceView) -> dict[str, Any]:
    """Give an instance as the JSON object of the command line's contract."""
    return {
        "instance_id": view.instance.id,
        "key": view.instance.key,
        "version": view.instance.version,
        "state": view.instance.state,
        "business_key": view.instance.business_key,
        "variables": view.variables,
        "history": [
            {
                "seq": entry.seq,
                "at": entry.at.isoformat(),
                "element_id": entry.element_id,
                "element_type": entry.element_type,
                "event": entry.event,
                **({"detail": entry.detail} if entry.detail else {}),
            }
            for entry in view.history
        ],
        "incidents": [
            {"id": each.id, "element_id": each.element_id, "kind": each.kind, "message": each.message}
            for each in open_incidents(view)
        ],
        "tokens": [token_json(token) for token in view.tokens],
        **({"parent_id": view.instance.parent_id} if view.instance.parent_id else {}),
    }


def token_json(token: Token) -> dict[str, Any]:
    """Give a token and what it waits for as JSON data."""
    result: dict[str, Any] = {"element_id": token.element_id, "waiting_for": token.waiting_for}
    if token.job is not None:
        result["job"] = {
            "id": token.job.id,
            "topic": token.job.topic,
            "state": token.job.state,
            "attempt": token.job.attempt,
            "due_at": token.job.due_at.isoformat(),
            "error": str(token.job.failure) if token.job.failure else None,
        }
        if token.job.lock is not None:
            result["job"] |= {"lock": token.job.lock, "lock_holder": token.job.lock_holder}
    if token.waits:
        result["waits"] = [wait_json(wait) for wait in token.waits]
    if token.user_task is not None:
        result["user_task"] = {"id": token.user_task.id, "assignee": token.user_task.assignee}
    if token.called_id is not None:
        result["called_id"] = token.called_id
    return result


def wait_json(wait: Wait) -> dict[str, Any]:
    """Give an event that waits as JSON data."""
    return {
        "element_id": wait.element_id,
        "kind": wait.kind,
        "name": wait.name or None,
        "key": wait.key or None,
        "due_at": wait.due_at.isoformat() if wait.due_at else None,
        "remaining": wait.remaining,
        "interrupting": wait.interrupting,
    }


def open_incidents(view: InstanceView) -> list[Incident]:
    """Give the incidents that are not resolved."""
    return [incident for incident in view.incidents if incident.resolved_at is None]


def token_line(token: Token) -> str:
    """Say in a line where a token is and what it waits for."""
    place = f"{token.element_name or token.element_id} [{token.element_id}]"
    job = token.job
    if token.waiting_for == "incident" and token.incident is not None:
        return f"{place}: waits for a person: {token.incident.message}"
    if token.user_task is not None:
        return f"{place}: waits for {token.user_task.assignee or 'a person'}, user task {token.user_task.id}"
    if token.called_id is not None:
        return f"{place}: waits for instance {token.called_id}"
    if job is None:
        return f"{place}: waits for {_WAITING_WORDS.get(token.waiting_for, f'a {token.waiting_for}')}"
    if job.failure is not None and job.state == "ready":
        return f"{place}: retrying, attempt {job.attempt + 1} at {_clock(job.due_at)}; {job.failure}"
    if job.lock_holder is not None:
        return f"{place}: waits for the lock '{job.lock}', which job {job.lock_holder} has"
    if job.claimed_by is not None and job.state == "claimed":
        return f"{place}: its handler '{job.topic}' is at work, attempt {job.attempt}"
    return f"{place}: waits for a worker for '{job.topic}'"


def wait_line(wait: Wait) -> str:
    """Say in a line what an event waits for."""
    return f"[{wait.element_id}] {wait}" + ("" if wait.interrupting else ", as often as it happens")


def _standing_lines(view: InstanceView) -> Iterator[str]:
    """Say where the tokens are and what may happen there."""
    for token in view.tokens:
        yield token_line(token)
        if token.incident is not None and view.instance.incidents > 1:
            yield f"  incident {token.incident.id}"
        yield from (f"  {wait_line(wait)}" for wait in token.waits)
    for wait in view.waits:
        if wait.token_id == 0:
            yield f"the process as a whole: {wait_line(wait)}"


def print_view(view: InstanceView, *, as_json: bool) -> None:
    """Print all about an instance."""
    if as_json:
        print_json(result_json(view))
        return
    out = console()
    instance = view.instance
    place = f"version {instance.version}, instance {instance.id}"
    out.print(f"[bold]{escape(instance.key)}[/bold] {place}: {instance.state}")
    if instance.parent_id is not None:
        out.print(f"  called by instance {instance.parent_id}")
    for line in _standing_lines(view):
        out.print(f"  {escape(line)}")
    out.print("[bold]Variables[/bold]")
    for name, value in view.variables.items():
        out.print(f"  {escape(name)} = {escape(json.dumps(value, ensure_ascii=False))}")
    out.print("[bold]History[/bold]")
    if view.steps_before:
        out.print(f"  earlier steps: {view.steps_before}; --limit shows more")
    for entry in view.history:
        out.print(f"  {entry.step:>4}  {entry_line(entry)}")


def print_instances(instances: Sequence[Instance], total: int, *, as_json: bool) -> None:
    """Print a list of instances."""
    if as_json:
        rows = [
            {
                "instance_id": each.id,
                "key": each.key,
                "version": each.version,
                "state": each.state,
                "business_key": each.business_key,
                "started_at": each.started_at.isoformat(),
                "ended_at": each.ended_at.isoformat() if each.ended_at else None,
                "incidents": each.incidents,
                "retrying": each.retrying,
            }
            for each in instances
        ]
        print_json({"instances": rows, "total": total})
        return
    table = Table("instance", "process", "state", "business key", "started", box=None)
    for each in instances:
        trouble = " (incident)" if each.incidents else " (retrying)" if each.retrying else ""
        started = each.started_at.isoformat(sep=" ", timespec="seconds")
        table.add_row(each.id, f"{each.key} v{each.version}", each.state + trouble, each.business_key or "", started)
    console().print(table)
    if total > len(instances):
        click.echo(f"{len(instances)} of {total}; --limit shows more")


def print_deployment(deployment: Deployment) -> None:
    """Print what deploying a process did."""
    definition = deployment.definition
    did = "deployed" if deployment.created else "unchanged"
    click.echo(f"{did}: {definition.key} version {definition.version} from {definition.source}")
    for warning in deployment.warnings:
        click.echo(f"  {warning}")


def deployment_json(deployment: Deployment) -> dict[str, Any]:
    """Give what deploying a process did as JSON data."""
    definition = deployment.definition
    return {
        "key": definition.key,
        "version": definition.version,
        "created": deployment.created,
        "source": definition.source,
        "warnings": list(deployment.warnings),
    }


def print_settings(settings: Settings, origins: dict[str, str], *, as_json: bool) -> None:
    """Print each setting, its value and where that came from."""
    values = settings.model_dump(mode="json")
    values["database"] = _PASSWORD.sub(r"\1***@", values["database"])
    if as_json:
        print_json({name: {"value": value, "origin": origins[name]} for name, value in values.items()})
        return
    table = Table("setting", "value", "from", "meaning", box=None)
    for name, field in Settings.model_fields.items():
        value = values[name]
        text = ", ".join(value) if isinstance(value, list) else str(value)
        table.add_row(name, escape(text), origins[name], field.description or "")
    console().print(table)


def _clock(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S.%f")[:-3]


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "…"
