"""Place the orders of a basket: hold the units, freeze the prices, one order a provider."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.mails.queue_mail import queue_order_mail
from app.domain.moderation.screen_order import screen_order
from app.domain.offers.models import Offer
from app.domain.offers.price_for import price_for
from app.domain.orders.buyer import Buyer, check_buyer
from app.domain.orders.consents import Consents, record_consents
from app.domain.orders.details import Details
from app.domain.orders.hold import hold_units
from app.domain.orders.models import Basket, Order, OrderGroup, OrderLine, OrderState
from app.domain.orders.numbers import new_order_number, new_token
from app.domain.orders.unpaid_orders import check_unpaid
from app.domain.payments.bank.open_transfer import open_transfer
from app.domain.settings.queries import span


class BasketEmpty(Exception):
    """There is nothing to place."""


class QuantityOutOfRange(Exception):
    """A quantity is outside what its offer allows per order."""

    def __init__(self, offer: Offer) -> None:
        super().__init__(
            f"offer {offer.id} takes {offer.min_quantity} to {offer.max_quantity} units an order"
        )
        self.offer = offer


class PriceChanged(Exception):
    """A price is not the one that the buyer read back; the basket page shows the new one."""


@dataclass(frozen=True)
class ReadBack:
    """What the buyer saw and agreed to: the price of a tonne of each offer, in minor units of its currency."""

    prices: dict[UUID, tuple[int, str]]


def place_order(
    session: Session,
    basket_id: UUID,
    details: Details,
    consents: Consents,
    agreed: ReadBack,
    *,
    method: str,
    language: str,
    now: datetime,
    buyer: Buyer | None = None,
) -> OrderGroup:
    """Turn a basket into an order group, all of it or nothing. The caller commits. `buyer` is None for a guest.

    A basket is placed once: a second call returns the first one's group. Raises BasketEmpty,
    QuantityOutOfRange, PriceChanged, NotForOrganisation, TooManyUnpaid, or NotAvailable with what is left.
    """
    basket = session.execute(
        select(Basket)
        .where(Basket.id == basket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if basket.group_id is not None:
        return session.get_one(OrderGroup, basket.group_id)
    if not basket.items:
        raise BasketEmpty
    if buyer is not None:
        check_buyer(session, buyer)
    wanted = {item.offer_id: item.quantity for item in basket.items}
    offers = hold_units(session, wanted, now)
    prices = {offer.id: price_for(offer, wanted[offer.id]) for offer in offers.values()}
    for offer in offers.values():
        if not offer.min_quantity <= wanted[offer.id] <= (offer.max_quantity or wanted[offer.id]):
            raise QuantityOutOfRange(offer)
        if agreed.prices.get(offer.id) != (prices[offer.id].minor, offer.currency):
            raise PriceChanged
    sellers = {(offer.provider_id, offer.currency) for offer in offers.values()}
    check_unpaid(session, details.email, buyer, len(sellers))
    whose = {"person_id": buyer.person_id, "organisation_id": buyer.organisation_id} if buyer else {}
    group = OrderGroup(id=uuid4(), token=new_token(), placed_at=now, **whose)
    session.add(group)
    by_provider: dict[tuple[UUID, str], list[Offer]] = defaultdict(list)
    for item in basket.items:
        offer = offers[item.offer_id]
        by_provider[offer.provider_id, offer.currency].append(offer)
    for (provider_id, currency), lines in by_provider.items():
        order = Order(
            id=uuid4(),
            group=group,
            **whose,
            provider_id=provider_id,
            number=new_order_number(),
            token=new_token(),
            state=OrderState.AWAITING_PAYMENT,
            currency=currency,
            total_minor=sum(prices[offer.id].minor * wanted[offer.id] for offer in lines),
            method=method,
            language=language,
            email=details.email,
            beneficiary_type=details.beneficiary_type,
            beneficiary_name=details.beneficiary_name,
            beneficiary_country=details.beneficiary_country,
            disclosure=details.disclosure,
            purpose=details.purpose,
            reason=details.reason,
            certificate_language=details.certificate_language,
            placed_at=now,
            # For a payment at a gateway; a bank transfer has dates of its own.
            hold_until=now + span(session, "hold_minutes"),
        )
        order.lines = [
            OrderLine(
                id=uuid4(),
                offer_id=offer.id,
                position=position,
                quantity=wanted[offer.id],
                unit_price_minor=prices[offer.id].minor,
            )
            for position, offer in enumerate(lines, start=1)
        ]
        session.add(order)
        session.flush()  # the jobs and the trail below point at the order's row
        screen_order(session, order, now)
        transfer = open_transfer(session, order, now) if method == "bank" else None
        record(
            session,
            Event.ORDER_STEP,
            "order",
            order.id,
            now,
            order_id=order.id,
            actor="buyer",
            person_id=buyer.person_id if buyer else None,
            step="place",
            before="draft",
            after=order.state.value,
            total=str(order.total),
            units=order.quantity,
        )
        defer(session, "expire_order", at=order.hold_until, order_id=order.id)
        queue_order_mail(session, order, "transfer_instructions" if transfer else "order_placed", now)
    record_consents(session, group, consents, language, now)
    basket.group_id = group.id
    return group
