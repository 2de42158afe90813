"""What an instance waits for is on its page, with a form that sends it; messages have a list and an API."""

from __future__ import annotations

import pytest
from awaiting import catching, message, named, signal, timed
from flask.testing import FlaskClient
from visitor import Visitor, text_of

from runner import Runner
from runner.app import RunnerInstance
from runner.commands import definitions


@pytest.fixture
def waiting(runner: Runner) -> RunnerInstance:
    """Give an instance that waits for a message, then a signal, then a timer."""
    events = named("message", "Paid"), named("signal", "Alarm"), timed("Duration", "PT1H")
    xml = catching(*events, key="waiting", extra=message("Paid", "order") + signal("Alarm"))
    definitions.deploy(runner.runtime, xml, source="waiting.bpmn")
    return runner.start("waiting", {"order": 7})


def test_the_page_says_what_is_waited_for_and_sends_it(waiting: RunnerInstance, visitor: Visitor) -> None:
    address = f"/instances/{waiting.id}"
    assert "Message Paid with the key 7" in text_of(visitor.open(address), "//*[@id='waits']")

    assert visitor.send(address, "/message", variables='{"amount": 5}').status_code == 303

    page = visitor.open(address)
    assert "Message Paid is delivered." in text_of(page, "//main")
    assert "Signal Alarm" in text_of(page, "//*[@id='waits']")
    assert waiting.variables["amount"] == 5


def test_a_signal_is_sent_from_the_page_too(runner: Runner, waiting: RunnerInstance, visitor: Visitor) -> None:
    runner.publish_message("Paid", 7)

    assert visitor.send(f"/instances/{waiting.id}", "/signal").status_code == 303

    with runner.runtime.watches.watch(waiting.id, every_step=True) as watch:
        while waiting.tokens[0].waiting_for != "timer":
            watch.wait(5)
    assert "Timer, due" in text_of(visitor.open(f"/instances/{waiting.id}"), "//*[@id='waits']")


def test_variables_that_are_not_json_send_nothing(waiting: RunnerInstance, visitor: Visitor) -> None:
    response = visitor.send(f"/instances/{waiting.id}", "/message", variables="[")

    assert response.status_code == 422 and "Expected JSON" in response.text
    assert waiting.tokens[0].waiting_for == "message"


def test_the_list_says_who_got_a_message_and_why_nobody_did(
    runner: Runner, waiting: RunnerInstance, visitor: Visitor
) -> None:
    runner.publish_message("Paid", "<8>")
    words = text_of(visitor.open("/messages"), "//tbody")
    runner.publish_message("Paid", "7")

    assert "Continued an instance at c1" in text_of(visitor.open("/messages?state=delivered"), "//tbody")
    assert "It has the key '<8>', but who waits for 'Paid' asks for '7'" in words
    assert len(visitor.open("/messages?state=waiting&name=Paid").xpath("//tbody/tr")) == 1


def test_a_program_publishes_and_broadcasts(client: FlaskClient, waiting: RunnerInstance) -> None:
    sent = client.post("/api/messages", json={"name": "Paid", "key": "7", "variables": {"amount": 5}})
    assert (sent.status_code, sent.json["state"], sent.json["instance_id"]) == (201, "delivered", waiting.id)

    answer = client.post("/api/signals", json={"name": "Alarm"})
    assert (answer.status_code, answer.json["reached"]) == (201, 1)
    assert [each["name"] for each in client.get("/api/messages").json["messages"]] == ["Paid"]


def test_what_is_no_message_is_refused(client: FlaskClient) -> None:
    assert client.post("/api/messages", json={"name": ""}).json["code"] == "message_invalid"
    assert client.post("/api/messages", json={"nome": "Paid"}).status_code == 422
    assert client.post("/api/messages", data={"name": "Paid"}).status_code == 400
