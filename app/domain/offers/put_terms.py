"""The terms of an offer: what its provider decides about it, checked in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from app.domain.moderation.screen import screen
from app.domain.offers.models import Offer, OfferText, OfferTier
from app.money import Money

TIERS_MAX = 5
TEXT_MAX = 1000  # characters of one description


class TermsImpossible(Exception):
    """Terms that cannot be. `field` is what is wrong, `code` how: not_positive, below_least, not_after, past,
    too_many, not_rising, not_falling, too_long, claim; `place` counts from 1 where there are several.
    """

    def __init__(self, field: str, code: str, place: int | str = "") -> None:
        super().__init__(f"{field} {place}: {code}")
        self.field = field
        self.code = code
        self.place = place


@dataclass(frozen=True)
class Terms:
    """All that a provider decides. Prices are per tonne, in minor units of the offer's currency."""

    price_minor: int
    min_quantity: int = 1
    max_quantity: int | None = None
    on_sale_from: datetime | None = None
    on_sale_until: datetime | None = None
    tiers: tuple[tuple[int, int], ...] = ()  # from how many units in one order on, and their price
    texts: Mapping[str, str] | None = None  # language → description


def terms_of(offer: Offer) -> Terms:
    """The terms as they are."""
    return Terms(
        offer.price_minor,
        offer.min_quantity,
        offer.max_quantity,
        offer.on_sale_from,
        offer.on_sale_until,
        tuple((tier.from_quantity, tier.price_minor) for tier in offer.tiers),
        {text.language: text.text for text in offer.texts},
    )


def check_terms(terms: Terms) -> None:
    """TermsImpossible unless an offer can have these terms."""
    if terms.price_minor < 1:
        raise TermsImpossible("price", "not_positive")
    if terms.min_quantity < 1:
        raise TermsImpossible("min_quantity", "not_positive")
    if terms.max_quantity is not None and terms.max_quantity < terms.min_quantity:
        raise TermsImpossible("max_quantity", "below_least")
    if terms.on_sale_from and terms.on_sale_until and terms.on_sale_until <= terms.on_sale_from:
        raise TermsImpossible("on_sale_until", "not_after")
    _check_tiers(terms)
    for language, text in (terms.texts or {}).items():
        if len(text) > TEXT_MAX:
            raise TermsImpossible("text", "too_long", language)
        if "claim" in screen(text, language):
            raise TermsImpossible("text", "claim", language)


def _check_tiers(terms: Terms) -> None:
    if len(terms.tiers) > TIERS_MAX:
        raise TermsImpossible("tier", "too_many")
    steps = pairwise([(1, terms.price_minor), *terms.tiers])
    for place, ((fewer, dearer), (more, cheaper)) in enumerate(steps, start=1):
        if more <= fewer:
            raise TermsImpossible("tier", "not_rising", place)
        if cheaper < 1:
            raise TermsImpossible("tier", "not_positive", place)
        if cheaper >= dearer:
            raise TermsImpossible("tier", "not_falling", place)


def put_terms(offer: Offer, terms: Terms) -> None:
    """Give the offer these terms, which have been checked. The caller holds its lock."""
    offer.price_minor = terms.price_minor
    offer.min_quantity, offer.max_quantity = terms.min_quantity, terms.max_quantity
    offer.on_sale_from, offer.on_sale_until = terms.on_sale_from, terms.on_sale_until
    tiers = {tier.from_quantity: tier for tier in offer.tiers}
    for units, price in terms.tiers:
        tier = tiers.setdefault(units, OfferTier(from_quantity=units))
        tier.price_minor = price
    offer.tiers = [tiers[units] for units, _ in terms.tiers]
    texts = {text.language: text for text in offer.texts}
    wanted = {language: text for language, text in (terms.texts or {}).items() if text}
    for language, words in wanted.items():
        text = texts.setdefault(language, OfferText(language=language))
        text.text = words
    offer.texts = [texts[language] for language in sorted(wanted)]


def differences(before: Terms, after: Terms, currency: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the audit trail keeps of a change: the values that differ, as JSON, before and after."""
    old, new = _as_json(before, currency), _as_json(after, currency)
    changed = [name for name in old if old[name] != new[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _as_json(terms: Terms, currency: str) -> dict[str, Any]:
    return {
        "price": str(Money(terms.price_minor, currency)),
        "min_quantity": terms.min_quantity,
        "max_quantity": terms.max_quantity,
        "on_sale_from": terms.on_sale_from.isoformat() if terms.on_sale_from else None,
        "on_sale_until": terms.on_sale_until.isoformat() if terms.on_sale_until else None,
        "tiers": [[units, str(Money(price, currency))] for units, price in terms.tiers],
        "texts": {language: text for language, text in sorted((terms.texts or {}).items()) if text},
    }
