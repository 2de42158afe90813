"""What protects a browser: headers, escaping, the Host check, tokens in forms, origins of API writes."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from runner import Runner
from web import create_app

START = "/api/processes/helloworld/instances"


@pytest.mark.parametrize("address", ["/processes", "/processes/capture", "/nowhere", "/static/app.css", "/healthz"])
def test_every_answer_forbids_foreign_and_inline_code(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST", "pokemon.example:80"])
def test_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::2]", "localhost.evil.example:80", ""])
def test_foreign_names_are_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/healthz", environ_overrides={"HTTP_HOST": host, "SERVER_NAME": "other"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "host_refused")


@pytest.mark.parametrize(("host", "status"), [("10.0.0.7:80", 200), ("[fe80::7]", 200), ("evil.example", 400)])
def test_server_on_every_address_answers_to_addresses_but_not_to_names(runner: Runner, host: str, status: int) -> None:
    client = create_app(runner.runtime, allowed_hosts=("0.0.0.0",)).test_client()
    assert client.get("/healthz", headers={"Host": host}).status_code == status


def test_form_without_token_changes_nothing(client: FlaskClient) -> None:
    response = client.post("/processes/helloworld/instances", data={"variables": "{}"})
    assert response.status_code == 400
    assert "Nothing was changed" in response.text
    assert client.get("/api/instances").get_json()["total"] == 0


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_api_write_from_a_foreign_page_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post(START, json={}, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "origin_refused")
    assert client.get("/api/instances").get_json()["total"] == 0


def test_api_write_from_an_own_page_is_accepted(client: FlaskClient) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post(START, json={}, headers=headers).status_code == 201


def test_api_write_that_is_no_json_is_refused(client: FlaskClient) -> None:
    answer = client.post(START, data="{}", content_type="text/plain")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "request_malformed")


def test_hostile_values_are_shown_as_text(runner: Runner, client: FlaskClient) -> None:
    hostile = "</pre><script>alert(1)</script>"
    instance = runner.start("helloworld", {hostile: hostile}, business_key=hostile)
    page = client.get(f"/instances/{instance.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_address_in_an_error_is_shown_as_text(client: FlaskClient) -> None:
    assert (
        "<script>" not in client.get("/processes/<script>alert(1)<").text.partition("<main")[2].partition("</main")[0]
    )


def test_stylesheets_are_kept_only_under_their_hash(client: FlaskClient) -> None:
    assert "immutable" in client.get("/static/app.css?v=12345678", buffered=True).headers["Cache-Control"]
    assert client.get("/static/app.css", buffered=True).headers["Cache-Control"] == "no-cache"


def test_pages_with_variables_are_asked_for_each_time(client: FlaskClient, finished: str) -> None:
    assert client.get(f"/instances/{finished}").headers["Cache-Control"] == "no-cache"
