"""Bank details: every country's own fields, and everything that is wrong said at once."""

from typing import Any

import pytest

from app.domain.payments.bank.details import (
    BankDetails,
    DetailsRefused,
    check_details,
    fields_of,
    has_iban,
)
from tests.domain.payments.bank import accounts


def problems(**changed: Any) -> set[tuple[str, str]]:
    base = changed.pop("base", accounts.GERMAN)
    with pytest.raises(DetailsRefused) as refused:
        check_details({**base, **changed})
    return {(each.field, each.code) for each in refused.value.problems}


@pytest.mark.parametrize("name", list(accounts.ALL))
def test_good_accounts_pass_and_come_back_as_they_were(name: str) -> None:
    details = check_details(accounts.ALL[name])
    assert BankDetails.from_json(details.as_json()) == details
    assert details.tail
    assert details.identifier


def test_an_iban_is_kept_in_electronic_form() -> None:
    details = check_details(accounts.GERMAN)
    assert (details.iban, details.identifier, details.tail) == (
        "DE89370400440532013000",
        "DE89370400440532013000",
        "3000",
    )


def test_an_account_without_iban_is_told_by_its_numbers() -> None:
    assert check_details(accounts.AMERICAN).identifier == "US:021000021:123456789"
    assert check_details(accounts.AMERICAN).tail == "6789"


def test_everything_that_is_missing_is_said_at_once() -> None:
    assert problems(base={}) >= {
        ("country", "country_missing"),
        ("currency", "currency_missing"),
        ("holder", "holder_missing"),
        ("bank_name", "bank_name_missing"),
        ("bic", "bic_missing"),
    }


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"iban": "DE89 3704 0044 0532 0130 01"}, ("iban", "iban_wrong")),
        ({"iban": "FR14 2004 1010 0505 0001 3M02 606"}, ("iban", "iban_of_another_country")),
        ({"iban": ""}, ("iban", "iban_missing")),
        ({"bic": "COBA"}, ("bic", "bic_wrong")),
        ({"intermediary": "nowhere"}, ("intermediary", "bic_wrong")),
        ({"holder": "x" * 71}, ("holder", "holder_too_long")),
        ({"charges": "ME"}, ("charges", "charges_unknown")),
        ({"pix_key": "a b"}, ("pix_key", "pix_key_wrong")),
        ({"upi_address": "nobody"}, ("upi_address", "upi_address_wrong")),
        ({"holder_address": {"town": "Bern"}}, ("holder_address", "address_incomplete")),
    ],
)
def test_each_mistake_has_its_own_word(changed: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problems(**changed) == {problem}


def test_local_numbers_are_checked_as_their_country_does() -> None:
    assert problems(base=accounts.AMERICAN, local={"routing": "021000022", "account": "123456789"}) == {
        ("routing", "check_digit_wrong")
    }
    assert problems(base=accounts.INDIAN, local={"ifsc": "SBIN1000001"}) == {
        ("ifsc", "field_wrong"),
        ("account", "field_missing"),
    }


def test_a_transfer_from_abroad_needs_bic_and_the_banks_address() -> None:
    assert problems(base=accounts.MALAWIAN, bic="", bank_address="") == {
        ("bic", "bic_missing"),
        ("bank_address", "bank_address_missing"),
    }


def test_inside_sepa_the_iban_is_enough() -> None:
    assert check_details({**accounts.GERMAN, "bic": ""}).bic == ""


def test_britain_takes_either() -> None:
    british = {**accounts.GERMAN, "country": "GB", "currency": "GBP", "bic": "BARCGB22XXX"}
    assert check_details({**british, "iban": "GB33 BUKB 2020 1555 5555 55"}).iban == "GB33BUKB20201555555555"
    local = check_details(
        {
            **british,
            "iban": "",
            "bank_address": "London",
            "local": {"sort_code": "20-20-15", "account": "55555555"},
        }
    )
    assert local.local == {"sort_code": "202015", "account": "55555555"}


def test_countries_know_their_fields() -> None:
    assert has_iban("DE")
    assert not has_iban("KE")
    assert [each.name for each in fields_of("KE")] == ["bank_code", "branch_code", "account"]
    assert [each.name for each in fields_of("MW")] == ["account"]


@pytest.mark.parametrize(("name", "tail"), [("american", "6789"), ("indian", "7890"), ("iban", "3000")])
def test_what_is_kept_in_any_order_is_the_same_account(name: str, tail: str) -> None:
    """PostgreSQL keeps the members of JSON in an order of its own."""
    details = check_details(accounts.ALL[name])
    kept = details.as_json()
    for order in (sorted(kept["local"]), sorted(kept["local"], reverse=True)):
        again = BankDetails.from_json({**kept, "local": {key: kept["local"][key] for key in order}})
        assert (again.tail, again.identifier) == (tail, details.identifier)
