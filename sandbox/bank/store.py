"""Accounts from the seed file, movements in one SQLite file that outlives the process."""

import json
import sqlite3
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS movement (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, day TEXT NOT NULL, minor INTEGER NOT NULL,
    currency TEXT NOT NULL, payer TEXT NOT NULL, text TEXT NOT NULL, reverses INTEGER);
"""
# Of the currencies that demonstrations use, those that have no two decimals.
_PLACES = {"JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class Account:
    """An account of this bank: its number (IBAN or local), holder and currency."""

    number: str
    holder: str
    currency: str


@dataclass(frozen=True)
class Movement:
    """Money that came (or, negative, went): amount in minor units. `reverses`: the movement that it takes back."""

    id: int
    account: str
    day: date
    minor: int
    currency: str
    payer: str
    text: str
    reverses: int | None

    @property
    def amount(self) -> str:
        """Without a sign: 25.00."""
        places = places_of(self.currency)
        whole, rest = divmod(abs(self.minor), 10**places)
        return f"{whole}.{rest:0{places}}" if places else str(whole)


def places_of(currency: str) -> int:
    """Decimals of a currency."""
    return _PLACES.get(currency, 2)


def read_accounts(file: Path) -> dict[str, Account]:
    """The bank accounts of the seed's providers, by their number."""
    found = {}
    for provider in json.loads(file.read_text("utf-8"))["providers"]:
        for each in provider["payee_accounts"]:
            if each["gateway"] == "bank":
                details = each["details"]
                number = details.get("iban") or list(details["local"].values())[-1]
                found[number] = Account(number, details["holder"], details["currency"])
    return found


class Store:
    """One connection behind one lock."""

    def __init__(self, file: Path, accounts: dict[str, Account]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.accounts = accounts
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SCHEMA)

    def add(
        self,
        account: Account,
        day: date,
        minor: int,
        currency: str,
        payer: str,
        text: str,
        reverses: int | None = None,
    ) -> int:
        """A new movement; its number."""
        with self._lock, self._connection:
            cursor = self._connection.execute(
                "INSERT INTO movement (account, day, minor, currency, payer, text, reverses) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (account.number, day.isoformat(), minor, currency, payer, text, reverses),
            )
        return int(cursor.lastrowid or 0)

    def movements(self, account: str = "") -> list[Movement]:
        """Those of one account, or all; the oldest first."""
        with self._lock:
            rows = self._connection.execute("SELECT * FROM movement ORDER BY id").fetchall()
        found = [Movement(**{**dict(row), "day": date.fromisoformat(row["day"])}) for row in rows]
        return [each for each in found if account in ("", each.account)]
