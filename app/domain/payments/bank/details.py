"""A provider's bank account as its buyers need it: IBAN countries and others, each with its own fields.

What is wrong is said by reason code and field; the words that say what to do are in `web/support/bank_words.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from schwifty.registry import get_iban_spec
from stdnum.us import rtn

LONGEST_HOLDER = 70  # as long as a SEPA transfer takes it
CHARGES = ("SHA", "OUR", "BEN")


@dataclass(frozen=True)
class LocalField:
    """A field of a country whose accounts have no IBAN. `pattern` matches the value without blanks and dashes."""

    name: str
    pattern: str


# Source: what each country's banks print for incoming transfers; for others account number, BIC and the bank's
# name and address, which a SWIFT transfer needs anyway.
_ACCOUNT = LocalField("account", r"[0-9A-Z]{1,34}")
LOCAL_FIELDS: dict[str, tuple[LocalField, ...]] = {
    "AU": (LocalField("bsb", r"[0-9]{6}"), LocalField("account", r"[0-9]{5,9}")),
    "CA": (
        LocalField("institution", r"[0-9]{3}"),
        LocalField("transit", r"[0-9]{5}"),
        LocalField("account", r"[0-9]{7,12}"),
    ),
    "CN": (LocalField("cnaps", r"[0-9]{12}"), LocalField("account", r"[0-9]{8,21}")),
    "GB": (LocalField("sort_code", r"[0-9]{6}"), LocalField("account", r"[0-9]{8}")),
    "ID": (LocalField("bank_code", r"[0-9]{3}"), LocalField("account", r"[0-9]{8,16}")),
    "IN": (LocalField("ifsc", r"[A-Z]{4}0[A-Z0-9]{6}"), LocalField("account", r"[0-9]{6,18}")),
    "JP": (
        LocalField("bank_code", r"[0-9]{4}"),
        LocalField("branch_code", r"[0-9]{3}"),
        LocalField("account", r"[0-9]{7}"),
    ),
    "KE": (
        LocalField("bank_code", r"[0-9]{2}"),
        LocalField("branch_code", r"[0-9]{3}"),
        LocalField("account", r"[0-9]{6,14}"),
    ),
    "MX": (LocalField("clabe", r"[0-9]{18}"),),
    "PE": (LocalField("cci", r"[0-9]{20}"),),
    "US": (LocalField("routing", r"[0-9]{9}"), LocalField("account", r"[0-9]{4,17}")),
    "ZA": (LocalField("branch_code", r"[0-9]{6}"), LocalField("account", r"[0-9]{7,11}")),
}
_ELSEWHERE = (_ACCOUNT,)
_BANK_CODES = re.compile(r"[\s.-]+")
_PIX_KEY = re.compile(r"[0-9A-Za-z@._+-]{1,77}")
_UPI_ADDRESS = re.compile(r"[A-Za-z0-9._-]{2,64}@[A-Za-z][A-Za-z0-9.-]{1,63}")


@dataclass(frozen=True)
class Address:
    """Structured, as the Swiss QR-bill and ISO 20022 want it."""

    street: str
    house: str
    postcode: str
    town: str
    country: str  # ISO 3166-1 alpha-2


@dataclass(frozen=True)
class BankDetails:
    """What a buyer's bank asks for. Every field has been checked by `check_details`."""

    holder: str  # to the letter as the bank has it: banks compare
    country: str  # of the account
    currency: str
    bank_name: str
    iban: str = ""  # electronic form; "" where the country has none
    local: Mapping[str, str] = field(default_factory=dict)  # LOCAL_FIELDS of the country
    bic: str = ""
    bank_address: str = ""
    intermediary: str = ""  # BIC of an intermediary bank
    charges: str = "SHA"
    holder_address: Address | None = None
    pix_key: str = ""
    upi_address: str = ""

    @property
    def identifier(self) -> str:
        """What tells this account from every other: the IBAN, or country and local numbers."""
        return self.iban or ":".join([self.country, *self._numbers])

    @property
    def tail(self) -> str:
        """The last four characters of the account number."""
        return (self.iban or self._numbers[-1])[-4:]

    @property
    def _numbers(self) -> list[str]:
        """The local numbers in the country's own order, the account's last: as JSON they are kept in any."""
        return [self.local[each.name] for each in fields_of(self.country) if each.name in self.local]

    def as_json(self) -> dict[str, Any]:
        """For keeping, and for the frozen copy in an order."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "BankDetails":
        """What `as_json` gave."""
        address = kept.get("holder_address")
        return cls(**{**kept, "holder_address": Address(**address) if address else None})


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field, by a code of a closed list, and what to do follows from it."""

    field: str
    code: str


class DetailsRefused(Exception):
    """Nobody could pay to this account as it was entered."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{each.field}: {each.code}" for each in problems))
        self.problems = problems


def has_iban(country: str) -> bool:
    """Do accounts of this country have an IBAN?"""
    try:
        get_iban_spec(country)
    except SchwiftyException:
        return False
    return True


def fields_of(country: str) -> tuple[LocalField, ...]:
    """The fields of a country whose accounts have no IBAN."""
    return LOCAL_FIELDS.get(country, _ELSEWHERE)


def check_details(raw: Mapping[str, Any]) -> BankDetails:
    """The account as entered, checked and in electronic form. DetailsRefused with everything that is wrong.

    A country with IBANs takes an IBAN. In one that has both (GB), local fields will do as well.
    """
    problems: list[Problem] = []
    text = {name: str(value or "").strip() for name, value in raw.items() if not isinstance(value, Mapping)}
    country, currency = text.get("country", "").upper(), text.get("currency", "").upper()
    _basics(text, country, currency, problems)
    iban, local = "", {}
    if text.get("iban") or (has_iban(country) and country not in LOCAL_FIELDS):
        iban = _iban(text.get("iban", ""), country, problems)
    else:
        local = _local(country, raw.get("local") or {}, problems)
        if not text.get("bank_address"):
            problems.append(Problem("bank_address", "bank_address_missing"))
    bic = _bic(text.get("bic", ""), "bic", problems)
    if not text.get("bic") and not (iban and IBAN(iban).in_sepa_zone):
        problems.append(Problem("bic", "bic_missing"))
    intermediary = _bic(text.get("intermediary", ""), "intermediary", problems)
    address = _address(raw.get("holder_address"), problems)
    if problems:
        raise DetailsRefused(problems)
    return BankDetails(
        holder=text["holder"],
        country=country,
        currency=currency,
        bank_name=text["bank_name"],
        iban=iban,
        local=local,
        bic=bic,
        bank_address=text.get("bank_address", ""),
        intermediary=intermediary,
        charges=text.get("charges") or "SHA",
        holder_address=address,
        pix_key=text.get("pix_key", ""),
        upi_address=text.get("upi_address", ""),
    )


def _basics(text: Mapping[str, str], country: str, currency: str, problems: list[Problem]) -> None:
    """What every account has, wherever it is."""
    holder, pix_key, upi_address = (text.get(name, "") for name in ("holder", "pix_key", "upi_address"))
    wrong = {
        ("country", "country_missing"): not re.fullmatch("[A-Z]{2}", country),
        ("currency", "currency_missing"): not re.fullmatch("[A-Z]{3}", currency),
        ("holder", "holder_missing"): not holder,
        ("holder", "holder_too_long"): len(holder) > LONGEST_HOLDER,
        ("bank_name", "bank_name_missing"): not text.get("bank_name"),
        ("charges", "charges_unknown"): (text.get("charges") or "SHA") not in CHARGES,
        ("pix_key", "pix_key_wrong"): bool(pix_key) and not _PIX_KEY.fullmatch(pix_key),
        ("upi_address", "upi_address_wrong"): bool(upi_address) and not _UPI_ADDRESS.fullmatch(upi_address),
    }
    problems += [Problem(name, code) for (name, code), is_wrong in wrong.items() if is_wrong]


def _iban(typed: str, country: str, problems: list[Problem]) -> str:
    if not typed:
        problems.append(Problem("iban", "iban_missing"))
        return ""
    try:
        iban = IBAN(typed)
    except SchwiftyException:
        problems.append(Problem("iban", "iban_wrong"))
        return ""
    if iban.country_code != country:
        problems.append(Problem("iban", "iban_of_another_country"))
    return str(iban)


def _local(country: str, typed: Mapping[str, Any], problems: list[Problem]) -> dict[str, str]:
    found = {}
    for each in fields_of(country):
        value = _BANK_CODES.sub("", str(typed.get(each.name) or "")).upper()
        if not value:
            problems.append(Problem(each.name, "field_missing"))
        elif not re.fullmatch(each.pattern, value):
            problems.append(Problem(each.name, "field_wrong"))
        elif each.name == "routing" and not rtn.is_valid(value):
            problems.append(Problem(each.name, "check_digit_wrong"))
        found[each.name] = value
    return found


def _bic(typed: str, name: str, problems: list[Problem]) -> str:
    if not typed:
        return ""
    try:
        # Whether a list of banks knows it is not asked: such lists miss whole countries.
        return str(BIC(typed, allow_invalid=False))
    except SchwiftyException:
        problems.append(Problem(name, "bic_wrong"))
        return ""


def _address(raw: Any, problems: list[Problem]) -> Address | None:
    if not raw:
        return None
    values = {name: str(raw.get(name) or "").strip() for name in Address.__dataclass_fields__}
    if not (values["postcode"] and values["town"] and re.fullmatch("[A-Z]{2}", values["country"])) or any(
        len(value) > 70 for value in values.values()
    ):
        problems.append(Problem("holder_address", "address_incomplete"))
    return Address(**values)
