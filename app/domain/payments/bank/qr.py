"""QR codes with which a banking application fills in a transfer: one for each kind that fits account and currency.

Every value is checked before it is encoded: the symbols have no check of their own that a bank would not also make,
and a code that a bank refuses is worse than none.
"""

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote, urlencode

import segno
from schwifty import IBAN
from segno.helpers import make_epc_qr

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.reference import is_reference
from app.money import Money

# What each scheme can carry. Sources: EPC069-12 v3.0; SIX Implementation Guidelines QR-bill v2.3; Czech Banking
# Association, SPAYD 1.2; BCB, Manual de Padrões para Iniciação do Pix; NPCI, UPI Linking Specifications 1.6.
_EPC_MOST = Money(99_999_999_999, "EUR")
_QR_BILL_MOST = Decimal("999999999.99")


@dataclass(frozen=True)
class PaymentCode:
    """One QR code. `kind`: epc, swiss, spayd, pix or upi. `link` opens the same on a telephone, where there is one."""

    kind: str
    symbol: segno.QRCode
    link: str = ""


def payment_codes(details: BankDetails, amount: Money, reference: str) -> list[PaymentCode]:
    """Every code that fits. ValueError for an amount or reference that nobody can pay."""
    if amount.minor <= 0:
        raise ValueError(f"nothing to pay: {amount}")
    if not is_reference(reference):
        raise ValueError(f"not a reference of ours: {reference!r}")
    makers = (_epc, _swiss, _spayd, _pix, _upi)
    return [code for make in makers if (code := make(details, amount, reference)) is not None]


def _epc(details: BankDetails, amount: Money, reference: str) -> PaymentCode | None:
    if amount.currency != "EUR" or not details.iban or not IBAN(details.iban).in_sepa_zone:
        return None
    if amount.minor > _EPC_MOST.minor:
        return None
    symbol = make_epc_qr(
        name=details.holder,
        iban=details.iban,
        amount=amount.amount,
        reference=reference,
        bic=details.bic or None,  # outside the European Economic Area it is asked for
    )
    return PaymentCode("epc", symbol)


def _swiss(details: BankDetails, amount: Money, reference: str) -> PaymentCode | None:
    """Swiss francs only: euros are on their way out of the scheme, and EPC's code covers them."""
    address = details.holder_address
    if amount.currency != "CHF" or details.iban[:2] not in {"CH", "LI"} or address is None:
        return None
    # An account number of the QR kind takes its own references only, not ISO 11649.
    if amount.amount > _QR_BILL_MOST or 30000 <= int(details.iban[4:9]) <= 31999:
        return None
    creditor = ["S", details.holder, address.street, address.house, address.postcode, address.town]
    lines = [
        *("SPC", "0200", "1", details.iban, *creditor, address.country),
        *[""] * 7,  # the ultimate creditor is for future use
        *(f"{amount.amount:.2f}", amount.currency),
        *[""] * 7,  # the debtor fills itself in
        *("SCOR", reference, "", "EPD"),
    ]
    # The scheme asks for error correction M, whatever would fit.
    return PaymentCode("swiss", segno.make("\r\n".join(lines), error="m", boost_error=False, micro=False))


def _spayd(details: BankDetails, amount: Money, reference: str) -> PaymentCode | None:
    if amount.currency not in {"CZK", "EUR"} or details.iban[:2] not in {"CZ", "SK"}:
        return None
    account = f"{details.iban}+{details.bic}" if details.bic else details.iban
    values = {
        "ACC": account,
        "AM": f"{amount.amount:.2f}",
        "CC": amount.currency,
        "MSG": reference,
        "RN": details.holder[:35],
    }
    fields = [f"{name}:{quote(value, safe=' +')}" for name, value in values.items()]
    return PaymentCode("spayd", segno.make("*".join(["SPD", "1.0", *fields]), error="m", micro=False))


def _pix(details: BankDetails, amount: Money, reference: str) -> PaymentCode | None:
    """A static BR Code (EMV merchant-presented mode) with the reference as its transaction id."""
    if amount.currency != "BRL" or not details.pix_key:
        return None
    town = details.holder_address.town if details.holder_address else "BRASIL"
    body = "".join(
        [
            _emv("00", "01"),
            _emv("26", _emv("00", "br.gov.bcb.pix") + _emv("01", details.pix_key)),
            _emv("52", "0000"),
            _emv("53", "986"),
            _emv("54", f"{amount.amount:.2f}"),
            _emv("58", "BR"),
            _emv("59", _plain(details.holder, 25)),
            _emv("60", _plain(town, 15)),
            _emv("62", _emv("05", reference)),
            "6304",
        ]
    )
    return PaymentCode("pix", segno.make(body + f"{_crc16(body.encode()):04X}", error="m", micro=False))


def _upi(details: BankDetails, amount: Money, reference: str) -> PaymentCode | None:
    if amount.currency != "INR" or not details.upi_address:
        return None
    values = {
        "pa": details.upi_address,
        "pn": details.holder,
        "am": f"{amount.amount:.2f}",
        "cu": "INR",
        "tr": reference,
        "tn": reference,
    }
    link = f"upi://pay?{urlencode(values, quote_via=quote)}"
    return PaymentCode("upi", segno.make(link, error="m", micro=False), link)


def _emv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02}{value}"


def _plain(text: str, longest: int) -> str:
    """Letters without accents: the length is counted in characters, and readers know no others."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return letters[:longest].strip() or "-"


def _crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE, as the EMV specification wants it."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
            value &= 0xFFFF
    return value
