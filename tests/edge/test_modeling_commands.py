"""The commands for whoever draws processes: templates, docs, eval; and what `check` says of old templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builders import bpmn, chain, error_boundary
from click.testing import CliRunner, Result
from command_line import command

from runner.cli import cli

HANDLERS = '''
from runner import BpmnError, handler

@handler("charge")
def charge(amount: int, card: str = "") -> None:
    """Charge a card."""
    if amount > 100:
        raise BpmnError("TOO_MUCH")
    if amount < 0:
        raise BpmnError("TOO_LITTLE")

@handler("bump")
def bump(n: int) -> dict[str, int]:
    return {"n": n + 1}
'''
MAPPED = """<extensionElements xmlns:runner="urn:bpmn-runner:1.0"><runner:input source="order * 2" target="amount"/>
</extensionElements><documentation>Takes the money.</documentation>"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with handlers and a diagram."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text(HANDLERS)
    nodes = [("s", "startEvent"), ("charge", "serviceTask", MAPPED), error_boundary("refused", "charge", "e1")]
    arrows = [("s", "charge"), ("charge", "e"), ("refused", "e2")]
    ends = [("e", "endEvent"), ("e2", "endEvent")]
    drawn = bpmn([*nodes, *ends], arrows, extra='<error id="e1" errorCode="TOO_MUCH"/>')
    (tmp_path / "p.bpmn").write_bytes(drawn)
    (tmp_path / "runner.toml").write_text('handlers = ["shop.py"]\n')
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def answer(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_templates_are_written_where_the_modeler_looks(folder: Path) -> None:
    assert run("templates", "build").exit_code == 0
    names = sorted(path.name for path in (folder / ".camunda" / "element-templates").iterdir())
    assert names == [f"{topic}.camunda{number}.json" for topic in ("bump", "charge") for number in (7, 8)]


def test_check_of_templates_fails_until_they_are_built_and_writes_nothing(folder: Path) -> None:
    assert run("templates", "check", "--out", "t").exit_code == 1 and not (folder / "t").exists()
    assert run("templates", "build", "--out", "t").exit_code == 0
    assert run("templates", "check", "--out", "t").exit_code == 0


def test_check_of_templates_fails_when_a_handler_has_changed(folder: Path) -> None:
    run("templates", "build")
    (folder / "shop.py").write_text(HANDLERS.replace("amount: int", "amount: float"))
    result = run("templates", "check", "--json")
    changes = [each["change"] for each in json.loads(result.stdout)["files"]]
    assert (result.exit_code, changes) == (1, ["unchanged", "unchanged", "updated", "updated"])


def test_check_of_a_diagram_warns_of_an_old_template(folder: Path) -> None:
    drawn = chain(["charge"]).decode()
    old = 'xmlns:z="http://camunda.org/schema/zeebe/1.0" z:modelerTemplate="bpmn-runner.charge"'
    (folder / "old.bpmn").write_text(drawn.replace("<serviceTask", f"<serviceTask {old}"))
    result = run("check", "old.bpmn")
    assert result.exit_code == 0 and "warning: Expected 'charge' to be drawn with its handler's" in result.stdout


def test_docs_say_which_function_does_the_work_with_what() -> None:
    elements = {each["id"]: each for each in answer("docs", "p.bpmn")["processes"][0]["elements"]}
    charge = elements["charge"]
    assert (charge["topic"], charge["file"], charge["line"]) == ("charge", "shop.py", 4)
    assert (charge["documentation"], charge["timeout"]) == ("Takes the money.", "10 s")
    given = [(each["name"], each["type"], each["required"], each["source"]) for each in charge["inputs"]]
    assert given == [("amount", "integer", True, "order * 2"), ("card", "string", False, "")]


def test_docs_say_which_errors_are_caught_and_which_are_not() -> None:
    elements = {each["id"]: each for each in answer("docs", "p.bpmn")["processes"][0]["elements"]}
    errors = {each["code"]: each["caught_by"] for each in elements["charge"]["errors"]}
    assert errors == {"TOO_MUCH": "refused", "TOO_LITTLE": None}


def test_docs_of_a_file_need_no_database(folder: Path) -> None:
    text = run("docs", "p.bpmn").stdout
    assert "  handler: " in text and "(shop.py:4), topic 'charge'" in text and not list(folder.glob("*.db"))


def test_docs_of_a_key_are_those_of_its_newest_version_also_as_markdown() -> None:
    assert run("deploy", "p.bpmn").exit_code == 0
    text = run("docs", "p", "--markdown").stdout
    assert text.startswith("# p\n") and "\n## charge\n" in text and "- error: TOO_LITTLE, not caught on it" in text


@pytest.mark.parametrize(
    ("element", "does"),
    [
        ('businessRuleTask r:decision="dish" r:resultVariable="food"', "calls decision 'dish', newest version"),
        (
            'businessRuleTask r:decision="dish" r:binding="version" r:version="3"',
            "calls decision 'dish', version by number 3",
        ),
        ('callActivity calledElement="sub" r:binding="deployment"', "calls process 'sub', version by deployment"),
        ('userTask r:assignee="ann"', "waits for a person: ann"),
        ('userTask r:candidateGroups="cooks, waiters"', "waits for a person: one of cooks, waiters"),
        ("userTask", "waits for a person: anybody"),
    ],
)
def test_docs_say_what_is_done_without_a_handler(folder: Path, element: str, does: str) -> None:
    tag, _, attributes = element.partition(" ")
    nodes = [("s", "startEvent"), ("it", f'{tag} xmlns:r="urn:bpmn-runner:1.0" {attributes}'), ("e", "endEvent")]
    (folder / "q.bpmn").write_bytes(bpmn(nodes, [("s", "it"), ("it", "e")]))
    elements = {each["id"]: each for each in answer("docs", "q.bpmn")["processes"][0]["elements"]}
    assert elements["it"]["does"] == does
    assert ("food" in attributes) is ("food" in [each["name"] for each in elements["it"]["outputs"]])


def test_docs_of_an_unknown_key_are_refused() -> None:
    result = run("docs", "q")
    assert result.exit_code == 2 and "no process 'q'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["n + 1"], 3),
        (["=n > 1 and n < 3"], True),
        (["${n + 1}"], 3),
        (["n ** 3", "--language", "python"], 8),
        (['{"a b": n}'], {"a b": 2}),
    ],
)
def test_an_expression_is_evaluated_in_the_language_it_looks_like(arguments: list[str], value: Any) -> None:
    assert json.loads(run("eval", *arguments, "--var", "n=2").stdout) == value


def test_a_name_that_is_missing_is_null_in_feel_and_warned_about() -> None:
    result = run("eval", "ammount", "--var", "amount=1")
    assert (result.exit_code, result.stdout.strip()) == (0, "null")
    assert "warning: Expected a variable 'ammount'" in result.stderr and "'amount'" in result.stderr
    assert len(answer("eval", "ammount")["warnings"]) == 1


@pytest.mark.parametrize(("text", "status"), [("${n > }", 2), ("${m}", 1), ("${n", 2)])
def test_what_is_wrong_is_shown_with_a_caret(text: str, status: int) -> None:
    result = run("eval", text, "--var", "n=2")
    assert (result.exit_code, result.stdout) == (status, "") and result.stderr.splitlines()[2].strip() == "^"


def test_a_file_of_variables_is_read_and_single_ones_come_before_it(folder: Path) -> None:
    (folder / "order.json").write_text('{"a": 1, "b": 2}')
    assert answer("eval", "[a, b]", "--vars", "order.json", "--var", "b=3")["value"] == [1, 3]


def waiting() -> str:
    """Start an instance whose job nobody does, and give its id."""
    run("deploy", "p.bpmn")
    return str(answer("start", "p", "--var", "order=4")["instance_id"])


def test_an_expression_is_evaluated_with_the_variables_of_an_instance_in_its_language() -> None:
    id = waiting()
    found = answer("eval", "order ** 2", "--instance", id[:12])
    assert (found["value"], found["language"]) == (16, "python")
    assert answer("eval", "order ** 2", "--instance", id, "--var", "order=5")["value"] == 25


def test_a_token_sees_its_own_mapped_variables() -> None:
    id = waiting()
    assert answer("eval", "amount + order", "--instance", id, "--element", "charge")["value"] == 12
    assert run("eval", "amount", "--instance", id).exit_code == 1


def test_execution_tells_facts_of_the_instance() -> None:
    id = waiting()
    text = "${execution.processInstanceId} ${execution.processDefinitionKey} ${execution.currentActivityId}"
    assert answer("eval", text, "--instance", id, "--element", "charge")["value"] == f"{id} p charge"


def test_an_instance_is_asked_as_of_a_step(folder: Path) -> None:
    (folder / "q.bpmn").write_bytes(chain(["bump"], key="q"))
    id = answer("run", "q.bpmn", "--var", "n=1")["instance_id"]
    assert [answer("eval", "n", "--instance", id, *at)["value"] for at in (["--at", "0"], [])] == [1, 2]


def test_an_element_without_a_token_is_refused_with_those_that_have_one() -> None:
    result = run("eval", "order", "--instance", waiting(), "--element", "chrage")
    assert result.exit_code == 2 and "Did you mean 'charge'?" in result.stderr


def test_a_step_without_an_instance_is_refused() -> None:
    result = run("eval", "1", "--at", "3")
    assert result.exit_code == 2 and "Expected --instance" in result.stderr


def test_templates_of_a_lone_file_are_the_same_in_every_process(folder: Path) -> None:
    surroundings = {"RUNNER_HANDLERS": "shop.py"}
    command("templates", "build", folder=folder, PYTHONHASHSEED="1", **surroundings)
    checked = command("templates", "check", folder=folder, PYTHONHASHSEED="2", **surroundings)
    (drawn, *_) = json.loads((folder / ".camunda" / "element-templates" / "charge.camunda8.json").read_text())
    assert (checked.returncode, drawn["category"]["name"]) == (0, "shop")
