"""The bank's handlers: the steps of a transfer, and what undoes them (docs/sagas.md).

Each is called at least once and takes effect exactly once: the ledger books under the id of its job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from handlers.services.ledger import Booking, Ledger, LedgerUnavailable, bank_ledger
from runner import BpmnError, Job, RetryPolicy, handler

LEDGER_UNAVAILABLE = "LEDGER_UNAVAILABLE"
# A step gives up after this many attempts, and the transfer is undone. What undoes never gives up.
ATTEMPTS = 3
PATIENT = RetryPolicy(initial=timedelta(seconds=1))

PokeDollars = Annotated[int, Field(gt=0)]


class Receipt(BaseModel):
    """The variable that `send_receipt` sets."""

    receipt: str


@handler("debit", retry=PATIENT)
def debit(payer: str, amount: PokeDollars, job: Job, *, ledger: Ledger | None = None) -> None:
    """Take the money from the payer. Raises BpmnError ACCOUNT_UNKNOWN, FUNDS_MISSING or LEDGER_UNAVAILABLE."""
    booking = Booking(job.instance_id, payer, -amount)
    _attempt(job, lambda: (ledger or bank_ledger()).book(job.id, booking))


@handler("credit", retry=PATIENT)
def credit(payee: str, amount: PokeDollars, job: Job, *, ledger: Ledger | None = None) -> None:
    """Give the money to the payee. Raises BpmnError ACCOUNT_UNKNOWN or LEDGER_UNAVAILABLE."""
    booking = Booking(job.instance_id, payee, amount)
    _attempt(job, lambda: (ledger or bank_ledger()).book(job.id, booking))


@handler("send_receipt", retry=PATIENT)
def send_receipt(payer: str, payee: str, amount: PokeDollars, job: Job, *, ledger: Ledger | None = None) -> Receipt:
    """Tell the payer that the money has arrived. Raises BpmnError LEDGER_UNAVAILABLE."""
    text = f"{payer} has paid {amount} ₽ to {payee}."
    _attempt(job, lambda: (ledger or bank_ledger()).send_receipt(job.id, job.instance_id, text))
    return Receipt(receipt=text)


@handler("give_back", retry=PATIENT)
def give_back(payer: str, job: Job, *, ledger: Ledger | None = None) -> None:
    """Undo `debit`, and a credit that was booked without anybody knowing."""
    (ledger or bank_ledger()).undo(job.instance_id, payer)


@handler("take_back", retry=PATIENT)
def take_back(payee: str, job: Job, *, ledger: Ledger | None = None) -> None:
    """Undo `credit`, even if the payee's account is overdrawn by that."""
    (ledger or bank_ledger()).undo(job.instance_id, payee)


@handler("close_transfer", retry=PATIENT)
def close_transfer(job: Job, *, ledger: Ledger | None = None) -> None:
    """Undo whatever is still booked, also by an attempt that nobody heard of again, and let nothing more be booked."""
    (ledger or bank_ledger()).undo(job.instance_id)


def _attempt(job: Job, step: Callable[[], None]) -> None:
    """Do a step; when the last attempt fails, say so in a way that the diagram can answer.

    This attempt has booked nothing; one before it may have, if it was killed. That is for `close_transfer` to undo.
    """
    try:
        step()
    except LedgerUnavailable as error:
        if job.attempt < ATTEMPTS:
            raise
        reason = f"{job.element_id} was tried {job.attempt} times. {error}"
        raise BpmnError(LEDGER_UNAVAILABLE, reason, {"refused": reason}) from error
