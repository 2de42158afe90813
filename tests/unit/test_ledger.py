"""The bank's ledger and its handlers: each booking once, however often it is asked for, and undone once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from handlers.services.ledger import Booking, Ledger, LedgerUnavailable, bank_ledger
from handlers.services.settings import ServiceSettings
from handlers.transfer import ATTEMPTS, close_transfer, credit, debit, give_back, send_receipt, take_back
from runner import BpmnError, Job, PermanentFailure


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def job(topic: str, *, attempt: int = 1, instance: str = "t") -> Job:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Job(f"{instance} {topic}", topic, attempt, at, instance, None, topic)


def transfer(ledger: Ledger) -> None:
    debit("Sacha", 250, job("debit"), ledger=ledger)
    credit("Blue", 250, job("credit"), ledger=ledger)


def test_a_new_ledger_has_two_accounts(ledger: Ledger) -> None:
    assert ledger.balances() == {"Blue": 1000, "Sacha": 1000}


def test_a_step_that_is_asked_for_again_is_done_once(ledger: Ledger) -> None:
    for _ in range(3):
        transfer(ledger)
        assert send_receipt("Sacha", "Blue", 250, job("send_receipt"), ledger=ledger).receipt == ledger.receipts()[0]
    assert ledger.balances() == {"Blue": 1250, "Sacha": 750}
    assert ledger.receipts() == ["Sacha has paid 250 ₽ to Blue."]


def test_undoing_restores_both_accounts_however_often_it_is_asked_for(ledger: Ledger) -> None:
    transfer(ledger)
    for _ in range(2):
        take_back("Blue", job("take_back"), ledger=ledger)
    assert ledger.balances() == {"Blue": 1000, "Sacha": 750}
    for _ in range(2):
        give_back("Sacha", job("give_back"), ledger=ledger)
    assert ledger.balances() == {"Blue": 1000, "Sacha": 1000}


def test_undoing_a_step_undoes_what_came_after_it_unnoticed(ledger: Ledger) -> None:
    transfer(ledger)
    give_back("Sacha", job("give_back"), ledger=ledger)
    assert ledger.balances() == {"Blue": 1000, "Sacha": 1000}


def test_an_attempt_that_comes_after_the_undoing_books_nothing(ledger: Ledger) -> None:
    debit("Sacha", 250, job("debit"), ledger=ledger)
    give_back("Sacha", job("give_back"), ledger=ledger)
    with pytest.raises(PermanentFailure, match="it has been undone"):
        credit("Blue", 250, job("credit"), ledger=ledger)
    assert ledger.balances() == {"Blue": 1000, "Sacha": 1000}


def test_closing_undoes_whatever_is_left_and_lets_nothing_more_be_booked(ledger: Ledger) -> None:
    transfer(ledger)
    take_back("Blue", job("take_back"), ledger=ledger)
    for _ in range(2):
        close_transfer(job("close_transfer"), ledger=ledger)
    assert ledger.balances() == {"Blue": 1000, "Sacha": 1000}
    close_transfer(job("close_transfer", instance="u"), ledger=ledger)
    with pytest.raises(PermanentFailure, match="transfer u to be open"):
        debit("Sacha", 250, job("debit", instance="u"), ledger=ledger)


def test_undoing_concerns_its_own_transfer_only(ledger: Ledger) -> None:
    for instance in ("t", "u"):
        debit("Sacha", 250, job("debit", instance=instance), ledger=ledger)
    give_back("Sacha", job("give_back", instance="u"), ledger=ledger)
    assert ledger.balances()["Sacha"] == 750


def test_a_transfer_to_oneself_is_undone_too(ledger: Ledger) -> None:
    debit("Sacha", 250, job("debit"), ledger=ledger)
    credit("Sacha", 250, job("credit"), ledger=ledger)
    take_back("Sacha", job("take_back"), ledger=ledger)
    give_back("Sacha", job("give_back"), ledger=ledger)
    assert ledger.balances()["Sacha"] == 1000


def test_nothing_is_undone_where_nothing_was_done(ledger: Ledger) -> None:
    take_back("Blue", job("take_back"), ledger=ledger)
    assert ledger.balances() == {"Blue": 1000, "Sacha": 1000}


@pytest.mark.parametrize(
    ("step", "code", "sentence"),
    [
        (partial(debit, "Giovanni", 250), "ACCOUNT_UNKNOWN", "There is no account 'Giovanni'."),
        (partial(credit, "Giovanni", 250), "ACCOUNT_UNKNOWN", "There is no account 'Giovanni'."),
        (partial(debit, "Sacha", 1001), "FUNDS_MISSING", "'Sacha' has 1000 ₽, which is less than 1001 ₽."),
    ],
)
def test_what_the_bank_refuses_is_a_bpmn_error(
    ledger: Ledger, step: Callable[..., None], code: str, sentence: str
) -> None:
    with pytest.raises(BpmnError) as refused:
        step(job("step"), ledger=ledger)
    assert (refused.value.code, refused.value.variables) == (code, {"refused": sentence})
    assert ledger.balances() == {"Blue": 1000, "Sacha": 1000}


def test_a_ledger_that_cannot_be_used_is_tried_again_and_given_up_at_last(tmp_path: Path) -> None:
    broken = Ledger(tmp_path / "nowhere" / "ledger.db")
    for attempt in range(1, ATTEMPTS):
        with pytest.raises(LedgerUnavailable, match=r"ledger\.db, but: unable to open database file"):
            debit("Sacha", 250, job("debit", attempt=attempt), ledger=broken)
    with pytest.raises(BpmnError, match="LEDGER_UNAVAILABLE: debit was tried 3 times"):
        debit("Sacha", 250, job("debit", attempt=ATTEMPTS), ledger=broken)


def test_what_undoes_never_gives_up(tmp_path: Path) -> None:
    broken = Ledger(tmp_path / "nowhere" / "ledger.db")
    late = job("undo", attempt=1000)
    for undo in (partial(give_back, "Sacha"), partial(take_back, "Blue"), close_transfer):
        with pytest.raises(LedgerUnavailable):
            undo(late, ledger=broken)


def test_a_refused_booking_leaves_no_lock(ledger: Ledger) -> None:
    with pytest.raises(BpmnError):
        ledger.book("key", Booking("t", "Giovanni", 1))
    with sqlite3.connect(ledger.path, timeout=0) as other:
        other.execute("BEGIN EXCLUSIVE")


def test_the_environment_names_the_ledger(tmp_path: Path) -> None:
    settings = ServiceSettings.from_environment({"POKEMON_LEDGER": str(tmp_path / "bank.db")})
    assert bank_ledger(settings).path == tmp_path / "bank.db"
    assert bank_ledger(ServiceSettings.from_environment({})).path == Path("ledger.db")
