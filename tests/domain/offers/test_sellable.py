"""What may be sold, and each single reason why something is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.sellable import SOLD_UNTIL_OVERDUE, available_units, is_sellable
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.people.models import Provider, ProviderState
from tests.domain.payments.refunds.books import make_refund
from tests.factories import NOW, make_offer, make_order, make_payee_account, make_provider


def on_sale(session: Session, offer: Offer) -> tuple[bool, int]:
    """Is it sellable, and how many units are there by the books?"""
    session.flush()
    sellable, available = session.execute(
        select(is_sellable(NOW), available_units())
        .select_from(Offer)
        .join(Mandate, Offer.mandate_id == Mandate.mandate_id)
        .join(Block, Mandate.block_id == Block.block_id)
        .join(Activity, Block.activity_ref == Activity.activity_ref)
        .join(Provider, Offer.provider_id == Provider.id)
        .where(Offer.id == offer.id)
    ).one()
    return sellable, available


def account(session: Session, offer: Offer) -> ProviderPayeeAccount:
    return session.execute(
        select(ProviderPayeeAccount).where(ProviderPayeeAccount.provider_id == offer.provider_id)
    ).scalar_one()


def put(thing: Callable[[Session, Offer], object], **values: object) -> Callable[[Session, Offer], None]:
    """A change of some attributes of something behind an offer."""

    def change(session: Session, offer: Offer) -> None:
        for name, value in values.items():
            setattr(thing(session, offer), name, value)

    return change


def the_offer(_: Session, offer: Offer) -> Offer:
    return offer


def the_mandate(_: Session, offer: Offer) -> Mandate:
    return offer.mandate


def the_block(_: Session, offer: Offer) -> Block:
    return offer.mandate.block


def the_activity(_: Session, offer: Offer) -> Activity:
    return offer.mandate.block.activity


def the_provider(_: Session, offer: Offer) -> Provider:
    return offer.provider


def an_old_debt(session: Session, offer: Offer) -> None:
    """The provider was to send a buyer's money back more than ten days ago."""
    make_refund(
        session,
        make_order(session, offer),
        state=RefundState.BY_HAND,
        due_at=NOW - SOLD_UNTIL_OVERDUE - timedelta(seconds=1),
    )


REASONS = {
    "money owed for too long": an_old_debt,
    **{f"offer {state}": put(the_offer, state=state) for state in set(OfferState) - {OfferState.PUBLISHED}},
    "not on sale yet": put(the_offer, on_sale_from=NOW + timedelta(seconds=1)),
    "not on sale any more": put(the_offer, on_sale_until=NOW),
    "provider suspended": put(the_provider, state=ProviderState.SUSPENDED),
    **{
        f"mandate {status}": put(the_mandate, status=status)
        for status in ("exhausted", "revoked", "suspended", "expired")
    },
    "mandate ends now": put(the_mandate, expires_at=NOW),
    "mandate has ended": put(the_mandate, expires_at=NOW - timedelta(days=1)),
    "block frozen": put(the_block, status="frozen"),
    "block moved": put(the_block, status="moved"),
    "activity suspended": put(the_activity, status="suspended"),
    "activity deregistered": put(the_activity, status="deregistered"),
    "authorized for NDC": put(the_block, authorization_uses=["NDC"]),
    "authorized for IMP": put(the_block, authorization_uses=["IMP"]),
    "authorized for NDC and IMP": put(the_block, authorization_uses=["NDC", "IMP"]),
    "authorized for nothing": put(the_block, authorization_uses=[]),
    "authorization revoked": put(the_block, authorization_status="revoked"),
    "authorization unknown": put(the_block, authorization_status="unknown"),
    "AER and not authorized": put(the_block, authorization_status="not_authorized"),
    "MCER and authorized": put(the_block, unit_class="MCER"),
    "account degraded": put(account, state=AccountState.DEGRADED),
    "account revoked": put(account, state=AccountState.REVOKED),
    "currency not taken": put(account, currencies=["EUR", "MWK"]),
    "no currency taken": put(account, currencies=[]),
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_one_reason_is_enough_not_to_sell(session: Session, reason: str):
    offer, other = make_offer(session), make_offer(session)
    assert on_sale(session, offer) == (True, 100)
    REASONS[reason](session, offer)
    assert on_sale(session, offer)[0] is False
    assert on_sale(session, other)[0] is True


@pytest.mark.parametrize("status", ["authorized", "revoked", "unknown"])
def test_contribution_units_must_plainly_be_not_authorized(session: Session, status: str):
    offer = make_offer(session, unit_class="MCER", uses=())
    assert on_sale(session, offer)[0] is True
    offer.mandate.block.authorization_status = status
    assert on_sale(session, offer)[0] is False


@pytest.mark.parametrize("uses", [("OP",), ("IMP", "OP"), ("NDC", "IMP", "OP")], ids=str)
def test_other_purposes_are_enough_beside_any_other_use(session: Session, uses: tuple[str, ...]):
    assert on_sale(session, make_offer(session, uses=uses))[0] is True


@pytest.mark.parametrize("ends", [None, NOW + timedelta(seconds=1)])
def test_a_mandate_that_has_not_ended(session: Session, ends):
    offer = make_offer(session)
    offer.mandate.expires_at = ends
    assert on_sale(session, offer)[0] is True


def test_an_offer_is_sold_from_its_first_moment_to_before_its_last(session: Session):
    dates = {"on_sale_from": NOW, "on_sale_until": NOW + timedelta(seconds=1)}
    assert on_sale(session, make_offer(session, **dates))[0] is True


def test_one_account_that_can_take_it_is_enough(session: Session):
    provider = make_provider(session, account=False)
    offer = make_offer(session, provider=provider)
    assert on_sale(session, offer)[0] is False
    make_payee_account(session, provider, currencies=["EUR"])
    make_payee_account(session, provider, state=AccountState.DEGRADED)
    assert on_sale(session, offer)[0] is False
    make_payee_account(session, provider)
    assert on_sale(session, offer)[0] is True


@pytest.mark.parametrize(
    ("quantity", "held", "cancelled", "remaining", "available"),
    [
        (100, 0, 0, 100, 100),
        (100, 30, 20, 80, 50),
        (100, 100, 0, 100, 0),
        (100, 0, 100, 0, 0),
        # Somebody else, or the registry itself, has used the mandate.
        (100, 0, 0, 40, 40),
        (100, 30, 0, 40, 10),
        (100, 30, 0, 20, 0),
        # Our own cancellation is done and the mandate has not been read since.
        (100, 0, 20, 100, 80),
        # An offer of less than its mandate covers.
        (50, 10, 0, 100, 40),
    ],
)
def test_never_more_is_left_than_either_book_says(
    session: Session, quantity: int, held: int, cancelled: int, remaining: int, available: int
):
    offer = make_offer(session, quantity=quantity, held=held, cancelled=cancelled)
    offer.mandate.quantity_remaining = remaining
    assert on_sale(session, offer)[1] == available


def test_stock_is_another_question(session: Session):
    assert on_sale(session, make_offer(session, quantity=10, held=10)) == (True, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"due_at": NOW - SOLD_UNTIL_OVERDUE},
        {"state": RefundState.SENT},
        {"state": RefundState.DONE},
    ],
    ids=str,
)
def test_a_debt_that_is_young_or_settled_stops_nothing(session: Session, fields: dict):
    offer = make_offer(session)
    an_old_debt(session, offer)
    session.flush()
    refund = session.execute(select(Refund)).scalar_one()
    for name, value in fields.items():
        setattr(refund, name, value)
    assert on_sale(session, offer)[0]
    an_old_debt_of_another = make_offer(session)
    refund.state, refund.due_at = RefundState.FAILED, NOW - 2 * SOLD_UNTIL_OVERDUE
    assert on_sale(session, an_old_debt_of_another)[0]
    assert not on_sale(session, offer)[0]
