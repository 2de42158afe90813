"""Whatever fails in a transfer, in a step or in what undoes it, no money is lost and none is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from acceptance.tampered_transfers import AFTER, BEFORE, ORDER, STEPS, UNDOINGS, Bank
from waiting import until

from runner import BpmnError, Job, PermanentFailure, Runner
from runner.app import RunnerInstance

ROOT = Path(__file__).parents[2]
Failure = Callable[[Job], None]


def down(job: Job) -> None:
    """Fail twice, as what is down for a moment does."""
    if job.attempt < 3:
        raise ConnectionError("nobody answers")


def refuse(job: Job) -> None:
    """Refuse as the business would."""
    raise BpmnError("REFUSED", "not today")


class Broken:
    """Fails for good until it is repaired."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def __call__(self, job: Job) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path / "ledger.db")


@contextmanager
def ordered(url: str, bank: Bank) -> Iterator[RunnerInstance]:
    """Order a transfer and wait until it has ended or needs a person."""
    with Runner(url, [bank.handlers()]) as runner:
        runner.deploy(ROOT / "processes" / "transfer.bpmn")
        instance = runner.start("transfer", ORDER)
        assert instance.wait_until_settled(20)
        yield instance


def end_of(instance: RunnerInstance) -> str:
    """Give the end event that was reached."""
    assert instance.wait(20)
    (end,) = {"transferred", "transfer_undone"} & {each.element_id for each in instance.history}
    return end


def completed(instance: RunnerInstance) -> list[str]:
    """Give the service tasks that were completed, in order."""
    return [e.element_id for e in instance.history if (e.element_type, e.event) == ("serviceTask", "completed")]


def test_money_is_transferred(database_url: str, bank: Bank) -> None:
    with ordered(database_url, bank) as instance:
        assert (end_of(instance), completed(instance)) == ("transferred", list(STEPS))
    assert bank.ledger.balances() == AFTER


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_refused_undoes_those_before_it(database_url: str, bank: Bank, step: str) -> None:
    bank.before[step] = refuse
    with ordered(database_url, bank) as instance:
        assert end_of(instance) == "transfer_undone"
        done = STEPS[: STEPS.index(step)]
        assert completed(instance) == [*done, *UNDOINGS[2 - len(done) :]]
    assert (bank.ledger.balances(), bank.ledger.receipts()) == (BEFORE, [])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_step_that_is_tried_again_takes_effect_once(database_url: str, bank: Bank, step: str, moment: str) -> None:
    getattr(bank, moment)[step] = down
    with ordered(database_url, bank) as instance:
        assert end_of(instance) == "transferred"
    assert (bank.ledger.balances(), len(bank.ledger.receipts())) == (AFTER, 1)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_step_that_failed_for_good_goes_on_once_it_is_repaired(
    database_url: str, bank: Bank, step: str, moment: str
) -> None:
    broken = getattr(bank, moment)[step] = Broken(PermanentFailure("broken"))
    with ordered(database_url, bank) as instance:
        assert [incident.kind for incident in instance.incidents] == ["permanent_failure"]
        broken.error = None
        instance.retry()
        assert end_of(instance) == "transferred"
    assert (bank.ledger.balances(), len(bank.ledger.receipts())) == (AFTER, 1)


@pytest.mark.parametrize("step", STEPS[1:])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_transfer_that_failed_for_good_is_undone_when_a_person_gives_it_up(
    database_url: str, bank: Bank, step: str, moment: str
) -> None:
    getattr(bank, moment)[step] = Broken(PermanentFailure("broken"))
    with ordered(database_url, bank) as instance:
        instance.cancel(compensate=True)
        assert instance.wait(20) and instance.state == "terminated"
    assert bank.ledger.balances() == BEFORE


@pytest.mark.parametrize("undoing", UNDOINGS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_undoing_is_tried_until_it_succeeds_and_takes_effect_once(
    database_url: str, bank: Bank, undoing: str, moment: str
) -> None:
    bank.before["send_receipt"] = refuse
    getattr(bank, moment)[undoing] = down
    with ordered(database_url, bank) as instance:
        assert (end_of(instance), completed(instance)) == ("transfer_undone", [*STEPS[:2], *UNDOINGS])
    assert bank.ledger.balances() == BEFORE


@pytest.mark.parametrize("undoing", UNDOINGS)
@pytest.mark.parametrize("error", [PermanentFailure("broken"), BpmnError("REFUSED", "not today")])
def test_an_undoing_that_failed_for_good_goes_on_once_it_is_repaired(
    database_url: str, bank: Bank, undoing: str, error: Exception
) -> None:
    bank.before["send_receipt"] = refuse
    broken = bank.before[undoing] = Broken(error)
    with ordered(database_url, bank) as instance:
        assert [incident.element_id for incident in instance.incidents] == [undoing]
        broken.error = None
        instance.retry()
        assert (end_of(instance), completed(instance)) == ("transfer_undone", [*STEPS[:2], *UNDOINGS])
    assert bank.ledger.balances() == BEFORE


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_given_up_after_it_booked_unnoticed_is_undone_too(
    database_url: str, bank: Bank, step: str
) -> None:
    """An attempt dies after its effect, and the next one finds the ledger closed: BPMN does not undo such a step."""
    bank.after[step] = down
    bank.before[step] = lambda job: refuse(job) if job.attempt == 2 else None
    with ordered(database_url, bank) as instance:
        assert end_of(instance) == "transfer_undone"
    assert bank.ledger.balances() == BEFORE


def test_a_ledger_that_stays_away_undoes_the_transfer_once_it_is_back(database_url: str, bank: Bank) -> None:
    """The step says so itself, with a business error, when it has been tried often enough."""
    bank.path.mkdir()
    with Runner(database_url, [bank.handlers()]) as runner:
        runner.deploy(ROOT / "processes" / "transfer.bpmn")
        instance = runner.start("transfer", ORDER)
        until(lambda: "close_transfer" in {each.element_id for each in instance.history})
        bank.path.rmdir()
        assert end_of(instance) == "transfer_undone"
        assert "debit was tried 3 times" in instance.variables["refused"]
    assert bank.ledger.balances() == BEFORE
