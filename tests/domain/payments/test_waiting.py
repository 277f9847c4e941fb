"""A paid order waits as the terms of its payment say, and begins to be cancelled once, if the money is still there."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.cancellations.queries import cancellations_of
from app.domain.orders.models import Order, OrderState
from app.domain.orders.queries import orders_to_release
from app.domain.orders.release_order import NotWaiting, refuse_order, release_order
from app.domain.payments.begin_release import LOOK_AGAIN, begin_release, release_due
from app.domain.payments.disputes import disputed_amount, disputed_orders
from app.domain.payments.lose_payment import TO_PAY_THE_REST
from app.domain.payments.models import Payment, PaymentState, ReleaseRule
from app.domain.payments.open_payment import open_payment
from app.domain.payments.record_snapshot import record_snapshot
from app.integrations.gateways.interface import PayState, Snapshot
from app.money import Money
from tests.domain.payments.attempts import SOON, make_payment, receipt, refund, snapshot
from tests.domain.people.samples import make_buyer
from tests.traces import forget_jobs, jobs, mails, payloads, steps, timed_jobs, trail

HOURS = 48
OVER = SOON + timedelta(hours=HOURS)
HALF = SOON + timedelta(hours=HOURS // 2)


def paid(session: Session, rule: ReleaseRule = ReleaseRule.DELAY, order: Order | None = None) -> Payment:
    """A payment whose money has come, for an order that waits."""
    payment = make_payment(session, order, release_rule=rule, release_hours=HOURS)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    return payment


def begin(session: Session, payment: Payment, at: datetime, said: Snapshot | None = None) -> None:
    """What the shell does with what the gateway says."""
    said = said or snapshot(payment, PayState.CAPTURED)
    record_snapshot(session, payment.id, said, at)
    begin_release(session, payment.order_id, {payment.id: said}, at)
    session.flush()


def dispute(payment: Payment, **fields: Any) -> Any:
    return receipt(payment, **{"kind": "chargeback", "external_id": "DISPUTE-1"} | fields)


def test_at_once_nothing_lies_between(session: Session):
    order = paid(session, ReleaseRule.AT_ONCE).order
    assert (order.state, order.release_at) == (OrderState.CANCELLING, None)
    assert steps(session, order.id) == ["place", "pay", "begin_cancel"]


def test_a_delay_is_waited_for(session: Session):
    payment = paid(session)
    order = payment.order
    assert (order.state, order.release_at, order.paid_at) == (OrderState.PAID, OVER, SOON)
    assert timed_jobs(session, "release_order") == [({"order_id": str(order.id)}, OVER)]
    assert len(mails(session, "release_waits")) == 1
    assert cancellations_of(session, order.id) == []
    assert order.lines[0].offer.held == 25, "the units stay held"
    just_before = OVER - timedelta(seconds=1)
    assert release_due(session, order.id, just_before) is None
    begin(session, payment, just_before)
    assert cancellations_of(session, order.id) == []
    assert release_due(session, order.id, OVER) == [payment]
    begin(session, payment, OVER)
    begin(session, payment, OVER)
    assert (order.state, order.release_at) == (OrderState.CANCELLING, None)
    assert len(cancellations_of(session, order.id)) == 1
    assert len(jobs(session, "request_cancellation")) == 1


def test_a_review_waits_for_somebody_however_long_it_takes(session: Session):
    payment = paid(session, ReleaseRule.REVIEW)
    order = payment.order
    assert [at for _, at in timed_jobs(session, "release_order")] == [OVER, HALF]
    assert stages(session) == ["asked"]
    for at, told, buyers in (
        (HALF - timedelta(seconds=1), ["asked"], 0),
        (HALF, ["asked", "half"], 0),
        (HALF, ["asked", "half"], 0),
        (OVER, ["asked", "half", "over"], 1),
        (OVER + timedelta(days=30), ["asked", "half", "over"], 1),
    ):
        assert release_due(session, order.id, at) is None
        begin(session, payment, at)
        assert (stages(session), len(mails(session, "review_overdue"))) == (told, buyers)
    assert order.state == OrderState.PAID
    assert cancellations_of(session, order.id) == []


def stages(session: Session) -> list[str]:
    return [mail.context["stage"] for mail in mails(session, "review_due")]


@pytest.mark.parametrize("rule", [ReleaseRule.DELAY, ReleaseRule.REVIEW])
def test_a_person_of_the_provider_ends_the_wait(session: Session, rule: ReleaseRule):
    payment, person = paid(session, rule), make_buyer(session)
    order = payment.order
    forget_jobs(session)
    release_order(session, order, person.id, SOON, actor="provider")
    assert timed_jobs(session, "release_order") == [({"order_id": str(order.id)}, None)]
    assert cancellations_of(session, order.id) == [], "the gateway is asked first"
    [row] = [row for row in trail(session, order.id) if row.event == "order.released"]
    assert (row.actor, row.actor_person_id) == ("provider", person.id)
    with pytest.raises(NotWaiting):
        release_order(session, order, person.id, SOON, actor="provider")
    with pytest.raises(NotWaiting):
        refuse_order(session, order, person.id, SOON, actor="provider")
    assert release_due(session, order.id, SOON) == [payment]
    begin(session, payment, SOON)
    assert order.state == OrderState.CANCELLING
    *_, last = trail(session, order.id)
    assert (last.payload["step"], last.actor_person_id) == ("begin_cancel", person.id)


def test_a_provider_that_refuses_gives_the_money_back(session: Session):
    payment, person = paid(session, ReleaseRule.REVIEW), make_buyer(session)
    order, offer = payment.order, payment.order.lines[0].offer
    refuse_order(session, order, person.id, SOON, actor="provider")
    session.flush()
    session.refresh(offer)
    assert (order.state, order.state_reason, offer.held) == (OrderState.REFUND_DUE, "seller_refused", 0)
    assert len(jobs(session, "refund")) == 1
    assert len(mails(session, "refund_due")) == 1
    begin(session, payment, OVER)
    assert cancellations_of(session, order.id) == []
    with pytest.raises(NotWaiting):
        release_order(session, order, person.id, OVER, actor="provider")


@pytest.mark.parametrize("kind", ["refund", "chargeback"])
def test_money_that_has_left_again_takes_the_order_with_it(session: Session, kind: str):
    payment = paid(session)
    order, offer = payment.order, payment.order.lines[0].offer
    gone = receipt(payment, kind=kind, external_id="GONE-1")
    begin(session, payment, OVER, snapshot(payment, PayState.CAPTURED, receipt(payment), gone))
    session.refresh(offer)
    assert (order.state, order.state_reason, order.paid_at) == (OrderState.WITHDRAWN, "payment_lost", None)
    assert offer.held == 0
    assert cancellations_of(session, order.id) == []
    assert len(mails(session, "payment_lost")) == 1
    assert len(mails(session, "payment_disputed")) == (kind == "chargeback")


def test_a_dispute_that_is_won_brings_the_order_back(session: Session):
    payment = paid(session)
    lost = (receipt(payment), dispute(payment))
    begin(session, payment, HALF, snapshot(payment, PayState.CAPTURED, *lost))
    assert payment.order.state == OrderState.WITHDRAWN
    won = dispute(payment, kind="chargeback_won")
    begin(session, payment, OVER, snapshot(payment, PayState.CAPTURED, *lost, won))
    assert (payment.order.state, payment.order.release_at) == (
        OrderState.PAID,
        OVER + timedelta(hours=HOURS),
    )


def test_when_a_part_has_left_the_rest_is_asked_for(session: Session):
    payment = paid(session)
    order, offer = payment.order, payment.order.lines[0].offer
    part = refund(payment, amount=Money(1_000, order.currency))
    begin(session, payment, HALF, snapshot(payment, PayState.CAPTURED, receipt(payment), part))
    session.refresh(offer)
    assert (order.state, order.paid_at, offer.held) == (OrderState.AWAITING_PAYMENT, None, 25)
    assert order.hold_until == HALF + TO_PAY_THE_REST
    assert len(mails(session, "payment_part_lost")) == 1
    rest = open_payment(session, order.id, HALF)
    session.flush()
    assert rest.amount == Money(1_000, order.currency)
    session.refresh(rest)
    rest.state, rest.external_id = PaymentState.STARTED, "CHECKOUT-2"
    record_snapshot(
        session, rest.id, snapshot(rest, PayState.CAPTURED, receipt(rest, 2)), HALF + timedelta(hours=1)
    )
    session.flush()
    assert order.state == OrderState.PAID, "the terms of the payment that stayed still hold"


@pytest.mark.parametrize(
    "state,expected",
    [
        (PayState.FAILED, OrderState.NEEDS_ATTENTION),
        (PayState.EXPIRED, OrderState.NEEDS_ATTENTION),
        (PayState.PENDING, OrderState.PAID),
    ],
)
def test_only_a_payment_that_is_still_captured_begins_anything(
    session: Session, state: PayState, expected: OrderState
):
    payment = paid(session)
    forget_jobs(session)
    begin(session, payment, OVER, snapshot(payment, state))
    assert payment.order.state == expected
    assert cancellations_of(session, payment.order_id) == []
    looks = [at for _, at in timed_jobs(session, "release_order")]
    assert looks == ([OVER + LOOK_AGAIN] if state is PayState.PENDING else [])


def test_a_payment_that_has_become_another_is_for_a_person(session: Session):
    payment = paid(session)
    begin(session, payment, OVER, snapshot(payment, PayState.CAPTURED, payee="SOMEBODYELSE"))
    order = payment.order
    assert (order.state, order.state_reason) == (OrderState.NEEDS_ATTENTION, "payment_mismatch")
    assert cancellations_of(session, order.id) == []


def test_the_strictest_terms_of_the_money_that_came_hold(session: Session):
    first = make_payment(session, state=PaymentState.FAILED, release_rule=ReleaseRule.REVIEW, release_hours=9)
    second = paid(session, ReleaseRule.DELAY, first.order)
    assert second.order.release_at == OVER, "nothing came by the first"


def test_the_sweeper_finds_what_nobody_looks_after(session: Session):
    delayed, reviewed = paid(session), paid(session, ReleaseRule.REVIEW)
    assert orders_to_release(session, OVER) == []
    later = OVER + timedelta(hours=1)
    assert set(orders_to_release(session, later)) == {delayed.order_id, reviewed.order_id}
    release_due(session, reviewed.order_id, later)
    session.flush()
    assert orders_to_release(session, later) == [delayed.order_id], "the buyer of the other has been told"
    release_order(session, reviewed.order, make_buyer(session).id, later, actor="provider")
    session.flush()
    assert set(orders_to_release(session, later)) == {delayed.order_id, reviewed.order_id}


def test_after_cancellation_began_nothing_happens_by_itself(session: Session):
    payment = paid(session, ReleaseRule.AT_ONCE)
    order = payment.order
    lost = snapshot(payment, PayState.CAPTURED, receipt(payment), dispute(payment))
    for _ in range(2):
        record_snapshot(session, payment.id, lost, OVER)
        session.flush()
        assert order.state == OrderState.CANCELLING
        assert disputed_amount(session, order) == order.total_minor
        assert order.id in disputed_orders(session, 10)
        assert [mail.to for mail in mails(session, "payment_disputed")] == [order.provider.contact_email]
    won = dispute(payment, kind="chargeback_won")
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED, *lost.entries, won), OVER)
    session.flush()
    assert disputed_amount(session, order) == 0
    assert order.id not in disputed_orders(session, 10)
    assert payloads(session, order.id, "order.step")[-1]["step"] == "begin_cancel"
