"""Files made to hurt: they are refused in one sentence, before they cost time or memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_diagram, read_file
from runner.errors import DiagramUnreadable

NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"
VALID = (
    f'<definitions xmlns="{NAMESPACE}"><process id="p" isExecutable="true"><startEvent id="s"/>'
    '<sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e"/></process></definitions>'
)


def refusal(xml: bytes) -> str:
    with pytest.raises(DiagramUnreadable) as caught:
        read_diagram(xml, source="bad.bpmn")
    message = str(caught.value)
    assert message.startswith("Expected") and "bad.bpmn" in message and "\n" not in message
    return message


def test_billion_laughs_are_refused_by_their_doctype() -> None:
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    assert "DOCTYPE" in refusal(f"<!DOCTYPE x [{entities}]>{VALID}".encode())


def test_external_entity_is_refused_and_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    doctype = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    xml = doctype + VALID.replace("<startEvent", "<documentation>&x;</documentation><startEvent")
    assert "hidden words" not in refusal(xml.encode())


@pytest.mark.parametrize(
    "prolog",
    ["", "\ufeff", "<?xml version='1.0'?>\n", "<!-- a > b -->  <!---->", "<?pi <!-- ?><!-- ?> -->\r\n"],
)
def test_doctype_is_found_behind_any_prolog(prolog: str) -> None:
    assert "DOCTYPE" in refusal(f"{prolog}<!DOCTYPE definitions>{VALID}".encode())


def test_doctype_is_found_in_utf_16() -> None:
    assert "DOCTYPE" in refusal(f"<!DOCTYPE definitions>{VALID}".encode("utf-16"))


def test_the_word_doctype_in_a_text_is_harmless() -> None:
    xml = VALID.replace("<startEvent", "<documentation><![CDATA[<!DOCTYPE html>]]></documentation><startEvent")
    assert read_diagram(xml.encode(), source="x").processes[0].documentation == "<!DOCTYPE html>"


def test_long_prolog_of_unclosed_comments_is_refused_at_once() -> None:
    assert "not" in refusal(b"<!-- x --><? y ?>" * 50_000 + b"<!-- " * 50_000)


def test_more_than_five_megabytes_are_refused() -> None:
    assert "at most 5 MB" in refusal(VALID.encode() + b" " * 5 * 1024 * 1024)


def test_thirty_megabyte_file_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    huge = tmp_path / "huge.bpmn"
    with huge.open("wb") as file:
        file.truncate(30 * 1024 * 1024)
    with pytest.raises(DiagramUnreadable, match=r"at most 5 MB, but .*huge\.bpmn has 30\.0 MB"):
        read_file(huge)


def test_deep_nesting_is_refused() -> None:
    assert "256 deep" in refusal(b"<a>" * 300 + b"</a>" * 300)


def test_more_than_fifty_thousand_elements_are_refused() -> None:
    assert "50,000" in refusal(b"<a>" + b"<b/>" * 50_001 + b"</a>")


def test_sub_processes_as_deep_as_xml_may_nest_can_be_read() -> None:
    deep = "".join(f'<subProcess id="n{n}">' for n in range(250)) + "</subProcess>" * 250
    diagram = read_diagram(VALID.replace("</process>", f"{deep}</process>").encode(), source="x")
    assert len(diagram.processes[0].elements) == 252


def test_directory_missing_file_and_pipe_are_each_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, reason in (
        (tmp_path, "directory"),
        (tmp_path / "none", "does not exist"),
        (tmp_path / "pipe", "not a file"),
    ):
        with pytest.raises(DiagramUnreadable, match=reason):
            read_file(path)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_but_the_refusal(junk: bytes) -> None:
    with pytest.raises(DiagramUnreadable):
        read_diagram(junk, source="junk")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(VALID) - 1), st.integers(0, 12), st.text(max_size=12))
def test_damaged_file_is_read_or_refused_but_never_crashes(at: int, length: int, put: str) -> None:
    damaged = (VALID[:at] + put + VALID[at + length :]).encode("utf-8", "surrogatepass")
    try:
        diagram = read_diagram(damaged, source="damaged")
    except DiagramUnreadable:
        return
    assert all(each.message for each in check_diagram(diagram, frozenset()))
