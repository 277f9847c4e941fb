"""What may be sold right now, said once: the catalogue lists by it and an order is placed by it."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer, OfferState
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.people.models import Provider, ProviderState

# Other international mitigation purposes cover voluntary cancellation; NDC and IMP alone do not
# (docs/decisions.md, "What may be sold").
VOLUNTARY_USE = "OP"


def available_units() -> ColumnElement[int]:
    """Units of an offer that can still be ordered: never more than the mandate has left by our last reading."""
    return func.greatest(func.least(Offer.left, Mandate.quantity_remaining - Offer.held), 0)


def is_sellable(now: datetime) -> ColumnElement[bool]:
    """SQL condition over Offer, Mandate, Block, Activity and Provider joined; stock is another question.

    Unknown, revoked or missing authorizations are not sold: the certificate could not say what the
    units are.
    """
    return and_(
        Offer.state == OfferState.PUBLISHED,
        Provider.state == ProviderState.ACTIVE,
        Mandate.status == "active",
        or_(Mandate.expires_at.is_(None), Mandate.expires_at > now),
        Block.status == "active",
        Activity.status == "registered",
        or_(
            and_(
                Block.unit_class == "AER",
                Block.authorization_status == "authorized",
                literal(VOLUNTARY_USE) == func.any(Block.authorization_uses),
            ),
            and_(Block.unit_class == "MCER", Block.authorization_status == "not_authorized"),
        ),
        # Somebody must be able to receive the money, or the buyer finds out at the very end.
        exists().where(
            ProviderPayeeAccount.provider_id == Offer.provider_id,
            ProviderPayeeAccount.state == AccountState.ACTIVE,
            Offer.currency == func.any(ProviderPayeeAccount.currencies),
        ),
    )
