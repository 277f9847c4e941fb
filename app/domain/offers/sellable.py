"""What may be sold right now, said once: the catalogue lists by it and an order is placed by it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer, OfferState
from app.domain.orders.models import Order
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.people.models import Provider, ProviderState

# Other international mitigation purposes cover voluntary cancellation; NDC and IMP alone do not
# (docs/decisions.md, "What may be sold").
VOLUNTARY_USE = "OP"
# So long after the day on which money was to be sent back, a provider's offers are still sold.
SOLD_UNTIL_OVERDUE = timedelta(days=10)


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
        or_(Offer.on_sale_from.is_(None), Offer.on_sale_from <= now),
        or_(Offer.on_sale_until.is_(None), Offer.on_sale_until > now),
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
            ProviderPayeeAccount.tested_at.is_not(None),
            Offer.currency == func.any(ProviderPayeeAccount.currencies),
        ),
        Offer.provider_id.not_in(owing_providers(now)),
    )


def owing_providers(now: datetime) -> Select[UUID]:
    """Ids of providers who owe a buyer money for longer than anybody has to wait: nothing of theirs is sold."""
    return (
        select(Order.provider_id)
        .join(Refund, Refund.order_id == Order.id)
        .where(
            Order.trial.is_(False),  # what it owes itself is no buyer's
            Refund.state.in_([RefundState.BY_HAND, RefundState.FAILED]),
            Refund.due_at < now - SOLD_UNTIL_OVERDUE,
        )
    )
