"""What the runner writes fits together in every condition, and whatever is damaged is named."""

from __future__ import annotations

import re

import pytest
from documents import ROOT, rows, section
from operations.conftest import Store

from runner.commands import verification
from runner.commands.verification import verify

CONDITIONS = ("completed", "canceled", "retrying", "troubled", "joining", "stalled", "waiting", "assigned")
CONDITIONS += ("published", "archived")
NEWEST = "(SELECT max(seq) FROM steps)"
OPEN_JOB = "UPDATE jobs SET state = 'ready', ended_at = NULL"
DAMAGES = [
    ("completed", "DELETE FROM steps WHERE seq = 1", "I1", "Expected step 1 to follow, but .* is step 2"),
    ("completed", f"DELETE FROM steps WHERE seq = {NEWEST}", "I1", "Expected steps 0 to 2, .* has 2 steps"),
    ("completed", "DELETE FROM steps", "I1", "Expected steps 0 to 2, .* has 0 steps"),
    ("retrying", "UPDATE instances SET seq = seq + 1", "I1", "Expected steps 0 to 3, .* has 3 steps"),
    ("completed", "UPDATE jobs SET state = 'error_thrown' WHERE topic = 'b'", "I2", "'throw_error' .* 0 and 1"),
    ("completed", "DELETE FROM jobs WHERE topic = 'b'", "I2", "'complete_job' .* 2 and 1"),
    ("joining", "UPDATE jobs SET state = 'completed' WHERE topic = 'b'", "I2", "move its token on, but it still waits"),
    ("completed", "UPDATE steps SET happenings = replace(happenings, '\"s\"', '\"a\"')", "I2", "'a' to be left by 1"),
    (
        "completed",
        "UPDATE steps SET delta = replace(delta, '[3]', '[2,3]')",
        "I2",
        "Expected token 2 .* it left 2 times",
    ),
    ("completed", "UPDATE jobs SET id = 'other' WHERE topic = 'a'", "I2", "made of instance and token, but .* 'other'"),
    ("completed", OPEN_JOB, "I3", "Expected no open job in an instance that is completed, but .* is ready"),
    ("archived", "DELETE FROM jobs WHERE state = 'ready'", "I4", "Expected an open job for token 2 at 'a', but"),
    ("troubled", "DELETE FROM incidents", "I4", "Expected an open incident for failed job"),
    ("troubled", "UPDATE instances SET incidents = 2", "I4", "Expected 2 open incidents, .* there are 1"),
    ("troubled", "UPDATE incidents SET token_id = 99", "I4", "Expected a token in incident #1 at 'a', but it is gone"),
    ("stalled", "DELETE FROM incidents", "I4", "Expected a token or an incident in an active instance"),
    ("completed", "UPDATE snapshots SET state = replace(state, 'xx', 'yy')", "I5", "Expected the snapshot of step 1"),
    ("completed", "UPDATE snapshots SET seq = 9", "I5", "Expected no snapshot after step 2"),
    ("completed", "UPDATE steps SET delta = '{' WHERE seq = 1", "I5", "a delta that fits the state before step 1"),
    ("completed", "UPDATE steps SET format = 9 WHERE seq = 1", "I5", "step 1 in format 1, but it is in format 9"),
    ("completed", "UPDATE instances SET state = 'active'", "I5", "Expected an end exactly if the instance is over"),
    ("canceled", "UPDATE instances SET state = 'completed'", "I5", "to end with 'completed', but it has 'terminated'"),
    (
        "joining",
        "UPDATE instances SET state = 'terminated', ended_at = 1",
        "I5",
        "no token in .* at \\['b', 'join|0'\\]",
    ),
    ("completed", "DELETE FROM definitions", "I5", "Expected definition 1 to be stored"),
    ("archived", "DELETE FROM archives", "I5", "what the header says is archived only, but there is none"),
    ("archived", "UPDATE archives SET format = 9", "I5", "archived in format 1, but it is in format 9"),
    ("retrying", "UPDATE jobs SET forgiven = 9 WHERE topic = 'b'", "I6", "at least the number of forgiven ones"),
    ("retrying", "UPDATE jobs SET state = 'claimed' WHERE topic = 'b'", "I6", "a claim exactly while it is claimed"),
    ("retrying", "UPDATE jobs SET attempt = 0 WHERE topic = 'b'", "I6", "Expected 1 attempts at 'b', .* count fewer"),
    ("completed", "UPDATE jobs SET state = 'lost' WHERE topic = 'b'", "I6", "Expected a state that is known"),
    (
        "waiting",
        "DELETE FROM waits WHERE kind = 'message'",
        "I7",
        "Expected token 2 at 'c' to wait at 'c'",
    ),
    (
        "waiting",
        "DELETE FROM waits WHERE kind = 'timer'",
        "I7",
        "Expected token 2 at 'c' to wait at 'late'",
    ),
    ("waiting", "UPDATE waits SET token_id = 9", "I7", "an event that may happen to token 9 for the wait at 'late'"),
    ("published", "UPDATE messages SET state = 'delivered'", "I8", "Expected message 1 .* but it is delivered"),
    ("published", "UPDATE waits SET key = '8'", "I8", "Expected message 1 to be delivered, but it is kept although"),
    ("assigned", "DELETE FROM user_tasks", "I9", "Expected an open user task for token 2 at 'u', but there is none"),
    ("assigned", "UPDATE user_tasks SET token_id = 9", "I9", "Expected a token for the open user task of token 9"),
    ("calling", "UPDATE instances SET parent_token = 9", "I9", "Expected token 9 to wait for instance '.*', but"),
    ("calling", "UPDATE instances SET parent_id = NULL", "I9", "Expected an active instance that token 2 at 'call'"),
    ("retrying", "DELETE FROM instances", "file", "Expected an instance for every row in 'jobs'"),
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_the_runner_writes_is_clean(store: Store, condition: str) -> None:
    getattr(store, condition)()

    found = verify(store.runtime)

    assert found.violations == []
    assert found.checked["instances"] == found.checked["archived"] + 1


@pytest.mark.parametrize(("condition", "damage", "invariant", "sentence"), DAMAGES)
def test_damage_is_named(store: Store, condition: str, damage: str, invariant: str, sentence: str) -> None:
    id = getattr(store, condition)()
    store.change(damage)

    found = verify(store.runtime).violations

    assert [each for each in found if each.invariant == invariant and re.search(sentence, each.message)], found
    assert id in {each.instance_id for each in found} or condition in ("archived", "published")


def test_each_violation_says_what_to_do(store: Store) -> None:
    id = store.troubled()
    store.change("DELETE FROM incidents")

    (first, *_) = verify(store.runtime).violations

    assert f"`runner cancel {id}`" in first.advice


def test_every_invariant_is_broken_by_one_of_these_damages() -> None:
    assert {invariant for *_, invariant, _ in DAMAGES} == set(verification.INVARIANTS)


def test_the_invariants_are_those_in_the_documents() -> None:
    assert rows(section(ROOT / "docs" / "operations.md", "Checking what is stored")) == [
        [name, meaning] for name, meaning in verification.INVARIANTS.items()
    ]


def test_one_damaged_instance_does_not_hide_another(store: Store) -> None:
    ids = [store.completed() for _ in range(3)]
    store.change("DELETE FROM steps WHERE seq = 1 AND instance_id <> :whole", whole=ids[1])

    found = verify(store.runtime)

    assert {each.instance_id for each in found.violations} == {ids[0], ids[2]}
    assert found.checked["steps"] == 7


def test_more_instances_than_fit_into_memory_at_once_are_all_seen(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.store.checks.INSTANCES_AT_ONCE", 2)
    monkeypatch.setattr("runner.store.checks.STEPS_AT_ONCE", 2)
    ids = [store.completed() for _ in range(5)]
    store.change("DELETE FROM steps WHERE seq = 1 AND instance_id = :id", id=ids[4])

    found = verify(store.runtime)

    assert found.checked["instances"] == 5
    assert [each.instance_id for each in found.violations] == [ids[4]]


def test_a_damaged_archive_is_named(store: Store) -> None:
    id = store.archived()
    store.change("UPDATE archives SET content = :nonsense", nonsense=b"nonsense")

    assert [(each.invariant, each.instance_id) for each in verify(store.runtime).violations] == [("I5", id)]


def test_rows_beside_their_archive_are_named(store: Store) -> None:
    id = store.archived()
    store.change("UPDATE steps SET instance_id = :id", id=id)

    assert ("I5", "Expected all rows of an archived instance in its archive, but 1 stand beside it.") in (
        store.violations()
    )
