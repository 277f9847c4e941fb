"""A provider tries out one of its accounts: an order without units, which it pays to itself."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.later import defer
from app.domain.offers.models import Offer, OfferState
from app.domain.orders.models import Order, OrderGroup, OrderState
from app.domain.orders.numbers import new_order_number, new_token
from app.domain.payments.bank.open_transfer import freeze_transfer
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.open_payment import new_attempt
from app.domain.payments.payees.locked import locked_account
from app.domain.payments.trials.queries import latest_trials
from app.domain.people.models import ProviderState
from app.money import Money, exponent

_HOLD = timedelta(minutes=60)  # for a payment at a gateway, as of any order
# A provider that offers nothing yet pays one of the currency; where it has no decimals, a hundred.
_ONE, _HUNDRED = 1, 100


class NotToBeTried(Exception):
    """`code`: provider (it is not approved, or suspended), account (it is not in use)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def open_trial(session: Session, account_id: UUID, person_id: UUID, language: str, now: datetime) -> Order:
    """The trial of an account that waits for its payment, or a new one of the price of one unit. NotToBeTried.

    It has no lines, so there is nothing that it could hold or have cancelled. It names no buyer and no address: it is
    in no buyer's list and no mail goes out. The caller commits, then starts the checkout as of any order.
    """
    account = locked_account(session, account_id)
    provider = account.provider
    if provider.state != ProviderState.ACTIVE:
        raise NotToBeTried("provider")
    if account.state != AccountState.ACTIVE:
        raise NotToBeTried("account")
    known = latest_trials(session, [account.id]).get(account.id)
    if known is not None and known.state == OrderState.AWAITING_PAYMENT and now < known.hold_until:
        return known
    price = _price(session, account)
    order = Order(
        id=uuid4(),
        group=OrderGroup(id=uuid4(), token=new_token(), placed_at=now),
        provider_id=provider.id,
        number=new_order_number(),
        token=new_token(),
        state=OrderState.AWAITING_PAYMENT,
        currency=price.currency,
        total_minor=price.minor,
        method=account.gateway,
        language=language,
        email="",
        beneficiary_type="organisation",
        beneficiary_name=None,
        beneficiary_country=provider.country,
        disclosure="anonymous",
        purpose="other",
        reason=None,
        certificate_language=language,
        placed_at=now,
        hold_until=now + _HOLD,
        trial=True,
    )
    session.add(order)
    session.flush()
    # All of it has to come: what banks on the way keep is seen, not let pass.
    transfer = (
        freeze_transfer(session, order, account, now, tolerance_minor=0)
        if account.gateway == "bank"
        else None
    )
    session.add(new_attempt(session, order, account, transfer, now))
    record(
        session,
        Event.ORDER_STEP,
        "order",
        order.id,
        now,
        order_id=order.id,
        actor="provider",
        person_id=person_id,
        step="place",
        before="draft",
        after=order.state.value,
        total=str(order.total),
        trial=True,
    )
    defer(session, "expire_order", at=order.hold_until, order_id=order.id)
    session.flush()
    return order


def _price(session: Session, account: ProviderPayeeAccount) -> Money:
    """Of one unit that the provider offers in a currency of the account, one that is on sale first."""
    offer = session.scalars(
        select(Offer)
        .where(Offer.provider_id == account.provider_id, Offer.currency.in_(account.currencies))
        .order_by((Offer.state == OfferState.PUBLISHED).desc(), Offer.created_at, Offer.id)
        .limit(1)
    ).first()
    if offer is not None:
        return offer.price
    currency = account.currencies[0]
    return Money.parse(str(_ONE if exponent(currency) else _HUNDRED), currency)
