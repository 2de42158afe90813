"""`runner run` and its neighbours keep their contract: one JSON object, four exit statuses, one sentence per no."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from builders import bpmn, chain, error_boundary
from click.testing import CliRunner, Result

from runner.cli import cli
from runner.model import HistoryEntry
from runner.printing import JsonShow
from runner.running import run_to_end
from runner.settings import load_settings

ROOT = Path(__file__).parents[2]
HANDLERS = """
from runner import BpmnError, PermanentFailure, handler

@handler("double")
def double(n: int): return {"n": n * 2}

@handler("refuse")
def refuse(): raise PermanentFailure("never")

@handler("escape")
def escape(): raise BpmnError("POKEMON_ESCAPED", "it broke out")

@handler("down")
def down(): raise ConnectionError("connection refused")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder with a file of handlers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(HANDLERS)
    return tmp_path


def runner(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def run(folder: Path, xml: bytes, *arguments: str) -> tuple[int, dict[str, Any]]:
    (folder / "p.bpmn").write_bytes(xml)
    result = runner("run", "p.bpmn", "--handlers", "mine.py", "--json", *arguments)
    return result.exit_code, json.loads(result.stdout)


def test_a_completed_run_prints_one_json_object_and_exits_0(folder: Path) -> None:
    status, result = run(folder, chain(["double"]), "--var", "n=21")

    assert (status, result["state"], result["variables"], result["incidents"]) == (0, "completed", {"n": 42}, [])
    assert {"instance_id", "key", "version", "state", "variables", "history", "incidents"} <= set(result)
    assert {"seq", "at", "element_id", "element_type", "event"} <= set(result["history"][0])
    assert (folder / "runner.db").is_file()


@pytest.mark.parametrize(
    ("task", "kind"),
    [("refuse", "permanent_failure"), ("escape", "error_uncaught"), ("double", "input_invalid")],
)
def test_an_incident_exits_1_and_names_element_and_kind(folder: Path, task: str, kind: str) -> None:
    status, result = run(folder, chain([task]))

    assert (status, result["state"]) == (1, "active")
    assert [(each["element_id"], each["kind"]) for each in result["incidents"]] == [(task, kind)]


def test_a_variable_of_the_wrong_type_is_named_with_what_came(folder: Path) -> None:
    _, result = run(folder, chain(["double"]), "--var", "n=many")

    assert "variable 'n'" in result["incidents"][0]["message"] and "'many'" in result["incidents"][0]["message"]


def test_a_run_that_does_not_end_in_time_exits_3_and_goes_on_later(folder: Path) -> None:
    status, result = run(folder, chain(["down"]), "--timeout", "0.3")

    assert (status, result["state"]) == (3, "active")
    assert "connection refused" in result["tokens"][0]["job"]["error"]


def test_a_caught_error_takes_the_drawn_way_and_exits_0(folder: Path) -> None:
    nodes = [("s", "startEvent"), ("escape", "serviceTask"), error_boundary("fled", "escape", "e"), ("end", "endEvent")]
    xml = bpmn(nodes, [("s", "escape"), ("fled", "end")], extra='<error id="e" errorCode="POKEMON_ESCAPED"/>')

    status, result = run(folder, xml)

    assert status == 0
    assert [each["event"] for each in result["history"] if each["element_id"] == "fled"] == ["entered", "completed"]


def test_unchanged_content_makes_no_new_version(folder: Path) -> None:
    files = [chain(["double"]), chain(["double"]), chain(["double"]) + b"\n"]

    assert [run(folder, xml, "--var", "n=1")[1]["version"] for xml in files] == [1, 1, 2]


def test_an_unknown_key_names_the_known_ones_and_exits_2(folder: Path) -> None:
    run(folder, chain(["double"]), "--var", "n=1")

    result = runner("run", "pp", "--handlers", "mine.py")

    assert result.exit_code == 2 and "Known: p." in result.stderr and "Did you mean 'p'?" in result.stderr


BAD_FILES = {
    "not xml": (b"hello", "Expected"),
    "not bpmn": (b"<html/>", "html"),
    "no executable process": (chain(["double"]).replace(b'"true"', b'"false"'), "isExecutable"),
    "30 MB": (b" " * 30_000_000, "5 MB"),
    "entities": (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "DOCTYPE"),
    "duplicate ids": (chain(["double"]).replace(b'id="e"', b'id="s"'), "'s'"),
    "dangling reference": (chain(["double"]).replace(b'targetRef="double"', b'targetRef="gone"'), "gone"),
    "no handler": (chain(["doubel"]), "Did you mean 'double'"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_in_a_sentence_with_exit_2_and_stores_nothing(folder: Path, case: str) -> None:
    content, says = BAD_FILES[case]
    (folder / "bad.bpmn").write_bytes(content)

    result = runner("run", "bad.bpmn", "--handlers", "mine.py")

    assert result.exit_code == 2 and "bad.bpmn" in result.stderr and says in result.stderr
    with sqlite3.connect(folder / "runner.db") as connection:
        assert connection.execute("SELECT count(*) FROM definitions").fetchone() == (0,)


def test_a_refusal_with_json_is_one_json_object_with_a_stable_code(folder: Path) -> None:
    status, result = run(folder, chain(["doubel"]))

    assert (status, result["error"]["code"]) == (2, "diagram_refused")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "nowhere.bpmn"], "no file 'nowhere.bpmn'"),
        (["run", "p", "--handlers", "nowhere"], "no module 'nowhere'"),
        (["run", "p", "--handlers", "nowhere.py"], "no file 'nowhere.py'"),
        (["run", "p", "--var", "novalue"], "NAME=VALUE"),
        (["run", "p", "--vars", "list.json"], "JSON object"),
        (["run", "p", "--vars", "missing.json"], "missing.json"),
        (["run", "p", "--handlers", "mine.py", "--database", "sqlite:////nowhere/x.db"], "/nowhere"),
        (["show", "nothing"], "'nothing'"),
        (["cancel", "nothing"], "'nothing'"),
        (["run", "p", "--timeout", "-1"], "--timeout"),
        (["show", "nothing", "--at", "-1"], "--at"),
        (["show", "nothing", "--at", "9" * 30], "--at"),
        (["start", "p", "--version", "9" * 30], "--version"),
    ],
)
def test_wrong_use_is_a_sentence_and_exit_2(folder: Path, arguments: list[str], says: str) -> None:
    (folder / "list.json").write_text("[1]")

    result = runner(*arguments)

    assert result.exit_code == 2 and says in result.stderr and "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [["--var", "novalue"], ["--vars", "missing.json"], ["--vars", "list.json"]])
def test_variables_that_cannot_be_read_are_one_sentence_and_one_json_object(folder: Path, arguments: list[str]) -> None:
    (folder / "list.json").write_text("[1]")

    result = runner("run", "p", "--json", *arguments)

    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["code"]) == (2, "variables_invalid")
    assert result.stderr == f"runner: {error['message']}\n"


def ended(start: str) -> str:
    return f'<endEvent id="{start}_end"/><sequenceFlow id="{start}_flow" sourceRef="{start}" targetRef="{start}_end"/>'


def test_a_file_of_several_processes_asks_which_and_runs_the_one_named(folder: Path) -> None:
    second = f'<process id="q" isExecutable="true"><startEvent id="only"/>{ended("only")}</process></definitions>'
    xml = chain(["double"]).replace(b"</definitions>", second.encode())

    for more, says in ([], "the file has 2"), (["--process", "r"], "'r' is not one of ['p', 'q']"):
        status, result = run(folder, xml, *more)
        assert status == 2 and says in result["error"]["message"]
    status, result = run(folder, xml, "--process", "q")
    assert (status, result["key"]) == (0, "q")


def test_of_several_processes_the_one_that_can_be_started_is_run(folder: Path) -> None:
    trigger = '<startEvent id="t"><messageEventDefinition messageRef="m"/></startEvent>' + ended("t")
    second = f'<process id="a" isExecutable="true">{trigger}</process><message id="m" name="Hello"/></definitions>'
    status, result = run(folder, chain(["double"]).replace(b"</definitions>", second.encode()), "--var", "n=1")
    assert (status, result["key"]) == (0, "p")


def test_a_process_that_a_message_starts_is_not_run_by_hand(folder: Path) -> None:
    trigger = '<startEvent id="t"><messageEventDefinition messageRef="m"/></startEvent>' + ended("t")
    xml = bpmn([], [], extra='<message id="m" name="Hello"/>').replace(b"</process>", trigger.encode() + b"</process>")
    status, result = run(folder, xml)
    assert (status, result["error"]["code"]) == (2, "process_not_startable")
    assert "'p' begins with the message 'Hello' only" in result["error"]["message"]


def test_a_handler_file_that_cannot_be_imported_says_why(folder: Path) -> None:
    (folder / "broken.py").write_text("import nothing_like_this")

    result = runner("run", "p", "--handlers", "broken.py")

    assert result.exit_code == 2 and "nothing_like_this" in result.stderr


def test_a_handler_is_shared_by_two_processes(folder: Path) -> None:
    results = [run(folder, chain(["double"], key=key), "--var", "n=1")[1] for key in ("first", "second")]

    assert [(each["key"], each["variables"]) for each in results] == [("first", {"n": 2}), ("second", {"n": 2})]


def test_start_show_retry_and_cancel_work_on_what_another_command_left(folder: Path) -> None:
    run(folder, chain(["refuse"]))
    listed = json.loads(runner("instances", "--problem", "incident", "--json").stdout)
    instance = listed["instances"][0]["instance_id"]

    assert "waits for a person: PermanentFailure: never" in runner("show", instance).stdout
    assert runner("retry", instance).exit_code == 0
    assert runner("cancel", instance[:20]).exit_code == 0
    assert json.loads(runner("show", instance, "--json").stdout)["state"] == "terminated"
    assert runner("retry", instance).exit_code == 2


def test_check_names_what_is_wrong_without_a_database(folder: Path) -> None:
    (folder / "good.bpmn").write_bytes(chain(["double"]))
    (folder / "bad.bpmn").write_bytes(chain(["doubel"]))

    good = runner("check", "good.bpmn", "--handlers", "mine.py")
    bad = runner("check", "good.bpmn", "bad.bpmn", "--handlers", "mine.py")

    assert (good.exit_code, bad.exit_code) == (0, 2)
    assert "good.bpmn: runs as drawn" in bad.stdout and "bad.bpmn: refused" in bad.stdout
    assert not (folder / "runner.db").exists()


def test_check_goes_on_after_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "good.bpmn").write_bytes(chain(["double"]))
    (folder / "junk.bpmn").write_text("junk")

    result = runner("check", "junk.bpmn", "good.bpmn", "--handlers", "mine.py", "--json")

    files = json.loads(result.stdout)["files"]
    assert [(each["file"], each["verdict"]) for each in files] == [("junk.bpmn", "refused"), ("good.bpmn", "accepted")]
    assert result.exit_code == 2


def test_check_lists_each_part_with_its_verdict_line_id_and_reason(folder: Path) -> None:
    (folder / "good.bpmn").write_bytes(chain(["double"]))
    whole, findings = (runner("check", "good.bpmn", "--handlers", "mine.py", *more) for more in ([], ["--findings"]))
    _, counts, head, *lines = [line.split() for line in whole.stdout.splitlines()]
    assert (counts, head) == (["6", "executed"], ["line", "verdict", "part", "id", "reason"])
    assert ["6", "executed", "serviceTask", "double", "its", "handler", "does", "the", "work"] in lines
    assert findings.stdout == "good.bpmn: runs as drawn\n"


def test_check_lists_each_part_for_programs(folder: Path) -> None:
    (folder / "bad.bpmn").write_bytes(chain(["doubel"]))
    (file,) = json.loads(runner("check", "bad.bpmn", "--handlers", "mine.py", "--json").stdout)["files"]
    assert file["counts"] == {"executed": 5, "emulated": 0, "documentation only": 0, "refused": 1}
    (part,) = [each for each in file["parts"] if each["verdict"] == "refused"]
    assert part.pop("reason") == file["findings"][0]["message"]
    assert part == {
        "verdict": "refused",
        "kind": "element",
        "name": "serviceTask",
        "element_id": "doubel",
        "line": 6,
    }


def test_deploy_reports_each_process(folder: Path) -> None:
    (folder / "p.bpmn").write_bytes(chain(["double"]))

    outputs = [runner("deploy", "p.bpmn", "--handlers", "mine.py").stdout for _ in range(2)]

    assert outputs == ["deployed: p version 1 from p.bpmn\n", "unchanged: p version 1 from p.bpmn\n"]


def test_version_and_help_teach() -> None:
    assert runner("--version").stdout.startswith("runner, version ")
    for command in cli.commands:
        assert runner(command, "--help").exit_code == 0
    assert "runner run processes/capture.bpmn" in runner("--help").stdout


class Tired(JsonShow):
    """Presses Ctrl-C as soon as something is shown."""

    def step(self, entries: tuple[HistoryEntry, ...]) -> None:
        raise KeyboardInterrupt


def test_ctrl_c_leaves_the_instance_active(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "down.bpmn").write_bytes(chain(["down"]))
    settings, _ = load_settings({"handlers": ("mine.py",)})
    assert run_to_end(settings, "down.bpmn", {}, process=None, business_key=None, show=Tired(None)) == 3
    assert json.loads(capsys.readouterr().out)["state"] == "active"
