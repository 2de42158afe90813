"""Honest mistakes: each says what was expected, what came, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.bpmn.read import read_diagram, read_file
from runner.errors import DiagramUnreadable

NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"hello", r"Expected XML, but it\.bpmn:1:1"),
        (b'{"id": 1}', r"Expected XML, but it\.bpmn:1:1"),
        (b"<a>\n<b></a>", r"it\.bpmn:2:\d+ .*Opening and ending tag mismatch"),
        (b"<a>", "Expected XML"),
        (b"<a/><b/>", "Extra content"),
        (b"<html/>", r"it\.bpmn:1 begins with <html> in no namespace"),
        (b"<definitions/>", "no namespace"),
        (
            b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
            "the namespace https://www.omg.org/spec/DMN",
        ),
        (f'<process xmlns="{NAMESPACE}"/>'.encode(), "begins with <process>"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "encoding"),
    ],
)
def test_what_is_not_bpmn_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(DiagramUnreadable, match=words):
        read_diagram(content, source="it.bpmn")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "shift_jis", "gb18030"]
)
def test_file_is_read_in_its_own_encoding(encoding: str) -> None:
    name = "Pokémon" if encoding != "shift_jis" else "ポケモン"
    declared = encoding.removesuffix("-sig")
    body = f'<definitions xmlns="{NAMESPACE}">\n<process id="p" name="{name}"/></definitions>'
    xml = f'<?xml version="1.0" encoding="{declared}"?>\n{body}'
    process = read_diagram(xml.encode(encoding), source="x").processes[0]
    assert (process.name, process.line) == (name, 3)


def test_line_is_the_one_a_tag_begins_in() -> None:
    xml = f'<definitions\n  xmlns="{NAMESPACE}"\n>\n<process\n id="p"\n>\n<task\n\n id="t"/></process></definitions>'
    process = read_diagram(xml.encode(), source="x").processes[0]
    assert (process.line, process.elements["t"].line) == (4, 7)


def test_lines_beyond_sixty_five_thousand_are_exact() -> None:
    process = '<process id="p"><task id="a"/>\n<task id="b"/></process>'
    xml = f'<definitions xmlns="{NAMESPACE}">{chr(10) * 70_000}{process}</definitions>'
    elements = read_diagram(xml.encode(), source="x").processes[0].elements
    assert [each.line for each in elements.values()] == [70_001, 70_002]


def test_source_and_bytes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "p.bpmn"
    path.write_bytes(f'<definitions xmlns="{NAMESPACE}"/>'.encode())
    diagram = read_file(path)
    assert (diagram.source, diagram.xml) == (str(path), path.read_bytes())


def test_unreadable_file_is_said(tmp_path: Path) -> None:
    loop = tmp_path / "loop.bpmn"
    loop.symlink_to(loop)
    with pytest.raises(DiagramUnreadable, match=r"loop\.bpmn"):
        read_file(loop)
