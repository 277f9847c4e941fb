"""The form of an offer: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from uuid import UUID

from flask import render_template, request

from app.domain.offers.draft_queries import currencies_taken
from app.domain.offers.draft_terms import FIELDS, NUMBERS, TEXT_MAX
from app.domain.offers.terms_models import OfferDraft
from app.extensions import database
from app.i18n import LANGUAGES, language_name
from app.web.provider.acting import acting_provider
from app.web.provider.offer_units import Units
from app.web.support.console_words import term_problem
from app.web.support.filters import number, tonnes
from app.web.support.quantity import NotWholeTonnes, read_quantity

TEXTS = tuple(f"text-{language}" for language in LANGUAGES)
_SPACES = str.maketrans("", "", " \u00a0\u202f'")


def sent_fields() -> dict[str, str]:
    """The fields of the form that was sent: numbers as everybody writes them, whatever the reader's language."""
    sent = {name: request.form.get(name, "") for name in (*FIELDS, *TEXTS)}
    for name in NUMBERS:
        sent[name] = _number(sent[name])
    price = sent["price"].translate(_SPACES)
    sent["price"] = price.replace(",", ".") if price.count(",") == 1 and "." not in price else price
    return sent


def offer_form(
    units: Units,
    typed: Mapping[str, str],
    key: UUID,
    draft: OfferDraft | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    """The page. `key` will be the draft's id, where there is none yet; `problems`: those of TermsRefused."""
    provider = acting_provider()
    currencies = currencies_taken(database(), provider.id)
    # Where there is no field any more, the page says why not by itself.
    found = {} if units.against else problems or {}
    in_order = [name for name in ("quantity", "price", "currency", *FIELDS, *TEXTS) if name in found]
    return render_template(
        "provider/offer_form.html",
        provider=provider,
        units=units,
        typed=typed,
        key=key,
        draft=draft,
        currencies=[(code, code) for code in currencies],
        descriptions=[(f"text-{code}", code, language_name(code)) for code in LANGUAGES],
        text_max=TEXT_MAX,
        errors={name: term_problem(found[name], tonnes(units.free), number(TEXT_MAX)) for name in in_order},
    )


def _number(typed: str) -> str:
    try:
        return str(read_quantity(typed))
    except NotWholeTonnes:
        return typed
