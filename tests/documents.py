"""The project's documents as tests read them: code blocks, tables, and console sessions that are done again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from runner.cli import REFUSED, cli

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = (
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
)

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.py)\n")
_ID = re.compile(r"\b01[0-9A-Z]{24}\b")
# What differs from run to run: instance ids, times of day, moments, addresses.
_CHANGING = re.compile(rf"{_ID.pattern}|\d\d:\d\d:\d\d\.\d+|\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\S*|127\.0\.0\.1:\d+")


def blocks(document: Path, language: str) -> list[str]:
    """Give the code blocks of a language, in order."""
    return [text for found, text in _BLOCK.findall(document.read_text("utf-8")) if found == language]


def files(document: Path) -> dict[str, str]:
    """Give the Python blocks that begin with the name of a file, by that name."""
    named = ((_FILE.match(text), text) for text in blocks(document, "python"))
    return {match[1]: text for match, text in named if match}


def write_files(document: Path, folder: Path) -> list[Path]:
    """Write the Python blocks of a document where their names say, and give their places."""
    places = []
    for name, text in files(document).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
        places.append(folder / name)
    return places


def section(document: Path, heading: str) -> str:
    """Give the text under a heading, up to the next one of its level."""
    _, _, rest = document.read_text("utf-8").partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Give the rows of the tables in a text, without their heads; backticks and escapes are taken off."""
    found: list[list[str]] = []
    for table in re.findall(r"(?:^\|.*\|\n?)+", text, re.MULTILINE):
        for line in table.splitlines()[2:]:
            cells = re.split(r"(?<!\\)\|", line.strip("|"))
            found.append([cell.strip().replace("`", "").replace("\\|", "|") for cell in cells])
    return found


class Session:
    """Does the `runner` commands of console blocks again, in the working folder, and compares what they print."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def missing(self, block: str) -> list[str]:
        """Give the lines of a block that its commands did not print in this order."""
        return [line for command, lines in _commands(block) for line in self._run(command, lines)]

    def _run(self, command: str, expected: list[str]) -> list[str]:
        words = shlex.split(_ID.sub(lambda found: self._ids[found[0]], command))
        if words[0] != "runner":
            return []
        result = CliRunner().invoke(cli, words[1:])
        assert result.exit_code != REFUSED, result.output
        printed = iter(result.output.splitlines())
        return [line for line in expected if not any(self._same(line, found) for found in printed)]

    def _same(self, expected: str, printed: str) -> bool:
        if _masked(expected) != _masked(printed):
            return False
        self._ids |= zip(_ID.findall(expected), _ID.findall(printed), strict=True)
        return True


def _commands(block: str) -> Iterator[tuple[str, list[str]]]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        yield command, lines


def _masked(line: str) -> str:
    return " ".join(_CHANGING.sub("*", line).split())
