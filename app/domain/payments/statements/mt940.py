"""MT940, as SWIFT defines it and with the fields of field 86 that German-speaking and Dutch banks write.

An own reader: the library for it lets field 86 overwrite the sender's reference of field 61 and gives reversals
the sign of what they take back. Source: SWIFT Standards MT, category 9; DK, Anlage 3, appendix on field 86.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from app.domain.payments.statements.lines import (
    MOST_LINES,
    Statement,
    StatementLine,
    StatementRefused,
    clean,
    rows_of,
)
from app.money import Money

_TAG = re.compile(r":([0-9]{2}[A-Z]?):")
_BALANCE = re.compile(r"[CD][0-9]{6}([A-Z]{3})")
_MOVEMENT = re.compile(
    r"([0-9]{6})([0-9]{4})?"  # value date, booking day
    r"([RE]?[CD])[A-Z]?"  # direction: reversed or expected; the currency's third letter
    r"([0-9]{1,12}),([0-9]{0,3})"
    r"[A-Z][A-Z0-9]{3}"  # kind of transaction
    r"([^/\n]{0,34}|(?:[^/\n]|/(?!/)){0,34})"  # the sender's reference
    r"(?://([^\n]{0,34}))?"  # the bank's
    r"(?:\n([^\n]{0,70}))?"  # more
)
_MOST_FIELDS = 4 * MOST_LINES  # each line has its text, and few have more
_MOST_ROWS = 100  # of one field; the standard has six
_FIELD = re.compile(r"\?([0-9]{2})")


def read_mt940(content: str) -> Statement:
    """Every movement of every statement in the file. StatementRefused: not_mt940, entry_unreadable."""
    lines: list[StatementLine] = []
    account = currency = ""
    fields = list(islice(_fields(content), _MOST_FIELDS + 1))
    if len(fields) > _MOST_FIELDS:
        raise StatementRefused("too_many_lines")
    if not any(tag == "20" for tag, _ in fields):
        raise StatementRefused("not_mt940")
    for place, (tag, value) in enumerate(fields):
        if tag == "20":
            account = currency = ""
        elif tag in {"25", "25P"}:
            account = clean(value)
        elif tag in {"60F", "60M"} and (balance := _BALANCE.match(value)):
            currency = balance[1]
        elif tag == "61":
            following = fields[place + 1] if place + 1 < len(fields) else ("", "")
            about = following[1] if following[0] == "86" else ""
            try:
                lines.append(_line(account, currency, value, about))
            except (ValueError, TypeError) as error:
                raise StatementRefused("entry_unreadable", number=len(lines) + 1) from error
    return Statement("mt940", lines)


def _fields(content: str) -> Iterator[tuple[str, str]]:
    """Tag and value of each field; a value goes on over the lines that begin with no tag."""
    tag = ""
    value: list[str] = []
    for line in rows_of(content):
        found = _TAG.match(line)
        if found or line.startswith(("-", "{")):  # the end of a block
            if tag:
                yield tag, "\n".join(value)
            tag, value = (found[1], [line[found.end() :]]) if found else ("", [])
        elif tag and len(value) < _MOST_ROWS:
            value.append(line)
    if tag:
        yield tag, "\n".join(value)


def _line(account: str, currency: str, movement: str, about: str) -> StatementLine:
    found = _MOVEMENT.match(movement)
    if found is None:
        raise ValueError("field 61")
    valued, booked, mark, whole, decimals, senders, banks, more = found.groups(default="")
    amount = Money.parse(f"{whole}.{decimals}" if decimals else whole, currency)
    outgoing = mark in {"D", "RC", "ED"}
    parts = _parts(about)
    # Fields are cut every 27 characters, wherever that is: joined without a blank.
    purpose = "".join(parts.get(f"{each}", "") for each in (*range(20, 30), *range(60, 64)))
    texts = [senders, purpose or about.replace("\n", ""), about.replace("\n", " ") if not parts else "", more]
    return StatementLine(
        booked_on=_day(valued, booked),
        amount=amount * (-1 if outgoing else 1),
        texts=tuple(text for text in map(clean, texts) if text),
        account=account,
        payer=clean(parts.get("32", "") + parts.get("33", "")),
        bank_reference=clean(banks),
        booked=not mark.startswith("E"),
        reversal=mark.startswith("R"),
    )


def _parts(about: str) -> dict[str, str]:
    """The numbered fields of field 86, without the line breaks in them; none where it is free text."""
    head, *rest = _FIELD.split(about.replace("\n", ""))
    if not re.fullmatch(r"[0-9]{3}", head.strip()) and not (rest and not head.strip()):
        return {}
    return dict(zip(rest[::2], rest[1::2], strict=True))


def _day(valued: str, booked: str) -> date:
    """The booking day. Its year is that of the value date, but for days around New Year."""
    value = date(2000 + int(valued[:2]), int(valued[2:4]), int(valued[4:]))
    if not booked:
        return value
    month, day = int(booked[:2]), int(booked[2:])
    year = value.year + (1 if month < value.month - 6 else -1 if month > value.month + 6 else 0)
    return date(year, month, day)
