"""Other units that could take the place of those that the registry refused to cancel."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.price_for import price_at
from app.domain.offers.sellable import available_units, is_sellable
from app.domain.orders.models import Order, OrderLine
from app.domain.people.models import Provider

AT_MOST = 3  # a line


def substitutes_for(session: Session, order: Order, now: datetime) -> dict[UUID, list[Offer]]:
    """Line id → up to three offers, none of them in two lists; empty unless there is something for every line.

    Nothing is held: what is left when the buyer chooses is asked again.
    """
    eligible = {line.id: eligible_offers(session, line, now) for line in order.lines}
    shared: dict[UUID, list[Offer]] = {line.id: [] for line in order.lines}
    given: set[UUID] = set()
    for _ in range(AT_MOST):
        for line in order.lines:
            best = next((offer for offer in eligible[line.id] if offer.id not in given), None)
            if best is not None:
                shared[line.id].append(best)
                given.add(best.id)
    return shared if all(shared.values()) else {}


def eligible_offers(session: Session, line: OrderLine, now: datetime) -> Sequence[Offer]:
    """Offers of the same provider, for the same class of units, that could be had at the line's price or less.

    The buyer has read and agreed to what units of this class allow to be said, so another class is no substitute.
    Whatever the registry has refused for this order, or lies in the same block or account, is not asked for again.
    """
    order = line.order
    refused = session.execute(
        select(Cancellation.mandate_id, Mandate.block_id, Mandate.account_id, Cancellation.problem_code)
        .join(Mandate, Cancellation.mandate_id == Mandate.mandate_id)
        .join(OrderLine, Cancellation.order_line_id == OrderLine.id)
        .where(OrderLine.order_id == order.id, Cancellation.state == CancellationState.REFUSED)
    ).all()
    closed = {account for _, _, account, code in refused if code == "account_suspended"}
    block = line.offer.mandate.block
    price = price_at(line.quantity)
    return session.scalars(
        select(Offer)
        .join(Mandate, Offer.mandate_id == Mandate.mandate_id)
        .join(Block, Mandate.block_id == Block.block_id)
        .join(Activity, Block.activity_ref == Activity.activity_ref)
        .join(Provider, Offer.provider_id == Provider.id)
        .where(
            Offer.provider_id == order.provider_id,
            Offer.currency == order.currency,
            price <= line.unit_price_minor,
            Offer.min_quantity <= line.quantity,
            or_(Offer.max_quantity.is_(None), Offer.max_quantity >= line.quantity),
            available_units() >= line.quantity,
            is_sellable(now),
            Block.unit_class == block.unit_class,
            Offer.id.not_in([each.offer_id for each in order.lines]),
            Block.block_id.not_in([row.block_id for row in refused]),
            Mandate.account_id.not_in(closed),
        )
        # The same project first, then what costs nearest to what was paid.
        .order_by(
            case((Block.activity_ref == block.activity_ref, 0), else_=1),
            price.desc(),
            Offer.id,
        )
    ).all()
