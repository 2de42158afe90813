"""The watched folder: nothing that is saved is missed, and what is gone is not held against anybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import chain
from unit.decisions.drafting import decision, file, literal
from waiting import until

from runner import Runner, handler
from runner.commands.definitions import find_definition
from runner.watching import FolderWatch


@handler("a")
def a() -> None:
    """Do nothing."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "p.bpmn").write_bytes(chain(["a"]))
    return tmp_path / "p.bpmn"


def test_what_is_saved_while_the_watch_begins_is_not_missed(path: Path) -> None:
    with Runner(database="sqlite://", handlers=[a], work=False) as runner:
        watch = FolderWatch(runner.runtime, path.parent, lambda _: _save_once(path, chain(["a"]) + b"\n"))
        watch.start()
        until(lambda: find_definition(runner.runtime, "p").version == 2)
        watch.stop()


def test_a_refused_file_is_reported_once(path: Path) -> None:
    path.write_text("half a file")
    said: list[str] = []
    with Runner(database="sqlite://", handlers=[a], work=False) as runner:
        watch = FolderWatch(runner.runtime, path.parent, said.append)
        watch.start()
        (path.parent / "q.bpmn").write_bytes(chain(["a"], key="q"))
        until(lambda: len(said) > 1)
        watch.stop()

    assert [line.split(":")[0] for line in said] == ["refused", "deployed"]


def test_a_refused_file_that_is_removed_is_forgotten(path: Path) -> None:
    path.write_text("half a file")
    with Runner(database="sqlite://", handlers=[a], work=False) as runner:
        watch = FolderWatch(runner.runtime, path.parent, lambda _: None)
        watch.start()
        assert list(runner.runtime.refusals) == ["p.bpmn"]
        path.unlink()
        until(lambda: runner.runtime.refusals == {})
        watch.stop()


def test_a_file_of_another_kind_is_left_alone(path: Path) -> None:
    said: list[str] = []
    with Runner(database="sqlite://", handlers=[a], work=False) as runner:
        watch = FolderWatch(runner.runtime, path.parent, said.append)
        watch.start()
        (path.parent / "notes.txt").write_text("not a diagram")
        (path.parent / "q.bpmn").write_bytes(chain(["a"], key="q"))
        until(lambda: len(said) > 1)
        watch.stop()

    assert said == ["deployed: p version 1 from p.bpmn", "deployed: q version 1 from q.bpmn"]


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    with Runner(database="sqlite://", handlers=[a], work=False) as runner:
        watch = FolderWatch(runner.runtime, tmp_path / "nowhere", said.append)
        watch.start()
        watch.stop()

    (sentence,) = said
    assert sentence.startswith("Expected a folder of diagrams, but ") and "nowhere does not exist" in sentence


def _save_once(path: Path, content: bytes) -> None:
    if path.read_bytes() != content:
        path.write_bytes(content)


def test_a_decision_file_is_deployed_again_when_what_it_imports_is_saved(tmp_path: Path) -> None:
    needs = '<informationRequirement><requiredDecision href="n#dish"/></informationRequirement>'
    logic = f'<decision id="menu" name="menu">{needs}{literal("menus.dish + 1")}</decision>'
    rules = file('<import name="menus" namespace="n" importType="x"/>', logic).replace(b'"n" >', b'"top">')
    (tmp_path / "rules.dmn").write_bytes(rules)
    (tmp_path / "dishes.dmn").write_bytes(file(decision("dish", literal("1"))))
    with Runner(database="sqlite://", handlers=[], work=False) as runner:
        watch = FolderWatch(runner.runtime, tmp_path, lambda _: None)
        watch.start()
        assert runner.decide("menu").value == 2
        (tmp_path / "dishes.dmn").write_bytes(file(decision("dish", literal("5"))))
        until(lambda: runner.decide("menu").value == 6)
        watch.stop()
