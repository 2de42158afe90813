"""`runner render`: a file or a deployed process as a picture, with the state of an instance on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import bpmn, chain, loop
from click.testing import CliRunner, Result
from lxml import etree

from runner import Runner, handler
from runner.cli import cli

SVG = "{http://www.w3.org/2000/svg}"
TWO = bpmn([("a", "task")], [], extra='<process id="other"><task id="b"/></process>')


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a database of one instance that has come round a loop three times."""
    monkeypatch.chdir(tmp_path)
    for name, content in {"chain": chain(["a"], key="chain"), "loop": loop("n < 3"), "two": TWO}.items():
        (tmp_path / f"{name}.bpmn").write_bytes(content)
    counted = handler("work")(lambda n: {"n": n + 1})
    with Runner("sqlite:///runner.db", handlers=[counted, handler("a")(lambda: 1 / 0)]) as runner:
        runner.deploy("loop.bpmn", "chain.bpmn")
        instance = runner.start("p", {"n": 0})
        instance.wait(timeout=20)
        (tmp_path / "id").write_text(instance.id)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["render", *arguments])


def drawn(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert etree.fromstring(result.stdout).tag == f"{SVG}svg"
    return result.stdout


def elements(svg: str) -> list[str]:
    return sorted(re.findall(r'data-element-id="(\w+)"', svg))


def test_a_file_is_drawn_to_standard_output_and_to_a_file_alike(folder: Path) -> None:
    assert drawn("chain.bpmn") == drawn("chain.bpmn")
    assert run("chain.bpmn", "-o", "x.svg").stdout == ""
    assert (folder / "x.svg").read_text("utf-8") == drawn("chain.bpmn")


def test_a_deployed_process_is_drawn_by_its_key() -> None:
    assert drawn("p") == drawn("loop.bpmn")


def test_one_process_of_several_is_drawn() -> None:
    assert elements(drawn("two.bpmn")) == ["a", "b"]
    assert elements(drawn("two.bpmn", "--process", "other")) == ["b"]


def test_an_instance_shows_what_is_done_and_how_often(folder: Path) -> None:
    svg = drawn("--instance", (folder / "id").read_text())
    assert 'class="bpmn-task is-done" data-element-id="work"' in svg
    assert "<tspan" in svg and ">3 times<" in svg


def test_an_instance_is_drawn_as_it_was_after_a_step(folder: Path) -> None:
    svg = drawn("--instance", (folder / "id").read_text(), "--at", "0", "--theme", "dark")
    assert 'class="bpmn-task is-active" data-element-id="work"' in svg
    assert "is-done" in svg and 'data-element-id="e"' in svg and 'is-done" data-element-id="e"' not in svg


def test_the_state_may_be_drawn_on_another_file(folder: Path) -> None:
    svg = drawn("two.bpmn", "--instance", (folder / "id").read_text())
    assert elements(svg) == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Expected a FILE, a KEY or --instance"),
        (("p", "--at", "1"), "Expected --instance beside --at"),
        (("gone.bpmn",), "gone.bpmn does not exist"),
        (("gone",), "there is no process 'gone'"),
        (("loop.bpmn", "--process", "q"), "no process 'q'. It has: 'p'"),
        (("loop.bpmn", "-o", "no/where.svg"), "Expected to write the picture to no/where.svg"),
        (("--instance", "01GONE"), "01GONE"),
        (("id",), "Expected XML"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2 and said in result.stderr, result.output


def test_another_xml_file_is_refused_by_what_it_is(folder: Path) -> None:
    (folder / "page.xml").write_text("<html/>")
    result = run("page.xml")
    assert result.exit_code == 2 and "page.xml:1 begins with <html>" in result.stderr
