"""The files of element templates: which there should be, which of them are out of date, and writing them.

Camunda's Modeler finds them in `.camunda/element-templates/` beside a diagram or in a folder above it. A file holds the
newest version first and keeps the earlier ones, so that the Modeler knows what it has drawn and offers the update."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.bpmn.applied_templates import TemplateFits
from runner.bpmn.bindings import snake_case
from runner.bpmn.diagram import Dialect
from runner.errors import Invalid
from runner.handling import HandlerRegistry
from runner.templates.camunda import PREFIX, SCHEMAS, Template, draw_template
from runner.templates.fields import GENERATION, HandlerFields, read_fields
from runner.work.calling import InputInvalid

FOLDER = Path(".camunda") / "element-templates"


class TemplatesUnreadable(Invalid):
    """A file of element templates cannot be read, or holds something else."""

    code = "templates_unreadable"


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file and what it should hold (None: its handler is gone, and so should the file be). `change` is "new",
    "updated", "removed" or "unchanged"."""

    path: Path
    content: str | None
    change: str


def plan_files(handlers: HandlerRegistry, folder: Path) -> tuple[TemplateFile, ...]:
    """Give the files that a folder should hold, by name, and those of ours that it should not hold any more.

    Raises TemplatesUnreadable or InputInvalid.
    """
    planned = {}
    for handler in sorted(handlers, key=lambda each: each.topic):
        fields = read_fields(handler)
        for dialect in SCHEMAS:
            path = folder / f"{_file_name(handler.topic)}.{dialect}.json"
            planned[path] = _plan(path, fields, dialect)
    for path in sorted(path for dialect in SCHEMAS for path in folder.glob(f"*.{dialect}.json")):
        if path not in planned and all(str(each.get("id")).startswith(PREFIX) for each in _read(path)):
            planned[path] = TemplateFile(path, None, "removed")
    return tuple(planned[path] for path in sorted(planned))


def write_files(files: tuple[TemplateFile, ...]) -> None:
    """Write what has changed. Raises TemplatesUnreadable if that is not possible."""
    for file in files:
        try:
            if file.content is None:
                file.path.unlink()
            elif file.change != "unchanged":
                file.path.parent.mkdir(parents=True, exist_ok=True)
                file.path.write_text(file.content, "utf-8")
        except OSError as error:
            raise TemplatesUnreadable(f"Expected to write {file.path}, but {error.strerror}.") from error


def template_fits(handlers: HandlerRegistry) -> TemplateFits:
    """Give a function of a template id and a version: does it fit the handler as it is now? None: not one of ours.

    Handlers are read when they are asked for, each once.
    """
    known: dict[str, int] = {}

    def fits(template_id: str, version: int) -> bool | None:
        handler = handlers.get(template_id.removeprefix(PREFIX)) if template_id.startswith(PREFIX) else None
        if handler is None:
            return None
        try:
            if handler.topic not in known:
                known[handler.topic] = read_fields(handler).fingerprint
        except InputInvalid:
            return None  # its jobs will say so; a diagram is not to blame for it
        return version % GENERATION == known[handler.topic]

    return fits


def _plan(path: Path, fields: HandlerFields, dialect: Dialect) -> TemplateFile:
    """Give the file of one handler: a new version comes before the earlier ones, the same one is drawn anew."""
    earlier = list(_read(path)) if path.exists() else []
    newest = max((_version(each) for each in earlier), default=0)
    if not earlier or newest % GENERATION != fields.fingerprint:
        newest = (newest // GENERATION + 1) * GENERATION + fields.fingerprint
    kept = [each for each in earlier if _version(each) != newest]
    templates = [draw_template(fields, dialect, version=newest), *kept]
    content = json.dumps(templates, ensure_ascii=False, indent=2) + "\n"
    if not path.exists():
        return TemplateFile(path, content, "new")
    return TemplateFile(path, content, "unchanged" if path.read_text("utf-8") == content else "updated")


def _version(template: Template) -> int:
    version = template.get("version")
    return version if isinstance(version, int) else 0


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TemplatesUnreadable(f"Expected element templates in {path}, but it cannot be read: {error}.") from error
    templates = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in templates):
        raise TemplatesUnreadable(f"Expected element templates in {path}, but it holds something else.")
    yield from templates


def _file_name(topic: str) -> str:
    """Give a topic as a file name; one that cannot be one as it is keeps a mark that no other topic has."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", topic):
        return topic
    return f"{snake_case(topic) or 'handler'}-{hashlib.sha256(topic.encode()).hexdigest()[:8]}"
