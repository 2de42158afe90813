"""The JSON API: what it takes, what it answers, and how it refuses."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.usefixtures("finished")
def test_processes_are_listed_with_their_numbers(client: FlaskClient) -> None:
    answer = client.get("/api/processes").get_json()
    pools = ["capture_combat", "capture_pokeball", "capture_status", "capture_trainer"]
    assert [one["key"] for one in answer] == ["capture", *pools, "helloworld", "transfer"]
    assert (answer[0]["version"], answer[0]["completed"], answer[0]["refused"]) == (1, 1, None)


def test_start_answers_with_the_address_of_the_instance(client: FlaskClient) -> None:
    body = {"variables": {"n": [1, {"a": None}]}, "business_key": "b7"}
    response = client.post("/api/processes/helloworld/instances", json=body)
    assert response.status_code == 201
    found = client.get(response.headers["Location"]).get_json()
    assert (found["id"], found["business_key"]) == (response.get_json()["id"], "b7")
    assert found["variables"]["n"] == [1, {"a": None}]


@pytest.mark.usefixtures("stuck")
def test_instances_are_filtered_and_counted(client: FlaskClient, finished: str) -> None:
    answer = client.get("/api/instances?state=completed").get_json()
    assert (answer["total"], answer["instances"][0]["id"]) == (1, finished)


def test_state_tells_marks_and_entries_after_a_number(client: FlaskClient, finished: str) -> None:
    address = f"/api/instances/{finished}/state"
    state = client.get(address).get_json()
    assert state["marks"]["attack"] == {"status": "done", "tokens": 0, "note": ""}
    assert state["entries"][-1]["event"] == "completed"
    rest = client.get(f"{address}?after={state['last'] - 1}").get_json()
    assert rest["entries"] == state["entries"][-1:]


def test_state_is_not_sent_twice(client: FlaskClient, finished: str) -> None:
    address = f"/api/instances/{finished}/state"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_retry_and_cancel_answer_with_the_instance(client: FlaskClient, stuck: str) -> None:
    address = f"/api/instances/{stuck}"
    assert client.post(f"{address}/retry", json={}).get_json()["state"] == "active"
    assert client.post(f"{address}/cancel", json={}).get_json()["state"] == "terminated"
    answer = client.post(f"{address}/cancel", json={})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "instance_ended")


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ("{", 400, "request_malformed", "cannot be read"),
        ("[]", 422, "request_invalid", "the body"),
        ('{"variables": 3}', 422, "request_invalid", "variables: "),
        ('{"variabels": {}}', 422, "request_invalid", "variabels: "),
        ('{"variables": {"x": NaN}}', 422, "variables_invalid", "x"),
        ('{"version": 9}', 404, "definition_not_found", "version 9"),
    ],
)
def test_bad_start_is_refused_in_a_sentence(client: FlaskClient, body: str, status: int, code: str, words: str) -> None:
    answer = client.post("/api/processes/capture/instances", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert words in answer.get_json()["message"]
    assert client.get("/api/instances").get_json()["total"] == 0


def test_unknown_process_is_not_found(client: FlaskClient) -> None:
    answer = client.post("/api/processes/surf/instances", json={})
    assert answer.status_code == 404
    assert "Known: capture, capture_combat, capture_pokeball," in answer.get_json()["message"]


def test_unknown_address_and_method_are_refused_as_json(client: FlaskClient) -> None:
    assert client.get("/api/nothing").get_json()["code"] == "not_found"
    assert client.delete("/api/processes", json={}).get_json()["code"] == "method_not_allowed"


def test_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    body = b'{"variables": {"x": "' + b"x" * 9_000_000 + b'"}}'
    answer = client.post("/api/processes/capture/instances", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "request_entity_too_large")


def test_health_is_ok_while_the_database_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok", "processes": 7}


def test_a_process_that_a_message_starts_is_not_started_by_hand(client: FlaskClient) -> None:
    answer = client.post("/api/processes/capture_status/instances", json={})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "process_not_startable")
    assert "the message 'PokemonEncountered'" in answer.get_json()["message"]
