"""The bank's ledger: accounts, what was booked on them and which receipts were sent, in one SQLite file.

Each booking has a key, and one key is booked once: whoever asks again finds it done. That, and nothing else, makes an
effect happen exactly once for a caller that asks at least once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from handlers.services.settings import ServiceSettings
from runner import BpmnError, PermanentFailure

ACCOUNT_UNKNOWN, FUNDS_MISSING = "ACCOUNT_UNKNOWN", "FUNDS_MISSING"
LOCKED_SECONDS = 2.0  # within the 10 s of an attempt, so that the failure names the ledger
# A new file has these accounts, so that there is something to transfer.
FIRST_ACCOUNTS = {"Sacha": 1000, "Blue": 1000}

_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, opening INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bookings (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, transfer TEXT NOT NULL, account TEXT NOT NULL,
  amount INTEGER NOT NULL, undoes INTEGER UNIQUE);
CREATE TABLE IF NOT EXISTS closed (transfer TEXT PRIMARY KEY);
CREATE INDEX IF NOT EXISTS bookings_of_account ON bookings (account, amount);
CREATE INDEX IF NOT EXISTS bookings_of_transfer ON bookings (transfer, number);
CREATE TABLE IF NOT EXISTS receipts (key TEXT PRIMARY KEY, transfer TEXT NOT NULL, text TEXT NOT NULL);
"""


class LedgerUnavailable(Exception):
    """The ledger could not be read or written, and nothing was; another attempt may succeed."""


@dataclass(frozen=True, slots=True)
class Booking:
    """Money that comes to an account (or leaves it, if `amount` is negative), in Poké Dollars, for a transfer."""

    transfer: str
    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger in the file at `path`, which is made at its first use. Each method is one transaction."""

    path: Path

    def book(self, key: str, booking: Booking) -> None:
        """Book, unless this key is booked already.

        Raises BpmnError ACCOUNT_UNKNOWN or FUNDS_MISSING, PermanentFailure if the transfer was undone meanwhile,
        LedgerUnavailable.
        """
        with self._transaction() as ledger:
            if _one(ledger, "SELECT 1 FROM bookings WHERE key = ?", key) is not None:
                return
            # An attempt that was given up may still be under way: it must not book behind the undoing.
            if _one(ledger, "SELECT 1 FROM closed WHERE transfer = ?", booking.transfer) is not None:
                raise PermanentFailure(f"Expected transfer {booking.transfer} to be open, but it has been undone.")
            balance = _balance(ledger, booking.account)
            if balance is None:
                _refuse(ACCOUNT_UNKNOWN, f"There is no account '{booking.account}'.")
            elif balance + booking.amount < 0:
                _refuse(FUNDS_MISSING, f"'{booking.account}' has {balance} ₽, which is less than {-booking.amount} ₽.")
            _insert(ledger, key, booking, undoes=None)

    def undo(self, transfer: str, account: str | None = None) -> None:
        """Take back what a transfer booked on an account, and what it booked after that (None: all of it); once each.

        What was booked later belongs to a step that never reported back, or that is undone already. Nothing more is
        booked for this transfer from now on. An account may be overdrawn by this. Raises LedgerUnavailable.
        """
        with self._transaction() as ledger:
            found = ledger.execute(
                "SELECT number, account, amount FROM bookings WHERE transfer = ?1 AND undoes IS NULL AND (?2 IS NULL OR"
                " number >= (SELECT min(number) FROM bookings WHERE transfer = ?1 AND account = ?2 AND undoes IS NULL))"
                " AND number NOT IN (SELECT undoes FROM bookings WHERE transfer = ?1 AND undoes > 0)"
                " ORDER BY number DESC",
                (transfer, account),
            ).fetchall()
            ledger.execute("INSERT INTO closed VALUES (?) ON CONFLICT DO NOTHING", (transfer,))
            for number, booked_on, amount in found:
                _insert(ledger, f"undo {number}", Booking(transfer, booked_on, -amount), undoes=number)

    def send_receipt(self, key: str, transfer: str, text: str) -> None:
        """Put a receipt into the post, unless this key is there already. Raises LedgerUnavailable."""
        with self._transaction() as ledger:
            ledger.execute("INSERT INTO receipts VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (key, transfer, text))

    def balances(self) -> dict[str, int]:
        """Give what is on each account. Raises LedgerUnavailable."""
        with self._transaction() as ledger:
            names = [name for (name,) in ledger.execute("SELECT name FROM accounts ORDER BY name")]
            return {name: _balance(ledger, name) or 0 for name in names}

    def receipts(self) -> list[str]:
        """Give the texts of all receipts, in the order in which they were sent. Raises LedgerUnavailable."""
        with self._transaction() as ledger:
            return [text for (text,) in ledger.execute("SELECT text FROM receipts ORDER BY rowid")]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Give a connection on which all that is done is durable at the end, or not done at all."""
        try:
            connected = sqlite3.connect(self.path, timeout=LOCKED_SECONDS, isolation_level=None)
            with closing(connected) as ledger, ledger:
                ledger.execute("BEGIN IMMEDIATE")
                _make(ledger)
                yield ledger
        except sqlite3.Error as error:
            raise LedgerUnavailable(f"Expected to use the ledger {self.path}, but: {error}.") from error


def bank_ledger(settings: ServiceSettings | None = None) -> Ledger:
    """Give the ledger that `settings` name, or else the environment."""
    return Ledger((settings or ServiceSettings.from_environment()).ledger)


def _make(ledger: sqlite3.Connection) -> None:
    if _one(ledger, "SELECT 1 FROM sqlite_master WHERE name = 'receipts'") is None:
        for statement in _SCHEMA.split(";\n"):
            ledger.execute(statement)
        ledger.executemany("INSERT INTO accounts VALUES (?, ?)", FIRST_ACCOUNTS.items())


def _balance(ledger: sqlite3.Connection, account: str) -> int | None:
    balance: int | None = _one(
        ledger,
        "SELECT opening + (SELECT coalesce(sum(amount), 0) FROM bookings WHERE account = name) FROM accounts"
        " WHERE name = ?",
        account,
    )
    return balance


def _insert(ledger: sqlite3.Connection, key: str, booking: Booking, *, undoes: int | None) -> None:
    row = (key, booking.transfer, booking.account, booking.amount, undoes)
    ledger.execute("INSERT INTO bookings (key, transfer, account, amount, undoes) VALUES (?, ?, ?, ?, ?)", row)


def _one(ledger: sqlite3.Connection, query: str, *parameters: str) -> int | None:
    row = ledger.execute(query, parameters).fetchone()
    return None if row is None else int(row[0])


def _refuse(code: str, reason: str) -> None:
    raise BpmnError(code, reason, {"refused": reason})
