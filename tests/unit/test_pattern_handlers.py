"""The handlers of the example patterns, by themselves."""

from __future__ import annotations

import pytest

from examples.patterns.handlers import (
    Expense,
    Invoice,
    Order,
    Trip,
    charge_card,
    check_stock,
    order_part,
    pay_invoice,
    tell_employee,
)
from runner import BpmnError

TRIP = Trip(traveller="Misty", to="Vermilion City", price=420)


def test_a_card_pays_up_to_its_limit() -> None:
    assert charge_card(TRIP, card_limit=420) == {"receipt": "420.00 € from Misty"}
    with pytest.raises(BpmnError, match="CARD_DECLINED"):
        charge_card(TRIP, card_limit=419.99)


@pytest.mark.parametrize(("iban", "amount"), [("unknown", 1), ("DE89370400440532013000", 0)])
def test_an_invoice_needs_an_account_and_an_amount(iban: str, amount: float) -> None:
    with pytest.raises(BpmnError, match="INVOICE_INVALID"):
        pay_invoice(Invoice(number="A-1", iban=iban, amount=amount))


@pytest.mark.parametrize(("item", "count", "there"), [("teapot", 12, True), ("teapot", 13, False), ("sofa", 1, False)])
def test_the_shelf_knows_what_is_there(item: str, count: int, there: bool) -> None:
    assert check_stock(Order(number="1", item=item, count=count)) == {"in_stock": there}


def test_a_supplier_who_is_away_is_a_failure_and_an_unknown_part_a_business_error() -> None:
    with pytest.raises(ConnectionError):
        order_part("V-belt 17x1250", "away")
    with pytest.raises(BpmnError, match="PART_UNKNOWN"):
        order_part("V-belt 1", "Pewter Parts")


def test_a_rejection_names_its_reason() -> None:
    expense = Expense(employee="Misty", purpose="Train", amount=1)
    assert tell_employee(expense, "it was a holiday")["letter"].endswith("because it was a holiday.")
