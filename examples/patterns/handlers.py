"""The handlers of the example patterns: small typed functions that do as if there were a bank, an airline, a shelf.

What they give is made from what they get, so that a second call for the same work gives the same."""

from __future__ import annotations

from typing import TypedDict

from pydantic import BaseModel, Field

from runner import BpmnError, form, handler

Text = dict[str, str]
SHELF = {"teapot": 12, "kettle": 3}
PARTS = {"V-belt 17x1250", "V-belt 17x1245"}


class Expense(BaseModel):
    """What an employee wants to have paid back, in euros."""

    employee: str
    purpose: str
    amount: float = Field(gt=0)


class Ticket(BaseModel):
    """A customer's question."""

    customer: str
    question: str


class Trip(BaseModel):
    """Where somebody wants to go, and for how many euros."""

    traveller: str
    to: str
    price: float = Field(gt=0)


class Payment(BaseModel):
    """Money for somebody, in euros."""

    number: str
    to: str
    amount: float = Field(gt=0)


@form("approve_first")
class FirstApproval(BaseModel):
    """What the first of two approvers fills in."""

    first_approver: str = Field(min_length=2, title="Your name")
    first_approves: bool = Field(False, title="I approve this payment")


@form("approve_second")
class SecondApproval(BaseModel):
    """What the second of two approvers fills in."""

    second_approver: str = Field(min_length=2, title="Your name")
    second_approves: bool = Field(False, title="I approve this payment, too")


class Invoice(BaseModel):
    """An invoice that is to be paid; nothing about it is certain yet."""

    number: str
    iban: str
    amount: float


class Order(BaseModel):
    """So many of an item, for a customer."""

    number: str
    item: str
    count: int = Field(1, ge=1)


class Stock(TypedDict):
    """Whether the shelf has enough."""

    in_stock: bool


@handler("remind_managers")
def remind_managers(expense: Expense) -> Text:
    """Remind the managers of an expense that waits for them."""
    return {"reminder": f"{expense.employee} waits for {expense.amount:.2f} €"}


@handler("pay_expense")
def pay_expense(expense: Expense) -> Text:
    """Transfer the amount to the employee."""
    return {"payment_reference": f"{expense.employee}-{expense.amount:.2f}"}


@handler("tell_employee")
def tell_employee(expense: Expense, reason: str = "no reason was given") -> Text:
    """Tell the employee why the expense is not paid."""
    return {"letter": f"{expense.employee}: {expense.purpose} is not paid, because {reason}."}


@handler("tell_team_lead")
def tell_team_lead(ticket: Ticket) -> Text:
    """Tell the team lead who waits too long."""
    return {"warning": f"{ticket.customer} waits too long"}


@handler("book_flight")
def book_flight(trip: Trip) -> Text:
    """Reserve a seat."""
    return {"flight": f"flight to {trip.to} for {trip.traveller}"}


@handler("cancel_flight")
def cancel_flight(flight: str) -> Text:
    """Give the seat back."""
    return {"flight": f"canceled: {flight}"}


@handler("book_hotel")
def book_hotel(trip: Trip) -> Text:
    """Reserve a room."""
    return {"hotel": f"hotel in {trip.to} for {trip.traveller}"}


@handler("cancel_hotel")
def cancel_hotel(hotel: str) -> Text:
    """Give the room back."""
    return {"hotel": f"canceled: {hotel}"}


@handler("charge_card")
def charge_card(trip: Trip, card_limit: float) -> Text:
    """Charge the price. A card that cannot pay it is the BPMN error CARD_DECLINED."""
    if trip.price > card_limit:
        raise BpmnError("CARD_DECLINED", f"{trip.price:.2f} € are more than the {card_limit:.2f} € of the card.")
    return {"receipt": f"{trip.price:.2f} € from {trip.traveller}"}


@handler("release_payment")
def release_payment(payment: Payment, first_approver: str, second_approver: str) -> Text:
    """Tell the bank to pay; both approvers stand for it."""
    return {"payment_reference": f"{payment.number} by {first_approver} and {second_approver}"}


@handler("pay_invoice")
def pay_invoice(invoice: Invoice) -> Text:
    """Pay one invoice. One without a sensible amount or account is the BPMN error INVOICE_INVALID."""
    if invoice.amount <= 0 or len(invoice.iban) < 15:
        raise BpmnError("INVOICE_INVALID", f"Invoice {invoice.number} has no sensible amount or account.")
    return {"outcome": "paid"}


@handler("send_invoice")
def send_invoice(order: Order) -> Text:
    """Send the customer an invoice with the number of the order."""
    return {"invoice": f"invoice for order {order.number}"}


@handler("ship_order")
def ship_order(order: Order) -> Text:
    """Send the goods."""
    return {"shipment": f"{order.count} x {order.item} on their way"}


@handler("cancel_order")
def cancel_order(order: Order) -> Text:
    """Free the goods again, and tell the customer."""
    return {"letter": f"Order {order.number} is canceled: it was not paid in time."}


@handler("order_part")
def order_part(part: str, supplier: str) -> Text:
    """Ask the supplier. A part that the supplier does not know is the BPMN error PART_UNKNOWN."""
    if supplier == "away":
        raise ConnectionError("The supplier does not answer.")
    if part not in PARTS:
        raise BpmnError("PART_UNKNOWN", f"The supplier does not know '{part}'.")
    return {"order_number": f"{supplier}: {part}"}


@handler("check_stock")
def check_stock(order: Order) -> Stock:
    """Look into the shelf."""
    return {"in_stock": SHELF.get(order.item, 0) >= order.count}


@handler("pack_goods")
def pack_goods(order: Order) -> Text:
    """Pack what was ordered."""
    return {"parcel": f"{order.count} x {order.item}"}


@handler("write_invoice")
def write_invoice(order: Order) -> Text:
    """Write the invoice for an order."""
    return {"invoice": f"invoice for order {order.number}"}
