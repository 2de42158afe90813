"""The example patterns are deployed and run to each of their ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from runner import Runner
from runner.app import RunnerInstance
from runner.commands.instances import list_instances
from runner.errors import Invalid

PATTERNS = Path(__file__).parents[2] / "examples" / "patterns"
FILES = sorted(PATTERNS.glob("*.bpmn"))


@pytest.fixture
def runner() -> Iterator[Runner]:
    """Give a runner with all patterns deployed and their handlers at work."""
    with Runner("sqlite://", handlers=[str(PATTERNS / "handlers.py")]) as opened:
        opened.deploy(*FILES, PATTERNS / "decide_expense.form")
        yield opened


def variables(key: str, **changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PATTERNS / f"{key}.json").read_text("utf-8"))
    return found | changed


def ends(instance: RunnerInstance, *, timeout: float = 20) -> list[str]:
    """Wait for the end, and give the end events that were reached, in order."""
    assert instance.wait(timeout)
    return [each.element_id for each in instance.history if each.element_type == "endEvent" and each.event == "entered"]


def completed(instance: RunnerInstance) -> list[str]:
    return [each.element_id for each in instance.history if each.event == "completed"]


def done_by_people(runner: Runner, instance: RunnerInstance, results: Mapping[str, Any]) -> str:
    """Complete the one user task that is open or about to be, and give its element."""
    (task,) = until(lambda: runner.user_tasks(instance_id=instance.id))
    runner.complete_user_task(task.id, results)
    return task.element_id


@pytest.mark.parametrize(("approved", "end"), [(True, "expense_paid"), (False, "expense_rejected")])
def test_an_expense_is_paid_or_rejected(runner: Runner, approved: bool, end: str) -> None:
    instance = runner.start("approval", variables("approval"))
    done_by_people(runner, instance, {"approved": approved, "reason": "it was a holiday"})
    assert ends(instance) == [end]
    told = instance.variables["payment_reference" if approved else "letter"]
    assert told == (
        "Misty-48.50" if approved else "Misty: Train to Cerulean City is not paid, because it was a holiday."
    )


def test_a_rejection_needs_a_reason(runner: Runner) -> None:
    instance = runner.start("approval", variables("approval"))
    with pytest.raises(Invalid, match="reason"):
        done_by_people(runner, instance, {"approved": False})
    assert done_by_people(runner, instance, {"approved": False, "reason": "it was a holiday"}) == "approve_expense"


def test_managers_are_reminded_while_the_task_stays_open(runner: Runner) -> None:
    instance = runner.start("approval", variables("approval", remind_every="R2/PT0.05S"))
    until(lambda: completed(instance).count("managers_reminded") == 2)
    done_by_people(runner, instance, {"approved": True})
    assert ends(instance) == ["managers_reminded", "managers_reminded", "expense_paid"]
    assert instance.variables["reminder"] == "Misty waits for 48.50 €"


def test_a_ticket_is_answered_at_the_first_level(runner: Runner) -> None:
    instance = runner.start("escalation", variables("escalation"))
    assert done_by_people(runner, instance, {"solved": True, "answer": "Turn on the gas."}) == "answer_customer"
    assert ends(instance) == ["answered", "ticket_closed"]


def test_a_ticket_that_is_too_hard_goes_to_an_expert(runner: Runner) -> None:
    instance = runner.start("escalation", variables("escalation"))
    done_by_people(runner, instance, {"solved": False})
    assert done_by_people(runner, instance, {"answer": "The pilot light is broken."}) == "answer_as_expert"
    assert ends(instance) == ["too_hard", "answered_by_expert"]


def test_the_team_lead_is_told_of_a_ticket_that_takes_too_long(runner: Runner) -> None:
    instance = runner.start("escalation", variables("escalation", answer_within="PT0.05S"))
    until(lambda: "team_lead_told" in completed(instance))
    done_by_people(runner, instance, {"solved": True})
    assert ends(instance) == ["team_lead_told", "answered", "ticket_closed"]


def test_a_trip_is_booked(runner: Runner) -> None:
    instance = runner.start("saga", variables("saga"))
    assert ends(instance) == ["trip_booked"]
    assert instance.variables["receipt"] == "420.00 € from Misty"


def test_a_trip_that_cannot_be_paid_is_undone_newest_first(runner: Runner) -> None:
    instance = runner.start("saga", variables("saga", card_limit=100))
    assert ends(instance) == ["trip_canceled"]
    undone = [each for each in completed(instance) if each.startswith("cancel_")]
    assert undone == ["cancel_hotel", "cancel_flight"]
    assert instance.variables["flight"] == "canceled: flight to Vermilion City for Misty"


def test_two_people_release_a_payment_and_the_second_is_not_asked_of_the_first(runner: Runner) -> None:
    instance = runner.start("four_eyes", variables("four_eyes"))
    done_by_people(runner, instance, {"first_approver": "koga", "first_approves": True})
    (second,) = runner.user_tasks(instance_id=instance.id)
    assert second.candidate_users == ("erika", "sabrina")
    done_by_people(runner, instance, {"second_approver": "erika", "second_approves": True})
    assert ends(instance) == ["payment_released"]
    assert instance.variables["payment_reference"] == "P-17 by koga and erika"


def test_one_person_alone_releases_nothing(runner: Runner) -> None:
    instance = runner.start("four_eyes", variables("four_eyes"))
    done_by_people(runner, instance, {"first_approver": "koga", "first_approves": True})
    twice = {"second_approver": "koga", "second_approves": True}
    assert [done_by_people(runner, instance, twice) for _ in range(2)] == ["approve_second"] * 2
    assert done_by_people(runner, instance, {"second_approver": "erika", "second_approves": False}) == "approve_second"
    assert ends(instance) == ["payment_refused"]


def test_the_first_may_refuse_alone(runner: Runner) -> None:
    instance = runner.start("four_eyes", variables("four_eyes"))
    done_by_people(runner, instance, {"first_approver": "koga", "first_approves": False})
    assert ends(instance) == ["payment_refused"] and "approve_second" not in completed(instance)


def test_a_batch_is_paid(runner: Runner) -> None:
    whole = variables("batch")["invoices"][:2]
    instance = runner.start("batch", {"invoices": whole})
    assert ends(instance) == ["invoice_paid", "invoice_paid", "batch_paid"]
    assert [each["outcome"] for each in instance.variables["results"]] == ["paid", "paid"]


def test_an_invalid_invoice_of_a_batch_is_set_aside_and_holds_up_no_other(runner: Runner) -> None:
    instance = runner.start("batch", variables("batch"))
    assert done_by_people(runner, instance, {}) == "check_invoices"
    assert sorted(ends(instance)) == ["batch_checked", "invoice_paid", "invoice_paid", "invoice_set_aside"]
    expected = [("A-1", "paid"), ("A-2", "paid"), ("A-3", "set aside")]
    assert [(each["number"], each["outcome"]) for each in instance.variables["results"]] == expected


def test_an_order_is_shipped_when_its_payment_comes(runner: Runner) -> None:
    instance = runner.start("wait", variables("wait"))
    runner.publish_message("PaymentReceived", "4711", {"paid": 30})
    assert ends(instance) == ["order_shipped"]
    assert instance.variables["shipment"] == "2 x teapot on their way"


def test_an_order_that_is_not_paid_in_time_is_canceled(runner: Runner) -> None:
    instance = runner.start("wait", variables("wait", pay_within="PT0.05S"))
    assert ends(instance) == ["order_canceled"]
    assert "Order 4711 is canceled" in instance.variables["letter"]


def test_three_pools_fulfil_an_order(runner: Runner) -> None:
    instance = runner.start("customer", variables("customer"))
    assert ends(instance) == ["satisfied"]
    assert instance.variables["parcel"] == "2 x teapot"
    assert of_the_others(runner, instance) == {"shop": ["order_done"], "warehouse": ["goods_leave"]}


def test_what_is_not_in_stock_is_refused(runner: Runner) -> None:
    wanted = {"number": "4713", "item": "kettle", "count": 4}
    instance = runner.start("customer", {"order": wanted})
    assert ends(instance) == ["looks_elsewhere"]
    assert of_the_others(runner, instance) == {"shop": ["refuse_order"], "warehouse": ["nothing_to_pack"]}


def of_the_others(runner: Runner, customer: RunnerInstance) -> dict[str, list[str]]:
    """Give the ends that the instances of the other pools have reached, by process."""
    found = list_instances(runner.runtime).instances
    others = {each.key: runner.instance(each.id) for each in found if each.id != customer.id}
    return {key: ends(instance) for key, instance in sorted(others.items())}


def test_a_supplier_who_is_away_is_an_incident_until_a_person_tries_again(runner: Runner) -> None:
    instance = runner.start("incident", variables("incident", supplier="away"))
    assert instance.wait_until_settled(20)
    assert [(each.element_id, each.kind) for each in instance.incidents] == [("order_part", "retries_exhausted")]
    instance.retry({"supplier": "Pewter Parts"})
    assert ends(instance) == ["part_ordered"] and instance.incidents == ()
    assert instance.variables["order_number"] == "Pewter Parts: V-belt 17x1250"


def test_a_person_may_go_on_without_the_supplier(runner: Runner) -> None:
    instance = runner.start("incident", variables("incident", supplier="away"))
    assert instance.wait_until_settled(20)
    instance.resolve(variables={"order_number": "ordered by telephone"}, skip=True)
    assert ends(instance) == ["part_ordered"]
    assert instance.variables["order_number"] == "ordered by telephone"


def test_a_part_that_is_unknown_is_chosen_anew(runner: Runner) -> None:
    instance = runner.start("incident", variables("incident", part="V-belt 1"))
    assert done_by_people(runner, instance, {"part": "V-belt 17x1245"}) == "choose_part"
    assert ends(instance) == ["part_ordered"] and instance.incidents == ()


def test_every_end_of_every_pattern_is_reached_above() -> None:
    drawn = {end for path in FILES for end in re.findall(r'<bpmn:endEvent id="(\w+)"', path.read_text("utf-8"))}
    said = set(re.findall(r'"(\w+)"', Path(__file__).read_text("utf-8")))
    assert len(drawn) == 25 and drawn <= said
