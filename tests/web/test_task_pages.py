"""The pages of user tasks: the list, the form, claiming, completing, throwing; and what an instance's page says."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import chain
from commands.drawings import caller, work
from flask import Flask
from visitor import Visitor, text_of

from runner import handler
from runner.app import Runner, RunnerInstance

FIELDS = (
    '<extensionElements><camunda:formData><camunda:formField id="n" label="How many" type="long">'
    '<camunda:validation><camunda:constraint name="required"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="ok" label="All well" type="boolean"/></camunda:formData></extensionElements>'
)


@pytest.fixture
def runner() -> Runner:
    """Give a runner without threads."""
    return Runner("sqlite://", handlers=[handler(topic)(lambda: None) for topic in "abc"], work=False)


@pytest.fixture
def instance(runner: Runner, app: Flask, tmp_path: Path) -> RunnerInstance:
    """Give an instance that waits for a person."""
    (tmp_path / "work.bpmn").write_bytes(work('camunda:candidateGroups="sales"', FIELDS))
    runner.deploy(tmp_path / "work.bpmn")
    return runner.start("p", {"n": 3})


def address(runner: Runner) -> str:
    return f"/tasks/{runner.user_tasks()[0].id}"


def test_the_list_names_it_and_who_may_claim_it(visitor: Visitor, instance: RunnerInstance) -> None:
    assert "Check it" in text_of(visitor.open("/tasks?group=sales"), "//tbody")
    assert "free: sales" in text_of(visitor.open("/tasks"), "//tbody")
    assert "Nobody is waited for" in text_of(visitor.open("/tasks?group=legal"), "//main")


def test_the_instance_page_leads_to_it(visitor: Visitor, instance: RunnerInstance, runner: Runner) -> None:
    page = visitor.open(f"/instances/{instance.id}")
    assert page.xpath("//section[@id='people']//a/@href") == [address(runner)]


def test_it_is_claimed_and_given_back(visitor: Visitor, instance: RunnerInstance, runner: Runner) -> None:
    visitor.send(address(runner), "/claim", user="ash")
    assert runner.user_tasks()[0].assignee == "ash"
    visitor.send(address(runner), "/unclaim")
    assert runner.user_tasks()[0].assignee is None


def test_what_is_filled_in_completes_it(visitor: Visitor, instance: RunnerInstance, runner: Runner) -> None:
    sent = {"/n": "7", "/ok": "true", "variables": '{"more": [1]}'}

    response = visitor.send(address(runner), "/complete", **sent)

    assert (response.status_code, response.headers["Location"]) == (303, f"/instances/{instance.id}")
    assert instance.variables == {"n": 7, "ok": True, "more": [1]}


@pytest.mark.parametrize(
    ("sent", "said"),
    [({"/n": "many"}, "whole number"), ({"/n": ""}, "is empty"), ({"variables": "[1"}, "Expected JSON")],
)
def test_what_does_not_fit_is_shown_again_and_changes_nothing(
    visitor: Visitor, instance: RunnerInstance, runner: Runner, sent: dict[str, str], said: str
) -> None:
    response = visitor.send(address(runner), "/complete", **sent)

    assert (response.status_code, said in response.text) == (422, True)
    assert instance.variables == {"n": 3} and len(runner.user_tasks()) == 1


def test_an_error_is_thrown_instead(visitor: Visitor, instance: RunnerInstance, runner: Runner) -> None:
    where = address(runner)
    assert visitor.send(where, "/complete", throw="true", error="WORSE").status_code == 422
    assert visitor.send(where, "/complete", throw="true", error="BAD").status_code == 303

    assert [token.element_id for token in instance.tokens] == ["b"]


def test_the_api_claims_and_completes(visitor: Visitor, instance: RunnerInstance, runner: Runner) -> None:
    where = f"/api{address(runner)}"
    assert visitor.client.post(f"{where}/claim", json={"user": "ash"}).json["assignee"] == "ash"  # type: ignore[index]
    assert visitor.client.post(f"{where}/complete", json={"user": "misty"}).status_code == 409
    assert visitor.client.post(f"{where}/complete", json={"user": "ash", "variables": {"n": 1}}).status_code == 200

    assert instance.variables == {"n": 1}


def test_an_incident_is_skipped_from_the_page(visitor: Visitor, app: Flask, runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "call.bpmn").write_bytes(caller())
    runner.deploy(tmp_path / "call.bpmn")
    instance = runner.start("p")

    response = visitor.send(f"/instances/{instance.id}", "/incidents/", variables='{"given": 1}', skip="true")

    assert response.status_code == 303 and instance.variables == {"given": 1} and instance.incidents == ()


def test_a_caller_and_what_it_called_lead_to_each_other(
    visitor: Visitor, app: Flask, runner: Runner, tmp_path: Path
) -> None:
    for name, xml in {"child": chain(["a"], key="child"), "call": caller()}.items():
        (tmp_path / f"{name}.bpmn").write_bytes(xml)
        runner.deploy(tmp_path / f"{name}.bpmn")
    instance = runner.start("p")

    (child,) = visitor.open(f"/instances/{instance.id}").xpath("//section[@id='people']//a/@href")
    assert f"/instances/{instance.id}" in visitor.open(child).xpath("//dl//a/@href")
