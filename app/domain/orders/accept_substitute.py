"""The buyer takes other units instead of those that the registry refused, at the price that was paid."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.cancellations.open_cancellations import open_cancellations
from app.domain.orders.hold import hold_units
from app.domain.orders.models import Order, OrderState
from app.domain.orders.substitutes import eligible_offers
from app.domain.payments.bank.queries import tolerated_shortfall
from app.domain.payments.queries import net_paid


class NotChoosing(Exception):
    """The order does not wait for this choice (any more), or its money is not there."""


class ChoiceRefused(Exception):
    """The choice does not name one offer that can be had for each line, each of them once."""


def accept_substitute(
    session: Session, order: Order, chosen: Mapping[UUID, UUID], now: datetime, *, actor: str = "buyer"
) -> None:
    """Move every line to the offer chosen for it (line id → offer id) and have those units cancelled.

    The frozen price stays. Each line gets a cancellation of its own id: the refused one is never sent again. The
    caller holds the order's lock, and commits. Raises NotChoosing, ChoiceRefused, NotAvailable.
    """
    if order.state != OrderState.FULFILMENT_FAILED or order.answer_by is None or order.answer_by <= now:
        raise NotChoosing(order.state.value)
    if order.total_minor - net_paid(session, order) > tolerated_shortfall(session, order.id):
        raise NotChoosing("the money is not there")
    if set(chosen) != {line.id for line in order.lines} or len(set(chosen.values())) != len(chosen):
        raise ChoiceRefused
    for line in order.lines:
        if chosen[line.id] not in {offer.id for offer in eligible_offers(session, line, now)}:
            raise ChoiceRefused(chosen[line.id])
    offers = hold_units(session, {chosen[line.id]: line.quantity for line in order.lines}, now)
    for line in order.lines:
        before, after = line.offer, offers[chosen[line.id]]
        line.offer = after
        record(
            session,
            Event.LINE_SUBSTITUTED,
            "order",
            order.id,
            now,
            order_id=order.id,
            actor=actor,
            line=str(line.id),
            before={"offer": str(before.id), "mandate": before.mandate_id},
            after={"offer": str(after.id), "mandate": after.mandate_id},
            unit_price=str(line.price),
        )
    order.answer_by = None
    session.flush()
    open_cancellations(session, order, "substitute", now, actor=actor)
