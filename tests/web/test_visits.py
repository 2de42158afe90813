"""What history and tokens say about a diagram: visits in order, marks, the headline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from runner.marking import counted_marks_of, marks_of
from runner.model import (
    Definition,
    Failure,
    HistoryEntry,
    Incident,
    IncidentKind,
    Instance,
    InstanceState,
    InstanceView,
    JobRecord,
    JobState,
    Mark,
    Token,
)
from web.visits import headline, visits_of
from web.wording import lasting, type_words

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def entry(number: int, event: str, element: str = "attack", kind: str = "serviceTask") -> HistoryEntry:
    return HistoryEntry(number, START + timedelta(seconds=number), element, kind, event, number)


def job(state: JobState, failure: Failure | None = None) -> JobRecord:
    return JobRecord("j", "i", "attack", "attack", state, 2, None, START, failure=failure)


def token(waiting_for: str = "job", **of: JobRecord | Incident) -> Token:
    return Token("attack", "serviceTask", "Attack", waiting_for, **of)  # type: ignore[arg-type]


def view(*history: HistoryEntry, tokens: tuple[Token, ...] = (), state: str = "active") -> InstanceView:
    instance = Instance("i", "p", 1, 1, InstanceState(state), None, 1, START, None)
    definition = Definition(1, "p", 1, "P", "p.bpmn", "", START)
    return InstanceView(instance, definition, {}, tokens, history, (), ())


def test_visit_begins_and_ends_with_its_entries() -> None:
    (visit,) = visits_of(view(entry(1, "entered"), entry(4, "completed")))
    assert (visit.state, visit.lasted, visit.attempts) == ("done", timedelta(seconds=3), 1)


def test_each_round_of_a_loop_is_a_visit() -> None:
    rounds = [entry(number, event) for number, event in enumerate(["entered", "completed"] * 3)]
    assert [visit.state for visit in visits_of(view(*rounds))] == ["done"] * 3


def test_element_that_only_completes_is_a_visit() -> None:
    (visit,) = visits_of(view(entry(1, "completed", "start", "startEvent")))
    assert (visit.element_id, visit.lasted) == ("start", timedelta(0))


def test_failures_count_as_attempts() -> None:
    waiting = token(job=job(JobState.READY, Failure("OSError", "down")))
    (visit,) = visits_of(view(entry(1, "entered"), entry(2, "job_failed"), entry(3, "job_failed"), tokens=(waiting,)))
    assert (visit.state, visit.attempts) == ("retrying", 2)


@pytest.mark.parametrize(
    ("waiting", "mark"),
    [
        (token(job=job(JobState.CLAIMED)), Mark("active", 1)),
        (token(job=job(JobState.READY)), Mark("active", 1)),
        (token(job=job(JobState.READY, Failure("E", "x"))), Mark("retrying", 1, "Attempt 2 failed: E: x")),
        (token("join"), Mark("waiting", 1)),
        (
            token("incident", incident=Incident(1, "i", "attack", IncidentKind.STALLED, "stuck", START)),
            Mark("failed", 1, "stuck"),
        ),
    ],
)
def test_mark_says_what_the_token_waits_for(waiting: Token, mark: Mark) -> None:
    assert marks_of(view(entry(1, "entered"), tokens=(waiting,)))["attack"] == mark


def test_token_wins_over_the_path_and_trouble_over_work() -> None:
    waiting = token("incident")
    marks = marks_of(view(entry(1, "completed"), tokens=(token(job=job(JobState.CLAIMED)), waiting)))
    assert (marks["attack"].status, marks["attack"].tokens) == ("failed", 2)


def test_taken_flow_is_part_of_the_path() -> None:
    marks = marks_of(view(entry(1, "taken", "to_attack", "sequenceFlow"), entry(2, "completed", "p", "process")))
    assert marks == {"to_attack": Mark("done")}


def test_counted_marks_say_how_often_an_element_completed() -> None:
    twice = view(entry(1, "completed"), entry(2, "completed"), entry(3, "taken", "f", "sequenceFlow"))
    assert counted_marks_of(twice) == {"attack": Mark("done", note="2 times"), "f": Mark("done")}


def test_of_a_repeated_element_the_runs_are_counted() -> None:
    events = ["entered", "entered", "entered", "completed", "completed", "completed"] * 2
    twice = view(*(entry(number, event) for number, event in enumerate(events)))
    assert counted_marks_of(twice, ["attack"]) == {"attack": Mark("done", note="4 times")}


def test_headline_names_the_end_that_was_reached() -> None:
    ended = view(entry(1, "completed", "end", "endEvent"), state="completed")
    assert headline(ended, {"end": "All is well"}) == "Ended: All is well."
    assert headline(ended, {"end": "All well?"}) == "Ended: All well?"
    assert headline(replace(ended, history=()), {}) == "Ended."


def test_headline_says_where_the_token_is() -> None:
    assert headline(view(tokens=(token(job=job(JobState.CLAIMED)),)), {}) == "The token is on Attack."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0032, "3.2 ms"), (0.4, "400 ms"), (1.44, "1.4 s"), (59.97, "1 min"), (125, "2 min 5 s"), (90_000, "1 d 1 h")],
)
def test_durations_are_said_in_two_units_at_most(seconds: float, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words


def test_which_rules_fired_is_told_with_the_visit() -> None:
    fired = [{"decision": "dish", "inputs": {"guests": 8}, "rules": [{"rule": 2}]}, {"decision": "d", "rules": [1, 3]}]
    decided = replace(entry(2, "decided"), detail={"decision": "dish", "fired": fired})
    (visit,) = visits_of(view(entry(1, "entered"), decided, entry(3, "completed")))
    assert visit.decided == ("dish: rule 2 (guests = 8)", "d: rules 1, 3")


def test_a_token_that_waits_for_a_lock_says_so() -> None:
    waiting = token(job=replace(job(JobState.READY), lock="red", lock_holder="other"))
    seen = replace(view(), tokens=(waiting,))
    assert headline(seen, {}) == "Attack waits for the lock 'red', which another job has."
    assert marks_of(seen)["attack"] == Mark("waiting", 1, "Waits for the lock 'red'")


def test_a_visit_says_which_data_stores_it_read_and_wrote() -> None:
    moved = [
        replace(entry(n, event), detail={"store": "stock"}) for n, event in ((2, "data_read"), (3, "data_written"))
    ]
    (visit,) = visits_of(view(entry(1, "entered"), *moved, entry(4, "completed")))
    assert (visit.state, visit.stores) == ("done", ("Read data store stock", "Wrote data store stock"))


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("serviceTask", "Service task"),
        ("adHocSubProcess", "Ad-hoc sub-process"),
        ("eventBasedGateway", "Event-based gateway"),
    ],
)
def test_types_of_elements_are_written_as_bpmn_writes_them(tag: str, words: str) -> None:
    assert type_words(tag) == words
