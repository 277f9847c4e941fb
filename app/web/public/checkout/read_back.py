"""What the buyer has read before saying yes, carried by the page itself and signed.

So that whatever changed between reading and saying yes is noticed: prices, quantities, what the
certificate will say, in this window or in another.
"""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.domain.orders.basket_queries import BasketNow
from app.domain.orders.buyer import Buyer
from app.domain.orders.details import Details
from app.domain.orders.place_order import ReadBack


@dataclass(frozen=True)
class Agreed:
    """One page as it was read. `rest` stands for all that is no price."""

    basket_id: UUID
    prices: ReadBack
    rest: str


def agreed(
    basket_id: UUID, basket: BasketNow, details: Details, method: str, buyer: Buyer | None, terms: str
) -> Agreed:
    """What a page shows that is made of these; `terms` is the version of the texts."""
    rest = {
        "quantities": sorted((str(line.offer.id), line.quantity) for line in basket.lines),
        "details": details.as_json(),
        "method": method,
        "terms": terms,
        # Who signs in or out between reading and saying yes reads once more for whom they buy.
        "buyer": [str(buyer.person_id), str(buyer.organisation_id)] if buyer else None,
    }
    return Agreed(
        basket_id,
        ReadBack({line.offer.id: (line.price.minor, line.price.currency) for line in basket.lines}),
        hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest(),
    )


def seal(page: Agreed) -> str:
    """For the page's hidden field."""
    prices = {str(offer_id): list(price) for offer_id, price in page.prices.prices.items()}
    return str(_serializer().dumps([str(page.basket_id), prices, page.rest]))


def unseal(text: str) -> Agreed | None:
    """What a hidden field says; None if it is not ours."""
    try:
        basket_id, prices, rest = _serializer().loads(text)
    except BadSignature:
        return None
    return Agreed(
        UUID(basket_id),
        ReadBack({UUID(offer_id): (minor, currency) for offer_id, (minor, currency) in prices.items()}),
        rest,
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SETTINGS"].secret_key, salt="read back")
