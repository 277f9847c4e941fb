"""The form of a bank account: which fields its country asks for, and what was wrong with what was typed."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from flask import render_template
from flask_babel import gettext as _

from app.domain.payments.bank.dates import DEFAULT_DAYS
from app.domain.payments.bank.details import (
    CHARGES,
    LOCAL_FIELDS,
    BankDetails,
    DetailsRefused,
    check_details,
    fields_of,
    has_iban,
)
from app.domain.payments.payees.bank_choices import BankChoices
from app.money import Money
from app.web.provider.acting import acting_provider
from app.web.support.bank_words import detail_problem, local_field
from app.web.support.fields import countries

_PLAIN = ("currency", "holder", "bank_name", "iban", "bic", "bank_address", "intermediary", "charges")
_CODES = ("pix_key", "upi_address")
_ADDRESS = ("street", "house", "postcode", "town", "country")
_DAYS = range(3, 31)
_LONGEST = 140


class BankForm:
    """What was sent; `errors` by field, as far as it has been looked at."""

    def __init__(self, sent: Mapping[str, Any]) -> None:
        self._sent = sent
        self.errors: dict[str, str] = {}
        self.country = self._text("country").upper()[:2]

    @property
    def number_field(self) -> str:
        """The field that holds the account's number."""
        return "iban" if takes_iban(self.country) else fields_of(self.country)[-1].name

    def details(self) -> BankDetails | None:
        """The account, checked; None where something is wrong."""
        raw: dict[str, Any] = {name: self._text(name) for name in (*_PLAIN, *_CODES)}
        raw["country"] = self.country
        raw["local"] = {each.name: self._text(each.name) for each in fields_of(self.country)}
        address = {name: self._text(f"address_{name}") for name in _ADDRESS}
        if any(address[name] for name in _ADDRESS if name != "country"):
            raw["holder_address"] = address
        try:
            return check_details(raw)
        except DetailsRefused as refused:
            for problem in refused.problems:
                name = "address_postcode" if problem.field == "holder_address" else problem.field
                self.errors.setdefault(name, detail_problem(problem.code))
            return None

    def choices(self, currency: str = "") -> BankChoices | None:
        """What the provider chooses beside; None where something is wrong."""
        currency = currency or self._text("currency").upper()
        zone, days = self._text("zone") or "UTC", self._text("hold_days") or str(DEFAULT_DAYS)
        if zone not in available_timezones():
            self.errors["zone"] = _("Choose the time zone in which you work.")
        if not days.isdecimal() or int(days) not in _DAYS:
            self.errors["hold_days"] = _("Enter a number of days from 3 to 30.")
        tolerance = self._amount("tolerance", currency)
        from_minor = self._amount("two_persons_from", currency)
        if self.errors:
            return None
        return BankChoices(zone, int(days), tolerance or 0, from_minor)

    def _amount(self, name: str, currency: str) -> int | None:
        typed = self._text(name).replace(",", ".")
        if not typed or not re.fullmatch("[A-Z]{3}", currency):
            return None
        try:
            amount = Money.parse(typed, currency)
        except ValueError:
            amount = Money(-1, currency)
        if amount.minor < 0:
            self.errors[name] = _("Enter an amount such as 25.00, or leave it empty.")
        return amount.minor

    def _text(self, name: str) -> str:
        return " ".join(str(self._sent.get(name) or "").split())[:_LONGEST]


def takes_iban(country: str) -> bool:
    """Is the account's number asked for as an IBAN?"""
    return has_iban(country) and country not in LOCAL_FIELDS


def typed_of(details: BankDetails) -> dict[str, str]:
    """An account's details as the form would have been sent."""
    kept = details.as_json()
    address = kept.pop("holder_address") or {}
    typed = {name: str(kept[name]) for name in ("country", *_PLAIN, *_CODES)}
    return {**typed, **details.local, **{f"address_{name}": str(value) for name, value in address.items()}}


def choices_typed(choices: BankChoices, currency: str) -> dict[str, str]:
    """A provider's choices, likewise."""
    amounts = {
        "tolerance": choices.tolerance_minor or None,
        "two_persons_from": choices.two_persons_from_minor,
    }
    return {
        "zone": choices.zone,
        "hold_days": str(choices.hold_days),
        **{
            name: f"{Money(minor, currency).amount:f}" if minor is not None else ""
            for name, minor in amounts.items()
        },
    }


def bank_page(
    what: str, country: str, typed: Mapping[str, Any], errors: Mapping[str, str] | None = None, **more: Any
) -> str:
    """The form; without a country, the question for it. `what`: new, change or choices."""
    country = (str(typed.get("country") or "") or country).upper()
    known = dict(countries())
    return render_template(
        "provider/payees/bank.html",
        **{"account": None, "first": what == "new", **more},
        provider=acting_provider(),
        what=what,
        country=country if country in known else "",
        countries=countries(),
        iban=takes_iban(country),
        both=has_iban(country) and country in LOCAL_FIELDS,
        local=[(each.name, local_field(each.name)) for each in fields_of(country)],
        charges=CHARGES,
        zones=[(zone, zone) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"],
        typed={"charges": "SHA", "hold_days": str(DEFAULT_DAYS), "zone": "UTC", **typed},
        errors=dict(errors or {}),
    )
