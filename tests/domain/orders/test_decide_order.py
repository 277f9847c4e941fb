"""An administrator decides about an order for which there is no rule, says why, and can do no more than is safe."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.cancellations.queries import cancellations_of
from app.domain.orders.attention import orders_for_a_person
from app.domain.orders.decide_order import Act, NotAllowed, allowed_acts, decide_order
from app.domain.orders.flag_order import flag_order
from app.domain.orders.hold import NotAvailable
from app.domain.orders.models import Order, OrderState
from app.domain.payments.begin_release import begin_release, release_due
from app.domain.payments.models import Payment, ReleaseRule
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.people.reasons import ReasonMissing
from app.integrations.gateways.interface import PayState
from app.money import Money
from tests.domain.orders.test_substitutes import refuse_all
from tests.domain.payments.attempts import SOON, make_payment, receipt, snapshot
from tests.domain.people.samples import make_buyer
from tests.factories import make_offer, make_order, make_orders
from tests.traces import jobs, mails, steps, trail

LATER = SOON + timedelta(days=1)


def mismatched(session: Session, *, captured: bool) -> Payment:
    """Paid to somebody else, as the gateway says it."""
    payment = make_payment(session)
    state = PayState.CAPTURED if captured else PayState.AUTHORIZED
    record_snapshot(session, payment.id, snapshot(payment, state, payee="SOMEBODYELSE"), SOON)
    session.flush()
    return payment


def decide(session: Session, order: Order, act: Act, reason: str = "Asked the seller.") -> None:
    decide_order(session, order, act, reason, make_buyer(session).id, LATER)
    session.flush()


def test_an_order_whose_money_is_there_goes_on(session: Session):
    payment = mismatched(session, captured=True)
    order, offer = payment.order, payment.order.lines[0].offer
    assert order.id in {each.id for each in orders_for_a_person(session, LATER)}
    assert allowed_acts(session, order, LATER) == set(Act)
    decide(session, order, Act.CLEAR)
    session.refresh(offer)
    assert (order.state, order.paid_at, offer.held) == (OrderState.PAID, LATER, 25)
    [*_, row] = trail(session, order.id)
    assert (row.actor, row.payload["step"], row.payload["note"]) == (
        "administrator",
        "clear",
        "Asked the seller.",
    )
    assert row.actor_person_id
    assert len(mails(session, "order_cleared")) == 1
    assert cancellations_of(session, order.id) == [], "the gateway is asked once more"
    assert release_due(session, order.id, LATER) == [payment]
    # It still says what it said: somebody has looked at that.
    said = snapshot(payment, PayState.CAPTURED, payee="SOMEBODYELSE")
    record_snapshot(session, payment.id, said, LATER)
    begin_release(session, order.id, {payment.id: said}, LATER)
    session.flush()
    assert order.state == OrderState.CANCELLING
    assert allowed_acts(session, order, LATER) == frozenset()


def test_an_order_without_its_money_waits_for_it_again(session: Session):
    order = mismatched(session, captured=False).order
    decide(session, order, Act.CLEAR)
    assert order.state == OrderState.AWAITING_PAYMENT
    assert order.hold_until > LATER
    assert {"order_id": str(order.id)} in jobs(session, "expire_order")
    assert len(mails(session, "order_cleared")) == 1


def test_units_that_are_gone_cannot_be_held_again(session: Session):
    order = mismatched(session, captured=True).order
    order.lines[0].offer.held = 80
    session.flush()
    with pytest.raises(NotAvailable):
        decide(session, order, Act.CLEAR)


@pytest.mark.parametrize(
    "entries,state,told",
    [
        ([], OrderState.WITHDRAWN, "order_rejected"),
        (["receipt"], OrderState.REFUND_DUE, "refund_due"),
        (["receipt", "refund"], OrderState.REFUNDED, "refunded"),
    ],
)
def test_an_order_that_ends_gives_back_what_there_is(
    session: Session, entries: list[str], state: OrderState, told: str
):
    payment = mismatched(session, captured=bool(entries))
    order, offer = payment.order, payment.order.lines[0].offer
    moved = [receipt(payment, kind=kind, external_id=kind) for kind in entries]
    if moved:
        said = snapshot(payment, PayState.CAPTURED, receipt(payment), *moved[1:], payee="SOMEBODYELSE")
        record_snapshot(session, payment.id, said, SOON)
    decide(session, order, Act.REJECT)
    session.refresh(offer)
    assert (order.state, offer.held) == (state, 0)
    assert len(mails(session, told)) == 1
    assert len(jobs(session, "refund")) == (state == OrderState.REFUND_DUE)
    assert cancellations_of(session, order.id) == []


def test_money_in_another_currency_goes_back_too(session: Session):
    payment = make_payment(session)
    odd = receipt(payment, amount=Money(payment.amount_minor, "EUR"))
    said = snapshot(payment, PayState.CAPTURED, odd)
    record_snapshot(session, payment.id, said, SOON)
    session.flush()
    decide(session, payment.order, Act.REJECT)
    assert payment.order.state == OrderState.REFUND_DUE


def _partly_refused(session: Session) -> Order:
    first = make_offer(session)
    [order] = make_orders(session, {first: 25, make_offer(session, provider=first.provider): 5}).orders
    payment = make_payment(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    flag_order(session, order, "partly_refused", SOON)
    return order


def _refund_refused(session: Session) -> Order:
    order = make_order(session)
    payment = make_payment(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    refuse_all(session, order)
    flag_order(session, order, "refund_refused:refund_failed", SOON)
    return order


@pytest.mark.parametrize(
    "make,acts",
    [(_partly_refused, set()), (_refund_refused, {Act.REJECT}), (make_order, set())],
    ids=["the registry was asked", "the buyer was promised money", "nothing is wrong"],
)
def test_what_is_not_safe_is_not_allowed(session: Session, make: Callable[[Session], Order], acts: set[Act]):
    order = make(session)
    assert allowed_acts(session, order, LATER) == acts
    for act in set(Act) - acts:
        before = order.state
        with pytest.raises(NotAllowed):
            decide(session, order, act)
        assert order.state == before
    for act in acts:
        decide(session, order, act)
        assert order.state == OrderState.REFUND_DUE


@pytest.mark.parametrize("act", Act)
def test_a_review_that_the_provider_forgot_is_decided_for_it(session: Session, act: Act):
    payment = make_payment(session, release_rule=ReleaseRule.REVIEW, release_hours=24)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    order = payment.order
    assert allowed_acts(session, order, LATER - timedelta(seconds=1)) == frozenset()
    assert order not in orders_for_a_person(session, LATER - timedelta(seconds=1))
    assert order in orders_for_a_person(session, LATER)
    decide(session, order, act)
    rows = [row for row in trail(session, order.id) if row.actor == "administrator"]
    assert [row.payload["note"] for row in rows] == ["Asked the seller."]
    if act is Act.CLEAR:
        assert release_due(session, order.id, LATER) == [payment]
    else:
        assert steps(session, order.id)[-1] == "refuse"
    assert order not in orders_for_a_person(session, LATER)


def test_nothing_is_decided_without_a_reason(session: Session):
    order = mismatched(session, captured=True).order
    with pytest.raises(ReasonMissing):
        decide(session, order, Act.CLEAR, "  ")
    assert order.state == OrderState.NEEDS_ATTENTION
