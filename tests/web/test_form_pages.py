"""Forms on pages and in the API: drawn without scripts, judged by the server, nothing that was typed is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builders import bpmn
from commands.drawings import ZEEBE, work
from every_field import EVERYTHING, PIXEL, VARIABLES
from flask import Flask
from unit.forms.filling_in import field, source
from visitor import Visitor, text_of

from runner import handler
from runner.app import Runner


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Give a runner without threads, an instance of which waits at a user task with a form of everything."""
    made = Runner("sqlite://", handlers=[handler(topic)(lambda: None) for topic in "abc"], work=False)
    link = '<extensionElements><zeebe:formDefinition formId="f"/></extensionElements>'
    (tmp_path / "p.bpmn").write_bytes(work(ZEEBE, link))
    (tmp_path / "f.form").write_bytes(source(*EVERYTHING))
    made.deploy(tmp_path / "p.bpmn", tmp_path / "f.form")
    made.start("p", VARIABLES)
    return made


@pytest.fixture
def address(runner: Runner, app: Flask) -> str:
    """Give the address of the user task."""
    return f"/tasks/{runner.user_tasks()[0].id}"


def variables(runner: Runner) -> dict[str, Any]:
    return runner.instance(runner.user_tasks()[0].instance_id).variables


def test_every_input_has_a_label_and_its_value(visitor: Visitor, address: str) -> None:
    page = visitor.open(address)
    form = next(form for form in page.forms if "/complete" in form.action)
    inputs = form.xpath(".//input[not(@type='hidden')] | .//select | .//textarea")
    labels = {label.get("for") for label in page.xpath("//label")}
    unnamed = [each.get("id") for each in inputs if each.get("id") not in labels and not each.get("aria-label")]
    assert (len(inputs) > 20, unnamed) == (True, [None]) or unnamed == ["error-code"] or unnamed == []
    assert page.xpath("//input[@name='/moves/0/name']/@value") == ["Cut"]
    assert page.xpath("//input[@value='stays']/@readonly") == ["readonly"]


def test_texts_of_a_form_are_written_safely(visitor: Visitor, address: str) -> None:
    page = visitor.open(address)
    words = page.xpath("//div[contains(@class, 'words')]")
    assert [each.xpath(".//script | .//@onclick") for each in words] == [[], []]
    assert text_of(page, "//div[contains(@class, 'words')]//h3") == "Hello <Ash>"
    assert "<script>alert(1)</script>" in text_of(page, "//div[contains(@class, 'words')]//li")
    assert words[1].xpath(".//b/text()") == ["bold"] and "alert" not in words[1].text_content()


def test_what_cannot_be_shown_is_said(visitor: Visitor, address: str) -> None:
    page = visitor.open(address)
    assert page.xpath("//img/@src") == [PIXEL]
    said = text_of(page, "//form//p[contains(@class, 'notice')]")
    assert all(words in said for words in ("Far", "Frame", "https://elsewhere.example/", "Papers", "not supported"))
    assert page.xpath("//iframe") == [] and "Number 1 2" in text_of(page, "//table")


def test_what_is_wrong_is_listed_first_and_what_was_typed_stays(visitor: Visitor, address: str, runner: Runner) -> None:
    sent = {
        "/name": "M",
        "/level": "many",
        "/mail": "nowhere",
        "/story": "a\r\nb",
        "/kind": "water",
        "/moves/0/name": "Fly",
    }
    response = visitor.send(address, "/complete", **sent)
    assert response.status_code == 422 and "<title>Error:" in response.text
    for kept in ('value="M"', 'value="many"', 'value="nowhere"', 'value="water" checked', 'value="Fly"'):
        assert kept in response.text
    assert 'href="#field-name"' in response.text and 'id="flaws"' in response.text
    assert "Expected at least 2 characters, but got 1." in response.text
    assert variables(runner) == VARIABLES


def test_what_is_filled_in_becomes_variables(visitor: Visitor, address: str, runner: Runner) -> None:
    instance = runner.instance(runner.user_tasks()[0].instance_id)
    sent = {
        "/name": "Mew",
        "/level": "50",
        "/tame": "true",
        "/likes": "fire",
        "/seen": "2026-01-31T10:00",
        "/kind": "fire",
    }
    assert visitor.send(address, "/complete", **sent).status_code == 303
    found = instance.variables
    assert (found["name"], found["level"], found["twice"], found["tame"]) == ("Mew", 50, 100, True)
    assert (found["likes"], found["kind"], found["seen"]) == (["fire"], "fire", "2026-01-31T10:00+00:00")
    assert (found["fixed"], found["moves"], "why" in found, found["story"]) == ("stays", [{"name": "Cut"}], False, None)


def test_rows_are_added_and_removed_without_scripts(visitor: Visitor, address: str, runner: Runner) -> None:
    added = visitor.send(address, "/complete", add="/moves", **{"/name": "M"})
    assert (added.status_code, 'name="/moves/1/name"' in added.text, 'value="M"' in added.text) == (200, True, True)
    removed = visitor.send(address, "/complete", remove="/moves/0")
    assert (removed.status_code, 'name="/moves/0/name"' in removed.text) == (200, False)
    assert variables(runner) == VARIABLES


def test_what_follows_from_an_answer_is_shown_without_scripts(visitor: Visitor, address: str) -> None:
    assert visitor.open(address).xpath("//input[@name='/why']")
    answer = visitor.send(address, "/complete", refresh="true", **{"/tame": "true"})
    assert (answer.status_code, 'name="/why"' in answer.text) == (200, False)


def test_enter_sends_the_form_and_adds_no_row(visitor: Visitor, address: str) -> None:
    form = next(form for form in visitor.open(address).forms if "/complete" in form.action)
    first = form.xpath(".//button")[0]
    assert (first.get("type"), first.get("name")) == ("submit", None)


def test_the_api_describes_the_form_and_says_what_is_wrong(visitor: Visitor, address: str) -> None:
    form = visitor.client.get(f"/api{address}/form").get_json()["form"]
    name = next(each for each in form["fields"] if each.get("field") == "/name")
    assert (name["kind"], name["required"], name["rules"]) == ("text", True, {"min_length": 2})
    answer = visitor.client.post(f"/api{address}/complete", json={"variables": {"tame": True, "level": 101}})
    found = answer.get_json()
    assert (answer.status_code, found["code"]) == (422, "form_invalid")
    assert [(each["field"], each["code"]) for each in found["fields"]] == [
        ("/name", "required"),
        ("/level", "too_large"),
    ]


def test_a_value_that_is_no_option_stays_to_be_seen(visitor: Visitor, address: str) -> None:
    response = visitor.send(address, "/complete", **{"/name": "Mew", "/tame": "true", "/second": "stone"})
    assert response.status_code == 422 and '<option value="stone" selected>stone</option>' in response.text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "javascript:x"]
)
def test_words_of_a_form_never_become_code(
    visitor: Visitor, runner: Runner, tmp_path: Path, app: Flask, text: str
) -> None:
    feel = "=" + json.dumps(text)
    hostile = [
        field("textfield", "a", label=feel, description=feel, appearance={"prefixAdorner": feel}, defaultValue=feel),
        field("select", "b", values=[{"label": text, "value": text}]),
        {"type": "html", "content": feel},
        {"type": "text", "text": feel},
        {"type": "image", "source": feel, "alt": feel},
        {"type": "iframe", "url": feel, "label": feel},
        {"type": "group", "label": feel, "components": []},
    ]
    (tmp_path / "f.form").write_bytes(source(*hostile))
    runner.deploy(tmp_path / "f.form")
    page = visitor.open(f"/tasks/{runner.user_tasks()[0].id}")
    assert page.xpath("//main//script | //main//*[@onerror] | //main//iframe") == []
    assert [link for link in page.xpath("//main//@href | //main//@src") if "javascript" in link or link == "x"] == []


def test_an_error_is_thrown_whatever_is_filled_in(visitor: Visitor, address: str, runner: Runner) -> None:
    response = visitor.send(address, "/complete", throw="true", error="BAD", **{"/level": "many"})
    assert (response.status_code, runner.user_tasks()) == (303, ())


def test_a_task_whose_form_is_missing_says_so_and_takes_json(
    visitor: Visitor, runner: Runner, tmp_path: Path, address: str
) -> None:
    link = '<extensionElements><zeebe:formDefinition formId="nowhere"/></extensionElements>'
    (tmp_path / "p.bpmn").write_bytes(work(ZEEBE, link))
    runner.deploy(tmp_path / "p.bpmn")
    task = runner.user_tasks(instance_id=runner.start("p").id)[0]
    assert "the form 'nowhere', but it is not deployed" in text_of(visitor.open(f"/tasks/{task.id}"), "//main")
    assert visitor.send(f"/tasks/{task.id}", "/complete", variables='{"ok": true}').status_code == 303


def test_a_start_form_is_described_and_judged_by_the_api(
    visitor: Visitor, runner: Runner, tmp_path: Path, app: Flask
) -> None:
    begin = drawn_start('<extensionElements><zeebe:formDefinition formId="begin"/></extensionElements>')
    (tmp_path / "start.bpmn").write_bytes(begin)
    (tmp_path / "begin.form").write_bytes(source(field("number", "n", validate={"required": True}), id="begin"))
    runner.deploy(tmp_path / "start.bpmn", tmp_path / "begin.form")
    asked = visitor.client.get("/api/processes/starting/form").get_json()["form"]
    assert [(each["field"], each["required"]) for each in asked["fields"]] == [("/n", True)]
    refused = visitor.client.post("/api/processes/starting/form", json={"variables": {}})
    assert (refused.status_code, refused.get_json()["fields"][0]["code"]) == (422, "required")
    begun = visitor.client.post("/api/processes/starting/form", json={"variables": {"n": 1}, "business_key": "k"})
    assert (begun.status_code, begun.get_json()["business_key"]) == (201, "k")
    assert visitor.send("/processes/starting", "/instances").status_code == 422
    assert visitor.send("/processes/starting", "/instances", **{"/n": "2"}).status_code == 303


def drawn_start(inside: str) -> bytes:
    """Give a process that begins with a form and waits for a person."""
    nodes = [
        ("s", "startEvent", inside.replace("formDefinition", f"formDefinition {ZEEBE}")),
        ("u", "userTask"),
        ("e", "endEvent"),
    ]
    return bpmn(nodes, [("s", "u"), ("u", "e")], key="starting")
