"""`runner message`, `messages`, `signal`, and what `runner show` says of what is waited for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from awaiting import catching, message, named, signal, timed
from builders import bpmn
from click.testing import CliRunner, Result

from runner.cli import OK, REFUSED, cli

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Give `runner` in a folder where instance `order 7` waits for a message, and then for a signal."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text('from runner import handler\n\n@handler("a")\ndef a():\n    pass\n')
    extra = message("Paid", "order") + signal("Alarm")
    events = named("message", "Paid"), named("signal", "Alarm")
    (tmp_path / "p.bpmn").write_bytes(catching(*events, extra=extra))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    assert run("deploy", "p.bpmn", "--handlers", "shop.py").exit_code == OK
    assert run("start", "p", "--var", "order=7").exit_code == OK
    return run


def parsed(result: Result) -> dict[str, Any]:
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def shown(invoke: Invoke) -> dict[str, Any]:
    (instance,) = parsed(invoke("instances", "--json"))["instances"]
    return parsed(invoke("show", instance["instance_id"], "--json"))


def test_a_message_is_published_and_says_whom_it_reached(invoke: Invoke) -> None:
    result = invoke("message", "Paid", "--key", "7", "--var", "amount=12.5")

    assert (result.exit_code, "it continued instance" in result.stdout) == (OK, True)
    assert shown(invoke)["variables"] == {"order": 7, "amount": 12.5}


def test_a_message_that_nobody_takes_says_what_differs_and_how_long_it_is_kept(invoke: Invoke) -> None:
    result = invoke("message", "Paid", "--key", "8", "--ttl", "PT1H")

    assert result.exit_code == OK
    assert "is waiting: It has the key '8', but who waits for 'Paid' asks for '7'" in result.stdout
    assert "It is kept until" in result.stdout


def test_a_message_with_the_same_id_is_published_once(invoke: Invoke) -> None:
    first, second = (parsed(invoke("message", "Paid", "--key", "9", "--id", "x", "--json")) for _ in range(2))

    assert first == second and first["message_id"] == "x"
    assert len(parsed(invoke("messages", "--json"))["messages"]) == 1


def test_messages_are_listed_by_state(invoke: Invoke) -> None:
    for key in ("7", "8"):
        invoke("message", "Paid", "--key", key)

    waiting = parsed(invoke("messages", "--state", "waiting", "--json"))["messages"]
    assert [(each["key"], each["state"]) for each in waiting] == [("8", "waiting")]
    assert "continued instance" in invoke("messages").stdout


def test_a_signal_says_how_many_it_reached_and_moves_them_on(invoke: Invoke) -> None:
    invoke("message", "Paid", "--key", "7")
    result = invoke("signal", "Alarm")

    assert result.stdout == "'Alarm' reached 1 that waited for it.\n"
    assert shown(invoke)["state"] == "completed"


def test_show_says_what_a_token_waits_for(invoke: Invoke) -> None:
    found = shown(invoke)

    assert found["tokens"][0]["waits"][0] | {"remaining": None} == {
        "element_id": "c1",
        "kind": "message",
        "name": "Paid",
        "key": "7",
        "due_at": None,
        "remaining": None,
        "interrupting": True,
    }
    lines = invoke("show", found["instance_id"]).stdout
    assert "c1 [c1]: waits for a message" in lines and "[c1] message 'Paid' with the key '7'" in lines


def test_show_with_a_limit_has_the_newest_steps_and_tells_how_many_came_before(invoke: Invoke) -> None:
    invoke("message", "Paid", "--key", "7")
    id = shown(invoke)["instance_id"]

    newest, all_of_it = (parsed(invoke("show", id, "--json", *more))["history"] for more in (("--limit", "1"), ()))

    assert 0 < len(newest) < len(all_of_it) and newest == all_of_it[-len(newest) :]
    assert "earlier steps: 1; --limit shows more" in invoke("show", id, "--limit", "1").stdout
    assert "earlier steps" not in invoke("show", id).stdout


def test_show_says_what_an_event_sub_process_waits_for(invoke: Invoke, tmp_path: Path) -> None:
    start = f'<startEvent id="es" isInterrupting="false">{timed("Cycle", "R/PT1H")}</startEvent>'
    inside = f'{start}<sequenceFlow id="ef" sourceRef="es" targetRef="ee"/><endEvent id="ee"/>'
    nodes = [("s", "startEvent"), ("c", "intermediateCatchEvent", named("signal", "Alarm")), ("e", "endEvent")]
    nodes.append(("sub", 'subProcess triggeredByEvent="true"', inside))
    (tmp_path / "q.bpmn").write_bytes(bpmn(nodes, [("s", "c"), ("c", "e")], key="q", extra=signal("Alarm")))
    invoke("deploy", "q.bpmn", "--handlers", "shop.py")

    lines = invoke("show", invoke("start", "q").stdout.strip()).stdout

    assert "the process as a whole: [es] timer, due " in lines and ", as often as it happens" in lines


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["message", ""], "message_invalid"),
        (["message", "Paid", "--ttl", "soon"], "expression_invalid"),
        (["signal", " "], "message_invalid"),
        (["message", "Paid", "--var", "x"], "variables_invalid"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_status_2(invoke: Invoke, arguments: list[str], code: str) -> None:
    result = invoke(*arguments, "--json")

    assert (result.exit_code, parsed(result)["error"]["code"]) == (REFUSED, code)
    assert parsed(invoke("messages", "--json"))["messages"] == []
