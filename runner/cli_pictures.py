"""The command of `runner` that draws: `render`. `cli.py` registers it and translates errors."""

from __future__ import annotations

import logging
import os.path
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.errors import Invalid
from runner.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.app import Runner
    from runner.model import Mark


@click.command()
@click.argument("what", metavar="[FILE|KEY]", required=False)
@click.option("-o", "--output", metavar="FILE.svg", default="-", help="Where to write. Default: standard output.")
@click.option("--process", metavar="KEY", help="Only this process of a file that has several.")
@click.option(
    "--theme",
    type=click.Choice(["light", "dark", "auto"]),
    default="light",
    show_default=True,
    help="auto: the colours of the page around it (CSS variables --bpmn-…), else light.",
)
@click.option("--title", metavar="TEXT", default="", help="The picture's name for screen readers.")
@click.option("--instance", metavar="INSTANCE", help="With the state of this instance on it.")
@click.option("--at", type=click.IntRange(0, 2**31 - 1), metavar="STEP", help="As it was after this step of the log.")
@click.option("--database", metavar="URL", help="Database, e.g. sqlite:///runner.db (RUNNER_DATABASE).")
def render(what: str | None, output: str, instance: str | None, at: int | None, **options: Any) -> None:
    """Draw a diagram as SVG.

    FILE need not be deployed, nor executable; KEY is the newest version that is deployed. A file without a layout gets
    one. With --instance the finished path, the tokens, their trouble, and how often what came round again completed are
    shown on it: on the version that the instance runs, or on FILE.

    \b
      runner render processes/capture.bpmn -o capture.svg
      runner render --instance 01M85F --theme dark -o now.svg
    """
    from runner.bpmn.render import render_svg

    if at is not None and instance is None:
        raise Invalid("Expected --instance beside --at, but there is none. Name one.")
    if what is None and instance is None:
        raise Invalid("Expected a FILE, a KEY or --instance, but there is none of them. Say what to draw.")
    settings = load_settings({"database": options["database"]})[0]
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    marks, drawn = ({}, None) if instance is None else _standing(settings, instance, at)
    xml, source = _read(settings, what) if what is not None or drawn is None else drawn
    wanted = {name: options[name] for name in ("process", "theme", "title")}
    _write(render_svg(xml, marks=marks, source=source, **wanted), output)


PICTURES = (render,)


def _standing(settings: Settings, instance: str, at: int | None) -> tuple[Mapping[str, Mark], tuple[bytes, str]]:
    """Give the marks of an instance, and the file of the version that it runs."""
    from runner.commands.definitions import read_xml
    from runner.commands.instances import view_instance
    from runner.marking import counted_marks_of

    with _open(settings) as opened:
        view = view_instance(opened.runtime, instance, at=at)
        xml = read_xml(opened.runtime, view.definition.id)
        elements = opened.runtime.definitions.get(view.definition.id).process.elements
    repeated = [key for key, element in elements.items() if element.repetition is not None]
    return counted_marks_of(view, repeated), (xml, view.definition.source)


def _read(settings: Settings, what: str | None) -> tuple[bytes, str]:
    """Give the bytes of a file, or of the newest version of a key, and what to call them."""
    from runner.bpmn.xml import load_file
    from runner.commands.definitions import find_definition, read_xml

    what = str(what)
    if what.endswith((".bpmn", ".xml")) or os.path.exists(what):
        return load_file(Path(what)), what
    with _open(settings) as opened:
        definition = find_definition(opened.runtime, what)
        return read_xml(opened.runtime, definition.id), definition.source


def _write(svg: str, output: str) -> None:
    if output == "-":
        click.echo(svg.encode())  # bytes: UTF-8, whatever the terminal's encoding is
        return
    try:
        Path(output).write_text(svg + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise Invalid(f"Expected to write the picture to {output}, but: {error.strerror or error}.") from error


def _open(settings: Settings) -> Runner:
    from runner.app import Runner  # the engine is slow to import; `runner --help` must not wait for it

    return Runner(handlers=(), settings=settings, work=False)
