"""CSV as banks export it: no two alike, so the provider says once which column is what, and that is kept."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from app.domain.payments.statements.lines import (
    MOST_LINES,
    Statement,
    StatementLine,
    StatementRefused,
    clean,
    rows_of,
)
from app.money import Money, exponent

_DELIMITERS = ";,\t|"
_MOST_COLUMNS = 100
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d", "%Y/%m/%d")
# What a spreadsheet would run. Signs before a number are a statement's daily bread, but no program after it is.
_FORMULA = re.compile(r"[=@\t]|[+-]\s*[A-Za-z(=@]|[+-][^|]*\|[^!]*!")
_AMOUNT = re.compile(r"([+-]?)\s*([0-9][0-9.,'’\s]*?)\s*([+-]?)")
_PARTS = re.compile(r"(.*?)(?:([.,])([0-9]*))?")
_GUESSES = {
    "booked_on": r"book|buchung|fecha|date|datum|valut|value",
    "amount": r"amount|betrag|montant|importe|monto|valor|umsatz",
    "came_in": r"credit|haben|crédito|paid in|money in|entrée|abono",
    "went_out": r"debit|soll|débito|paid out|money out|sortie|cargo",
    "currency": r"curr|währung|waehrung|devise|moneda|moeda|^ccy",
    "payer": r"payer|name|auftraggeber|beneficiary|donneur|ordenante|counterpart|remitter",
    "text": r"text|purpose|verwendung|descr|details|reference|narrative|libell|concepto|histórico|remit|memo",
    "bank_reference": r"transaction id|bank reference|entry ref|^id$",
}


@dataclass(frozen=True)
class ColumnMap:
    """Which column (0 is the first) holds what; -1: none. Either `amount`, or `came_in` (and `went_out`)."""

    booked_on: int
    text: tuple[int, ...]
    amount: int = -1
    came_in: int = -1
    went_out: int = -1
    currency: int = -1
    payer: int = -1
    bank_reference: int = -1
    date_format: str = "%Y-%m-%d"
    decimal_comma: bool = False

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return {**asdict(self), "text": list(self.text)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "ColumnMap":
        """What `as_json` gave."""
        return cls(**{**kept, "text": tuple(kept["text"])})


def read_rows(content: str) -> list[list[str]]:
    """The cells, rows without any left out. StatementRefused: not_csv, formula."""
    sample = content[:5000]
    delimiter = max(_DELIMITERS, key=sample.count)
    if not sample.count(delimiter):
        raise StatementRefused("not_csv")
    try:
        filled = (
            row for row in csv.reader(rows_of(content), delimiter=delimiter) if any(map(str.strip, row))
        )
        rows = list(islice(filled, MOST_LINES + 2))
    except csv.Error as error:
        raise StatementRefused("not_csv") from error
    if not rows:
        raise StatementRefused("not_csv")
    if len(rows) > MOST_LINES + 1:  # the first one may be names of columns
        raise StatementRefused("too_many_lines")
    for number, row in enumerate(rows, 1):
        if len(row) > _MOST_COLUMNS:
            raise StatementRefused("not_csv")
        for column, cell in enumerate(row, 1):
            if _FORMULA.match(cell):
                raise StatementRefused("formula", row=number, column=column)
    return rows


def guess_columns(rows: Sequence[Sequence[str]]) -> ColumnMap | None:
    """What the words of the first row and the look of the rows below say; None where that is not enough."""
    head = [cell.strip().lower() for cell in rows[0]]
    found = {name: _named(head, pattern) for name, pattern in _GUESSES.items()}
    body = rows[1:50]
    if not found["booked_on"] or not found["text"] or not (found["amount"] or found["came_in"]) or not body:
        return None
    day = found["booked_on"][0]
    money = (found["amount"] or found["came_in"])[0]
    formats = [each for each in DATE_FORMATS if all(_is_date(_cell(row, day), each) for row in body)]
    if not formats:
        return None
    return ColumnMap(
        booked_on=day,
        text=tuple(found["text"]),
        amount=found["amount"][0] if found["amount"] else -1,
        came_in=-1 if found["amount"] else found["came_in"][0],
        went_out=-1 if found["amount"] or not found["went_out"] else found["went_out"][0],
        currency=_first(found["currency"]),
        payer=_first(found["payer"]),
        bank_reference=_first(found["bank_reference"]),
        date_format=formats[0],
        decimal_comma=_decimal_comma([_cell(row, money) for row in body]),
    )


def read_csv(rows: Sequence[Sequence[str]], columns: ColumnMap, currency: str) -> Statement:
    """Every row but the first, which names the columns. `currency`: of the account, where no column says it.

    Rows without a day or an amount are what banks print above and below; StatementRefused("entry_unreadable") for
    an amount or a day that is none.
    """
    lines = []
    for number, row in enumerate(rows[1:], 2):
        day, amount = _cell(row, columns.booked_on), _amount_cell(row, columns)
        if not day or not amount:
            continue
        try:
            code = (_cell(row, columns.currency) or currency).upper()
            lines.append(
                StatementLine(
                    booked_on=_date(day, columns.date_format),
                    amount=_money(amount, code, columns.decimal_comma),
                    texts=tuple(text for index in columns.text if (text := clean(_cell(row, index)))),
                    payer=clean(_cell(row, columns.payer)),
                    bank_reference=clean(_cell(row, columns.bank_reference)),
                )
            )
        except (ValueError, OverflowError) as error:
            raise StatementRefused("row_unreadable", row=number) from error
    return Statement("csv", lines)


def _amount_cell(row: Sequence[str], columns: ColumnMap) -> str:
    if columns.amount >= 0:
        return _cell(row, columns.amount)
    came_in = _cell(row, columns.came_in)
    went_out = _cell(row, columns.went_out).lstrip("-")
    return came_in or (f"-{went_out}" if went_out else "")


def _money(text: str, currency: str, decimal_comma: bool) -> Money:
    """An amount as a bank prints it: 1.234,56 or 1,234.56, a sign before or after."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"no amount: {text!r}")
    before, digits, after = found.groups()
    parts = _PARTS.fullmatch(re.sub(r"['’\s]", "", digits))
    whole, mark, decimals = parts.groups("") if parts else ("", "", "")
    places = exponent(currency)
    # Three digits after a mark are thousands, but for currencies that have three decimals.
    if len(decimals) > places or (places == 3 and len(decimals) == 3 and (mark == ",") != decimal_comma):
        whole, decimals = whole + decimals, ""
    whole = whole.replace(".", "").replace(",", "")
    money = Money.parse(f"{whole}.{decimals}" if decimals else whole, currency)
    return money * (-1 if "-" in (before, after) else 1)


def _decimal_comma(cells: Sequence[str]) -> bool:
    """Is the last mark before the decimals a comma in most of them?"""
    commas = sum(bool(re.search(r",[0-9]{1,3}\s*[+-]?$", cell)) for cell in cells)
    points = sum(bool(re.search(r"\.[0-9]{1,3}\s*[+-]?$", cell)) for cell in cells)
    return commas > points


def _date(text: str, form: str) -> date:
    return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 (a day, without a time)


def _is_date(text: str, form: str) -> bool:
    try:
        _date(text, form)
    except ValueError:
        return not text
    return True


def _named(head: Sequence[str], pattern: str) -> list[int]:
    return [index for index, name in enumerate(head) if re.search(pattern, name)]


def _first(found: Sequence[int]) -> int:
    return found[0] if found else -1


def _cell(row: Sequence[str], index: int) -> str:
    return row[index].strip() if 0 <= index < len(row) else ""
