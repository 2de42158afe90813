"""User tasks: on the list of those who may do them, taken by one, ended once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from commands.conftest import Bench
from commands.drawings import caller, caught, work

from runner.app import RunnerInstance
from runner.commands.verification import verify
from runner.engine.faults import ErrorUncaught
from runner.errors import Invalid, UserTaskOver, UserTaskTaken, VariablesInvalid
from runner.model import UserTask

SALES = 'camunda:candidateGroups="sales, support" camunda:candidateUsers="ash"'


@pytest.fixture
def instance(bench: Bench) -> Iterator[RunnerInstance]:
    bench.deploy(work(SALES))
    yield bench.runner.start("p", {"n": 1})
    assert verify(bench.runtime).violations == []


def only(bench: Bench) -> UserTask:
    (task,) = bench.runner.user_tasks()
    return task


def test_it_is_on_the_list_of_those_who_may_do_it(bench: Bench, instance: RunnerInstance) -> None:
    task = only(bench)
    assert (task.name, task.state, task.candidate_groups) == ("Check it", "created", ("sales", "support"))

    found = [bench.runner.user_tasks(group="sales"), bench.runner.user_tasks(user="ash")]
    missed = [bench.runner.user_tasks(group="legal"), bench.runner.user_tasks(assignee="ash")]
    assert found == [(task,)] * 2 and missed == [()] * 2


def test_the_token_says_that_a_person_is_waited_for(bench: Bench, instance: RunnerInstance) -> None:
    (token,) = instance.tokens

    assert (token.waiting_for, token.user_task) == ("user_task", only(bench))


def test_completing_it_moves_the_token_on_and_says_by_whom(bench: Bench, instance: RunnerInstance) -> None:
    done = bench.runner.complete_user_task(only(bench).id, {"ok": True}, user="misty")

    assert (done.state, done.ended_by, bench.runner.user_tasks()) == ("completed", "misty", ())
    assert instance.variables == {"n": 1, "ok": True}
    (entry,) = [each for each in instance.history if each.event == "user_task_completed"]
    assert entry.detail == {"user": "misty"}


def test_one_of_two_people_gets_it(bench: Bench, instance: RunnerInstance) -> None:
    id = only(bench).id
    assert bench.runner.claim_user_task(id, "ash").assignee == "ash"
    assert bench.runner.claim_user_task(id, "ash").assignee == "ash"

    with pytest.raises(UserTaskTaken, match="'ash'"):
        bench.runner.claim_user_task(id, "misty")
    with pytest.raises(UserTaskTaken):
        bench.runner.complete_user_task(id, user="misty")

    assert [each.event for each in instance.history].count("user_task_claimed") == 1


def test_it_can_be_given_back_and_given_to_somebody_else(bench: Bench, instance: RunnerInstance) -> None:
    id = only(bench).id
    bench.runner.claim_user_task(id, "ash")

    assert bench.runner.unclaim_user_task(id).state == "created"
    assert bench.runner.user_tasks(user="ash") == (only(bench),)
    assert bench.runner.assign_user_task(id, "misty").assignee == "misty"
    assert bench.runner.user_tasks(user="ash") == ()


def test_what_is_done_is_done_once(bench: Bench, instance: RunnerInstance) -> None:
    id = only(bench).id
    bench.runner.complete_user_task(id)

    for act in (bench.runner.complete_user_task, bench.runner.unclaim_user_task):
        with pytest.raises(UserTaskOver, match="completed"):
            act(id)


def test_results_that_are_no_json_data_change_nothing(bench: Bench, instance: RunnerInstance) -> None:
    with pytest.raises(VariablesInvalid):
        bench.runner.complete_user_task(only(bench).id, {"x": float("nan")})

    assert only(bench).state == "created" and instance.variables == {"n": 1}


def test_a_name_is_needed_to_claim(bench: Bench, instance: RunnerInstance) -> None:
    with pytest.raises(Invalid, match="user's name"):
        bench.runner.claim_user_task(only(bench).id, " ")


def test_a_person_may_throw_a_modelled_error(bench: Bench, instance: RunnerInstance) -> None:
    done = bench.runner.complete_user_task(only(bench).id, {"why": "late"}, error="BAD")

    assert done.state == "error_thrown" and instance.variables == {"n": 1, "why": "late"}
    assert [token.element_id for token in instance.tokens] == ["b"]


def test_an_error_that_nothing_catches_changes_nothing(bench: Bench, instance: RunnerInstance) -> None:
    with pytest.raises(ErrorUncaught):
        bench.runner.complete_user_task(only(bench).id, error="WORSE")

    assert only(bench).state == "created"


def test_an_error_of_a_person_reaches_the_calling_process(bench: Bench) -> None:
    bench.deploy(work().replace(b'id="p"', b'id="child"').replace(b'errorRef="bad"', b'errorRef="other"').replace(
        b"<error ", b'<error id="other" errorCode="OTHER"/><error ', 1))  # fmt: skip
    bench.deploy(caller(more=caught("error", "bad")))
    instance = bench.runner.start("p")

    done = bench.runner.complete_user_task(only(bench).id, error="BAD")

    assert done.state == "error_thrown" and [token.element_id for token in instance.tokens] == ["b"]
    assert verify(bench.runtime).violations == []


def test_an_escalation_leaves_it_open(bench: Bench, instance: RunnerInstance) -> None:
    bench.runner.complete_user_task(only(bench).id, escalation="UP")

    assert only(bench).state == "created"


def test_a_canceled_instance_takes_it_off_every_list(bench: Bench, instance: RunnerInstance) -> None:
    id = only(bench).id
    instance.cancel()

    assert bench.runner.user_tasks() == () and bench.runner.user_task(id).state == "canceled"


def test_an_assignee_and_dates_come_from_expressions(bench: Bench) -> None:
    drawn = 'camunda:assignee="${who}" camunda:dueDate="${due}" camunda:priority="${70}" camunda:formKey="check"'
    bench.deploy(work(drawn))
    bench.runner.start("p", {"who": "ash", "due": "2026-11-25T12:00:00Z"})

    task = only(bench)
    assert (task.assignee, task.state, task.priority, task.form) == ("ash", "claimed", 70, "check")
    assert task.due_at == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert bench.runner.user_tasks(due_before=datetime(2026, 11, 25, tzinfo=UTC)) == ()
    assert bench.runner.user_tasks(due_before=datetime(2026, 11, 26, tzinfo=UTC)) == (task,)


def test_the_most_important_comes_first_then_the_oldest(bench: Bench) -> None:
    bench.deploy(work('camunda:priority="${n}"'))
    for n in (10, 90, 10):
        bench.runner.start("p", {"n": n})
        bench.clock.move(1)

    found = bench.runner.user_tasks()
    assert [task.priority for task in found] == [90, 10, 10]
    assert found[1].created_at < found[2].created_at
