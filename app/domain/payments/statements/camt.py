"""camt.053 (statements) and camt.054 (notifications), any version.

Only booked entries count in the end, and in a batch each transaction by itself. Source: ISO 20022 message
definitions camt.053.001.02 to .13 and camt.054 likewise, whose elements used here have not changed.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from app.domain.payments.statements.lines import (
    MOST_LINES,
    Statement,
    StatementLine,
    StatementRefused,
    clean,
)
from app.money import Money

_STATEMENTS = frozenset({"Stmt", "Ntfctn"})
_WHOLE = frozenset({"Acct", "Ntry"})
_DEEPEST = 60
_MOST_PARTS = 500_000  # elements of one entry: a batch has thousands of transactions


def read_camt(content: bytes) -> Statement:
    """Every entry of every account in the file. StatementRefused: not_xml, xml_trick, not_camt, entry_unreadable."""
    lines: list[StatementLine] = []
    try:
        for account, entry in _entries(content):
            lines += _lines(account, entry)
            if len(lines) > MOST_LINES:
                raise StatementRefused("too_many_lines")
    except DefusedXmlException as error:
        raise StatementRefused("xml_trick") from error
    except (ParseError, LookupError) as error:
        raise StatementRefused("not_xml") from error
    except (ValueError, ArithmeticError, TypeError) as error:
        if "multi-byte encodings" in str(error):  # expat's word for one that it does not know
            raise StatementRefused("not_xml") from error
        raise StatementRefused("entry_unreadable", number=len(lines) + 1) from error
    return Statement("camt", lines)


def _entries(content: bytes) -> Iterator[tuple[str, Element]]:
    """Entries one by one, each forgotten when the next is asked for, so that a long file needs little memory."""
    path: list[tuple[str, Element]] = []
    account, is_camt, parts, inside = "", False, 0, 0
    for event, element in iterparse(BytesIO(content), events=("start", "end"), forbid_dtd=True):
        name = _name(element)
        if event == "start":
            is_camt = is_camt or name in _STATEMENTS
            parts += 1
            inside += name in _WHOLE
            path.append((name, element))
            if len(path) > _DEEPEST or parts > _MOST_PARTS:
                raise StatementRefused("xml_trick")
            continue
        path.pop()
        inside -= name in _WHOLE
        if inside:
            continue  # a part of something that is read as a whole
        parts = 0
        above, parent = path[-1] if path else ("", None)
        if above in _STATEMENTS:
            if name == "Acct":
                account = _text(element, "Id", "IBAN") or _text(element, "Id", "Othr", "Id")
            elif name == "Ntry":
                yield account, element
        element.clear()
        if parent is not None:
            parent.remove(element)
    if not is_camt:
        raise StatementRefused("not_camt")


def _lines(account: str, entry: Element) -> list[StatementLine]:
    """One line, or one for each transaction of a batch that says what each of them is worth."""
    parts = [part for details in _all(entry, "NtryDtls") for part in _all(details, "TxDtls")]
    whole = _amount(entry)
    amounts = [amount for part in parts if (amount := _part_amount(part)) is not None]
    sign = -1 if _text(entry, "CdtDbtInd") == "DBIT" else 1
    reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    line = StatementLine(
        booked_on=_day(entry),
        amount=whole * sign,
        texts=(*(text for part in parts for text in _texts(part)), clean(_text(entry, "AddtlNtryInf"))),
        account=account,
        payer=_payer(parts[0]) if parts else "",
        bank_reference=clean(reference),
        booked=(_text(entry, "Sts", "Cd") or _text(entry, "Sts")) == "BOOK",
        reversal=_text(entry, "RvslInd").lower() in {"true", "1"},
    )
    if len(parts) < 2 or len(amounts) < len(parts) or sum(each.minor for each in amounts) != whole.minor:
        return [line]
    return [
        replace(
            line,
            amount=amount * sign,
            texts=_texts(part),
            payer=_payer(part),
            bank_reference=clean(_text(part, "Refs", "AcctSvcrRef") or f"{reference}/{number}"),
        )
        for number, (part, amount) in enumerate(zip(parts, amounts, strict=True), 1)
    ]


def _texts(part: Element) -> tuple[str, ...]:
    """The structured creditor reference first, then all free text, then the sender's own references."""
    remittance = _all(part, "RmtInf")
    structured = [_text(strd, "CdtrRefInf", "Ref") for each in remittance for strd in _all(each, "Strd")]
    # Joined: banks break a long text into several elements in the middle of a word.
    free = "".join((text.text or "") for each in remittance for text in _all(each, "Ustrd"))
    more = [_text(part, "Refs", "EndToEndId"), _text(part, "AddtlTxInf")]
    return tuple(clean(text) for text in [*structured, free, *more] if text)


def _payer(part: Element) -> str:
    for path in (("RltdPties", "Dbtr", "Nm"), ("RltdPties", "Dbtr", "Pty", "Nm")):
        if name := _text(part, *path):
            return clean(name)
    return ""


def _amount(element: Element) -> Money:
    [amount] = _all(element, "Amt")
    return Money.parse((amount.text or "").strip(), amount.get("Ccy", ""))


def _part_amount(part: Element) -> Money | None:
    if _all(part, "Amt"):
        return _amount(part)
    for details in _all(part, "AmtDtls"):
        for amount in _all(details, "TxAmt"):
            return _amount(amount)
    return None


def _day(entry: Element) -> date:
    for name in ("BookgDt", "ValDt"):
        if day := _text(entry, name, "Dt"):
            return date.fromisoformat(day[:10])
        if moment := _text(entry, name, "DtTm"):
            return datetime.fromisoformat(moment).date()
    raise ValueError("no booking date")


def _all(element: Element, name: str) -> list[Element]:
    return [child for child in element if _name(child) == name]


def _text(element: Element, *path: str) -> str:
    """The text at the end of a path of names, "" where it breaks off."""
    at = element
    for name in path:
        found = _all(at, name)
        if not found:
            return ""
        at = found[0]
    return (at.text or "").strip()


def _name(element: Any) -> str:
    """The name without its namespace: that is where versions differ."""
    return str(element.tag).rpartition("}")[2]
