"""QR codes: read back from the picture, they say what was put in, and none is made that a bank refuses."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.orders.numbers import ALPHABET
from app.domain.payments.bank.details import check_details
from app.domain.payments.bank.qr import PaymentCode, _crc16, payment_codes
from app.domain.payments.bank.reference import reference_of
from app.money import Money
from tests.domain.payments.bank import accounts
from tests.domain.payments.bank.reading import read_back

REFERENCE = "RF86VC7K3MH9QD"
references = st.text(ALPHABET, min_size=8, max_size=8).map(
    lambda code: reference_of(f"VC-{code[:4]}-{code[4:]}")
)
amounts = st.integers(1, 99_999_999)


def code_of(name: str, amount: Money, reference: str = REFERENCE) -> PaymentCode:
    [code] = payment_codes(check_details(accounts.ALL[name]), amount, reference)
    return code


def fields_of(emv: str) -> dict[str, str]:
    """The fields of an EMV text by their tags."""
    found, at = {}, 0
    while at < len(emv):
        length = int(emv[at + 2 : at + 4])
        found[emv[at : at + 2]] = emv[at + 4 : at + 4 + length]
        at += 4 + length
    return found


@settings(max_examples=25, deadline=None)
@given(amounts, references)
def test_epc(minor: int, reference: str) -> None:
    amount = Money(minor, "EUR")
    lines = read_back(code_of("iban", amount, reference).symbol).splitlines()
    assert lines[:4] == ["BCD", "002", "2", "SCT"]
    assert lines[4:7] == ["COBADEFFXXX", "Sample Provider Ltd", "DE89370400440532013000"]
    assert Money.parse(lines[7].removeprefix("EUR"), "EUR") == amount
    assert lines[9] == reference


@settings(max_examples=25, deadline=None)
@given(amounts, references)
def test_swiss_qr_bill(minor: int, reference: str) -> None:
    amount = Money(minor, "CHF")
    code = code_of("swiss", amount, reference)
    lines = read_back(code.symbol).split("\r\n")
    assert len(lines) == 31
    assert lines[:4] == ["SPC", "0200", "1", "CH9300762011623852957"]
    assert lines[4:11] == ["S", "Sample Provider AG", "Sample Street", "1", "3000", "Bern", "CH"]
    assert (Money.parse(lines[18], "CHF"), lines[19]) == (amount, "CHF")
    assert lines[27:] == ["SCOR", reference, "", "EPD"]
    assert code.symbol.error == "M"


@settings(max_examples=25, deadline=None)
@given(amounts, references)
def test_spayd(minor: int, reference: str) -> None:
    amount = Money(minor, "CZK")
    head, version, *fields = read_back(code_of("czech", amount, reference).symbol).split("*")
    assert (head, version) == ("SPD", "1.0")
    values = dict(each.split(":", 1) for each in fields)
    assert values["ACC"] == "CZ6508000000192000145399+GIBACZPX"
    assert Money.parse(values["AM"], values["CC"]) == amount
    assert values["MSG"] == reference


@settings(max_examples=25, deadline=None)
@given(amounts, references)
def test_pix(minor: int, reference: str) -> None:
    amount = Money(minor, "BRL")
    text = read_back(code_of("brazilian", amount, reference).symbol)
    fields = fields_of(text)
    assert fields_of(fields["26"]) == {"00": "br.gov.bcb.pix", "01": "sales@sample.example"}
    assert Money.parse(fields["54"], "BRL") == amount
    assert fields["59"] == "Exemplo Energia e Cozinha"
    assert fields_of(fields["62"]) == {"05": reference}
    assert len(reference) <= 25


def test_pix_ends_with_its_check_sum() -> None:
    assert _crc16(b"123456789") == 0x29B1  # the check value of CRC-16/CCITT-FALSE
    text = read_back(code_of("brazilian", Money(1, "BRL")).symbol)
    assert text[-4:] == f"{_crc16(text[:-4].encode()):04X}"


@settings(max_examples=25, deadline=None)
@given(amounts, references)
def test_upi(minor: int, reference: str) -> None:
    amount = Money(minor, "INR")
    code = code_of("indian", amount, reference)
    text = read_back(code.symbol)
    assert text == code.link
    values = {name: value for name, [value] in parse_qs(urlsplit(text).query).items()}
    assert text.startswith("upi://pay?")
    assert Money.parse(values["am"], values["cu"]) == amount
    assert (values["pa"], values["pn"], values["tr"]) == (
        "sample@samplebank",
        "Sample Provider Private Limited",
        reference,
    )


@pytest.mark.parametrize(
    ("name", "currency"),
    [
        ("iban", "USD"),
        ("swiss", "USD"),
        ("czech", "USD"),
        ("brazilian", "USD"),
        ("indian", "USD"),
        ("american", "USD"),
    ],
)
def test_none_is_shown_where_no_scheme_takes_it(name: str, currency: str) -> None:
    assert payment_codes(check_details(accounts.ALL[name]), Money(2500, currency), REFERENCE) == []


def test_a_swiss_bill_needs_a_structured_address_and_an_ordinary_account() -> None:
    without = {**accounts.SWISS, "holder_address": None}
    qr_account = {**accounts.SWISS, "iban": "CH44 3199 9123 0008 8901 2"}
    for raw in (without, qr_account):
        assert payment_codes(check_details(raw), Money(2500, "CHF"), REFERENCE) == []


def test_an_amount_beyond_the_scheme_has_no_code() -> None:
    assert payment_codes(check_details(accounts.GERMAN), Money(100_000_000_000, "EUR"), REFERENCE) == []


@pytest.mark.parametrize("reference", ["", "RF00VC7K3MH9QD", "NOTRF", "RF18539007547034"])
def test_no_code_with_a_reference_that_is_not_ours(reference: str) -> None:
    with pytest.raises(ValueError, match="reference"):
        payment_codes(check_details(accounts.GERMAN), Money(2500, "EUR"), reference)


def test_no_code_for_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        payment_codes(check_details(accounts.GERMAN), Money(0, "EUR"), REFERENCE)
