"""Statements as banks write them, from plain facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from app.money import Money

IBAN = "DE89370400440532013000"


@dataclass(frozen=True)
class Movement:
    """One line of a statement to be written. `minor`: minor units, negative for money that went out."""

    text: str
    minor: int = 2500
    day: date = date(2026, 11, 25)
    bank_reference: str = ""
    currency: str = "EUR"
    payer: str = "Sample Buyer GmbH"
    structured: str = ""
    status: str = "BOOK"
    reversal: bool = False

    @property
    def amount(self) -> str:
        """12.50, without a sign; 1250 yen, and 1.250 dinar."""
        return f"{Money(abs(self.minor), self.currency).amount:f}"


def camt(movements: Sequence[Movement], iban: str = IBAN, version: str = "08", kind: str = "053") -> bytes:
    """camt.053 or .054."""
    root, unit = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    entries = "".join(_entry(each) for each in movements)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{root}><GrpHdr><MsgId>1</MsgId>'
        f"</GrpHdr><{unit}><Id>S1</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{entries}</{unit}></{root}></Document>"
    ).encode()


def _entry(each: Movement) -> str:
    structured = (
        f"<Strd><CdtrRefInf><Ref>{each.structured}</Ref></CdtrRefInf></Strd>" if each.structured else ""
    )
    reference = f"<AcctSvcrRef>{escape(each.bank_reference)}</AcctSvcrRef>" if each.bank_reference else ""
    return (
        f'<Ntry><Amt Ccy="{each.currency}">{each.amount}</Amt>'
        f"<CdtDbtInd>{'DBIT' if each.minor < 0 else 'CRDT'}</CdtDbtInd>"
        f"{'<RvslInd>true</RvslInd>' if each.reversal else ''}<Sts><Cd>{each.status}</Cd></Sts>"
        f"<BookgDt><Dt>{each.day}</Dt></BookgDt>{reference}<NtryDtls><TxDtls>"
        f"<RltdPties><Dbtr><Pty><Nm>{escape(each.payer)}</Nm></Pty></Dbtr></RltdPties>"
        f"<RmtInf><Ustrd>{escape(each.text)}</Ustrd>{structured}</RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def mt940(movements: Sequence[Movement], account: str = "37040044/0532013000") -> bytes:
    """MT940 with field 86 in numbered parts of 27 characters."""
    lines = [":20:STARTUMS", f":25:{account}", ":28C:1/1", ":60F:C261120EUR1000,00"]
    for each in movements:
        mark = ("R" if each.reversal else "") + (
            ("C" if each.minor < 0 else "D") if each.reversal else ("D" if each.minor < 0 else "C")
        )
        reference = f"//{each.bank_reference}" if each.bank_reference else ""
        amount = each.amount.replace(".", ",") if "." in each.amount else f"{each.amount},"
        lines.append(f":61:{each.day:%y%m%d}{each.day:%m%d}{mark}{amount}NTRFNONREF{reference}")
        parts = [each.text[at : at + 27] for at in range(0, max(len(each.text), 1), 27)][:10]
        purpose = "".join(f"?{20 + number}{part}" for number, part in enumerate(parts))
        lines.append(f":86:166?00GUTSCHRIFT{purpose}?32{each.payer[:27]}")
    return "\r\n".join([*lines, ":62F:C261123EUR1000,00", "-", ""]).encode()


def csv(
    movements: Sequence[Movement], head: str = "Booking date;Amount;Currency;Payer;Text;Transaction id"
) -> bytes:
    """CSV with a decimal comma."""
    rows = [
        f"{each.day:%d.%m.%Y};{'-' if each.minor < 0 else ''}{each.amount.replace('.', ',')};{each.currency};"
        f'"{each.payer}";"{each.text}";{each.bank_reference}'
        for each in movements
    ]
    return "\n".join([head, *rows, ""]).encode()
