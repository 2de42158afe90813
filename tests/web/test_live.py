"""The event stream: hints about what changed, resuming, ending, and what happens to those who do not keep up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

from builders import chain
from flask.testing import FlaskClient

from runner import Runner
from runner.commands.definitions import deploy
from runner.commands.instances import last_change
from web.live import BACKLOG, MOST, Feed, Listener


def hints(messages: Iterator[str]) -> Iterator[dict[str, object]]:
    for message in messages:
        for line in message.splitlines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def listening(feed: Feed, after: int | None = None) -> Listener:
    listener = feed.listen(after)
    assert listener is not None
    return listener


def test_start_of_an_instance_is_heard(runner: Runner, stopping: threading.Event) -> None:
    listener = listening(Feed(runner.runtime, stopping))
    instance = runner.start("helloworld")
    hint = next(hints(listener.messages()))
    assert (hint["instance"], hint["process"]) == (instance.id, "helloworld")


def test_deployment_and_refusal_are_heard_by_every_page(runner: Runner, stopping: threading.Event) -> None:
    feed = Feed(runner.runtime, stopping)
    heard = hints(listening(feed).messages())
    deploy(runner.runtime, chain(["paralyze"], key="new"), source="new.bpmn")
    assert next(heard) == {}
    runner.runtime.refusals["new.bpmn"] = "new.bpmn:3 [a] refused: no handler"
    assert next(heard) == {}


def test_two_listeners_hear_the_same(runner: Runner, stopping: threading.Event) -> None:
    feed = Feed(runner.runtime, stopping)
    one, other = listening(feed), listening(feed)
    runner.start("helloworld")
    assert next(hints(one.messages())) == next(hints(other.messages()))


def test_browser_that_comes_back_hears_what_it_missed(runner: Runner, stopping: threading.Event) -> None:
    before = last_change(runner.runtime)
    instance = runner.start("helloworld")
    listener = listening(Feed(runner.runtime, stopping), before)
    assert next(hints(listener.messages()))["instance"] == instance.id


def test_events_carry_the_cursor_to_come_back_with(runner: Runner, client: FlaskClient) -> None:
    runner.start("helloworld")
    response = client.get("/events", headers={"Last-Event-ID": "0"})
    parts = iter(response.response)
    assert (response.mimetype, next(parts)) == ("text/event-stream", b"retry: 2000\n\n")
    assert bytes(next(parts)).startswith(b"id: 1\ndata: {")
    response.close()


def test_cursor_that_is_no_number_is_refused(client: FlaskClient) -> None:
    answer = client.get("/events", headers={"Last-Event-ID": "yesterday"})
    assert answer.status_code == 400
    assert "Expected Last-Event-ID to be a number" in answer.get_json()["message"]


def test_stopping_ends_every_stream(runner: Runner, stopping: threading.Event) -> None:
    listener = listening(Feed(runner.runtime, stopping))
    messages = listener.messages()
    next(messages)
    stopping.set()
    assert list(hints(messages)) == []


def test_stream_that_is_one_too_many_is_refused(runner: Runner, stopping: threading.Event) -> None:
    feed = Feed(runner.runtime, stopping)
    held = [listening(feed) for _ in range(MOST)]
    assert feed.listen(None) is None
    feed.forget(held[0])
    assert feed.listen(None) is not None


def test_listener_that_does_not_keep_up_is_told_to_look_everywhere() -> None:
    listener = Listener()
    for number in range(BACKLOG + 1):
        listener.hear(f'data: {{"seq": {number}}}\n\n')
    found = hints(listener.messages())
    assert [next(found) for _ in range(BACKLOG)][-1] == {"seq": BACKLOG - 1}
    assert next(found) == {}
