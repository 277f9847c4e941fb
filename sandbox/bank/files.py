"""Statements as banks write them: camt.053 and camt.054, MT940 with a structured field 86, and CSV."""

import csv
from collections.abc import Sequence
from datetime import date
from io import StringIO
from xml.sax.saxutils import escape

from sandbox.bank.store import Account, Movement

TYPES = {
    "camt053": ("application/xml", "xml"),
    "camt054": ("application/xml", "xml"),
    "mt940": ("text/plain", "sta"),
    "csv": ("text/csv", "csv"),
}


def statement(kind: str, account: Account, movements: Sequence[Movement], today: date) -> str:
    """The text of a file of this kind."""
    if kind == "mt940":
        return _mt940(account, movements, today)
    if kind == "csv":
        return _csv(movements)
    return _camt(kind.removeprefix("camt"), account, movements, today)


def _camt(number: str, account: Account, movements: Sequence[Movement], today: date) -> str:
    root, unit = ("BkToCstmrStmt", "Stmt") if number == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    is_iban = account.number[:2].isalpha()
    identity = (
        f"<IBAN>{account.number}</IBAN>" if is_iban else f"<Othr><Id>{escape(account.number)}</Id></Othr>"
    )
    made = f"{today}T18:00:00+00:00"
    entries = "".join(map(_entry, movements))
    balance = (
        ""
        if number == "054"
        else f'<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="{account.currency}">0</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{today}</Dt></Dt></Bal>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{number}.001.08"><{root}>'
        f"<GrpHdr><MsgId>SANDBOX-{today}</MsgId><CreDtTm>{made}</CreDtTm></GrpHdr>"
        f"<{unit}><Id>SANDBOX-{today}</Id><CreDtTm>{made}</CreDtTm>"
        f"<Acct><Id>{identity}</Id><Ccy>{account.currency}</Ccy></Acct>{balance}{entries}</{unit}></{root}></Document>\n"
    )


def _entry(each: Movement) -> str:
    direction = "DBIT" if each.minor < 0 else "CRDT"
    reversal = "<RvslInd>true</RvslInd>" if each.reverses else ""
    return (
        f'<Ntry><Amt Ccy="{each.currency}">{each.amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{reversal}'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{each.day}</Dt></BookgDt><ValDt><Dt>{each.day}</Dt></ValDt>"
        f"<AcctSvcrRef>SB{each.id:010}</AcctSvcrRef>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"<RltdPties><Dbtr><Pty><Nm>{escape(each.payer)}</Nm></Pty></Dbtr></RltdPties>"
        f"<RmtInf><Ustrd>{escape(each.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _mt940(account: Account, movements: Sequence[Movement], today: date) -> str:
    balance = f"C{today:%y%m%d}{account.currency}0,"
    lines = [":20:SANDBOX", f":25:{account.number}", ":28C:1/1", f":60F:{balance}"]
    for each in movements:
        mark = "RC" if each.reverses else "D" if each.minor < 0 else "C"
        amount = each.amount.replace(".", ",") if "." in each.amount else f"{each.amount},"
        lines.append(f":61:{each.day:%y%m%d}{each.day:%m%d}{mark}{amount}NTRFNONREF//SB{each.id:010}")
        parts = [each.text[at : at + 27] for at in range(0, len(each.text), 27)][:10]
        purpose = "".join(f"?{20 + place}{part}" for place, part in enumerate(parts))
        lines.append(f":86:166?00TRANSFER{purpose}?32{each.payer[:27]}")
    return "\r\n".join([*lines, f":62F:{balance}", "-", ""])


def _csv(movements: Sequence[Movement]) -> str:
    """Cells that a spreadsheet would run get a quote in front, as careful banks write them."""
    out = StringIO()
    rows = csv.writer(out, delimiter=";", lineterminator="\n")
    rows.writerow(["Booking date", "Amount", "Currency", "Payer", "Text", "Transaction id"])
    for each in movements:
        sign = "-" if each.minor < 0 else ""
        amount = sign + each.amount.replace(".", ",")
        cells = [f"'{text}" if text[:1] in "=+-@" else text for text in (each.payer, each.text)]
        rows.writerow([f"{each.day:%d.%m.%Y}", amount, each.currency, *cells, f"SB{each.id:010}"])
    return out.getvalue()
