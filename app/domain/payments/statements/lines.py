"""What every kind of statement is read into."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from app.domain.payments.bank.reference import squeeze
from app.money import Money

LONGEST_TEXT = 2000
MOST_LINES = 50_000
# Where banks say that there is no reference.
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "NOREF", "KREF", "0"})
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class StatementRefused(Exception):
    """The file is not taken, as a whole. `code` is of a closed list (`bank_words.statement_problem`)."""

    def __init__(self, code: str, **where: str | int) -> None:
        super().__init__(f"{code} {where}" if where else code)
        self.code = code
        self.where = where

    def as_json(self) -> dict[str, Any]:
        """To be raised again from what was kept: `StatementRefused(**kept)`."""
        return {"code": self.code, **self.where}


@dataclass(frozen=True)
class StatementLine:
    """One movement on the account."""

    booked_on: date
    amount: Money  # negative: money that went out
    texts: tuple[str, ...]  # everything in which a reference may stand, the bank's structured field first
    account: str = ""  # as the statement names it
    payer: str = ""
    bank_reference: str = ""
    booked: bool = True  # False: announced, and may never come
    reversal: bool = False  # takes an earlier movement back

    @property
    def text(self) -> str:
        """The texts as one, for reading."""
        return " ".join(part for part in self.texts if part)[:LONGEST_TEXT]


@dataclass(frozen=True)
class Statement:
    """A file that was read."""

    kind: str  # camt | mt940 | csv
    lines: Sequence[StatementLine]


def clean(text: str | None) -> str:
    """One line of printable text, of bearable length."""
    return " ".join(_UNPRINTABLE.sub(" ", text or "").split())[:LONGEST_TEXT]


def rows_of(text: str) -> Iterator[str]:
    """The rows of a text one by one, however they end: a list of all of them can be many times as large as the file."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end + 1


def fingerprints(lines: Sequence[StatementLine]) -> list[str]:
    """What each line is recognised by when it comes again, in this file or another.

    The bank's own reference with amount and day; without one, everything that the line says. Of lines that are
    equal in all that, each has its number.
    """
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        if squeeze(line.bank_reference) in _NO_REFERENCE:
            parts = ["text", line.payer, *map(squeeze, line.texts)]
        else:
            parts = ["reference", line.bank_reference]
        whole = "\x1f".join([line.booked_on.isoformat(), str(line.amount), *parts])
        seen[whole] += 1
        found.append(sha256(f"{whole}\x1f{seen[whole]}".encode()).hexdigest()[:40])
    return found
