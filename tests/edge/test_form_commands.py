"""Forms on the command line and in the watched folder: checked, deployed, and judged when a task is completed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from commands.drawings import ZEEBE, work
from unit.forms.filling_in import field, source
from waiting import until

from runner import handler
from runner.app import Runner
from runner.cli import cli
from runner.watching import FolderWatch

LINK = "<extensionElements><zeebe:formDefinition formId='f'/></extensionElements>"
MODELS = """
from pydantic import BaseModel
from runner import form, handler

@form("u")
class Check(BaseModel):
    ok: bool

@handler("z")
def z() -> None: ...
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder with a form, a process that names it, one that names none, and a database."""
    (tmp_path / "f.form").write_bytes(source(field("number", "n", validate={"required": True})))
    (tmp_path / "p.bpmn").write_bytes(work(ZEEBE, LINK))
    (tmp_path / "q.bpmn").write_bytes(work().replace(b'id="p"', b'id="q"'))
    (tmp_path / "models.py").write_text(MODELS, "utf-8")
    return tmp_path


def opened(place: Path) -> Runner:
    topics = [handler(topic)(lambda: None) for topic in "abc"]
    return Runner(f"sqlite:///{place}/runner.db", handlers=topics, work=False)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def waiting(place: Path, key: str) -> str:
    """Start an instance and give the id of its user task."""
    with opened(place) as runner:
        runner.deploy(place / "p.bpmn", place / "f.form", place / "q.bpmn")
        runner.start(key)
        return runner.user_tasks()[0].id


def test_a_form_is_checked_with_place_and_status(place: Path) -> None:
    assert call("check", str(place / "f.form")).exit_code == 0
    (place / "bad.form").write_bytes(source(field("textfield", "fine"), field("oops", "x")))
    checked = call("check", "--json", str(place / "bad.form"))
    (file,) = json.loads(checked.stdout)["files"]
    assert (checked.exit_code, file["verdict"]) == (2, "refused")
    assert [(each["code"], each["element_id"], each["line"]) for each in file["findings"]] == [
        ("component_unknown", "x", 3)
    ]


@pytest.mark.parametrize(
    "content", [b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 2_000_000, b'"' + b"\\" * 999]
)
def test_a_file_that_is_no_form_is_a_sentence(place: Path, content: bytes) -> None:
    (place / "bad.form").write_bytes(content)
    checked = call("check", str(place / "bad.form"))
    assert (checked.exit_code, "form_unreadable" in checked.stdout) == (2, True)


def test_a_form_is_deployed_before_the_process_that_names_it(place: Path) -> None:
    files = [str(place / name) for name in ("p.bpmn", "f.form")]
    (place / "abc.py").write_text(
        "from runner import handler\na = handler('a')(lambda: None)\nb = handler('b')(lambda: None)\n"
    )
    done = call(
        "deploy", *files, "--json", "--database", f"sqlite:///{place}/x.db", "--handlers", str(place / "abc.py")
    )
    deployments = json.loads(done.stdout)["deployments"]
    missed = [warning for each in deployments for warning in each["warnings"] if "form_" in warning]
    assert ([each["key"] for each in deployments], missed) == (["p", "f"], [])


def test_completing_a_task_is_judged_by_its_form(place: Path) -> None:
    task, database = waiting(place, "p"), f"sqlite:///{place}/runner.db"
    refused = call("complete", task, "--json", "--var", "n=many", "--database", database)
    error = json.loads(refused.stdout)["error"]
    assert (refused.exit_code, error["code"]) == (2, "form_invalid")
    assert [(each["field"], each["code"]) for each in error["fields"]] == [("/n", "wrong_type")]
    assert call("complete", task, "--var", "n=1", "--database", database).exit_code == 0


def test_a_model_among_the_handlers_judges_too(place: Path) -> None:
    task, database = waiting(place, "q"), f"sqlite:///{place}/runner.db"
    models = ["--handlers", str(place / "models.py"), "--database", database]
    refused = call("complete", task, "--var", "ok=perhaps", *models)
    assert (refused.exit_code, "/ok [bool_parsing]" in refused.stderr) == (2, True)
    assert call("complete", task, "--var", "ok=yes", *models).exit_code == 0


def test_a_task_is_completed_where_there_is_no_code(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = waiting(place, "q")
    monkeypatch.chdir(place)
    monkeypatch.setattr("sys.path", [each for each in sys.path if not (Path(each) / "handlers").is_dir()])
    monkeypatch.delitem(sys.modules, "handlers", raising=False)
    assert call("complete", task, "--database", f"sqlite:///{place}/runner.db").exit_code == 0


def test_a_saved_form_is_a_new_version(place: Path) -> None:
    said: list[str] = []
    with opened(place) as runner:
        watch = FolderWatch(runner.runtime, place, said.append)
        watch.start()
        (place / "f.form").write_bytes(source(field("textfield", "other")))
        until(lambda: any("f version 2" in line for line in said))
        watch.stop()
    assert said[0] == "deployed: f version 1 from f.form"
    assert not any("not deployed" in line for line in said)
