"""Units that the registry refused are replaced by others of the provider, if the buyer wants, once and at the old price."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.cancellations.open_cancellations import open_cancellations
from app.domain.cancellations.queries import cancellations_of
from app.domain.cancellations.record_receipt import record_refusal
from app.domain.offers.models import Offer, OfferState
from app.domain.orders.accept_substitute import ChoiceRefused, NotChoosing, accept_substitute
from app.domain.orders.give_back import give_back_unanswered
from app.domain.orders.hold import NotAvailable
from app.domain.orders.models import Order, OrderState
from app.domain.orders.queries import orders_past_their_choice
from app.domain.orders.substitutes import substitutes_for
from app.domain.payments.record_snapshot import record_snapshot
from app.integrations.gateways.interface import PayState
from tests.domain.payments.attempts import SOON, make_payment, receipt, refund, snapshot
from tests.factories import make_mandate, make_offer, make_order, make_orders
from tests.traces import jobs, mails, payloads, steps, timed_jobs

ANSWER_WITHIN = timedelta(days=14)  # as long as no administrator has said otherwise

LATER = SOON + timedelta(hours=1)


def refused(session: Session, order: Order, code: str = "mandate_revoked") -> Order:
    """Paid, and the registry would not cancel any of it."""
    payment = make_payment(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    refuse_all(session, order, code)
    return order


def refuse_all(session: Session, order: Order, code: str = "mandate_revoked") -> None:
    for cancellation in cancellations_of(session, order.id):
        record_refusal(session, cancellation.id, code, "", SOON)
    session.flush()


def others(session: Session, order: Order, count: int = 1, **fields: Any) -> list[Offer]:
    """Further offers of the order's provider."""
    return [make_offer(session, **{"provider": order.provider, **fields}) for _ in range(count)]


def choice(order: Order, *offers: Offer) -> dict[UUID, UUID]:
    return {line.id: offer.id for line, offer in zip(order.lines, offers, strict=True)}


def test_without_other_units_the_money_goes_back_at_once(session: Session):
    order = refused(session, make_order(session))
    assert (order.state, order.state_reason) == (OrderState.REFUND_DUE, "mandate_revoked")
    assert len(jobs(session, "refund")) == 1


def test_with_other_units_the_buyer_is_asked(session: Session):
    order = make_order(session)
    [other] = others(session, order)
    refused(session, order)
    assert (order.state, order.state_reason) == (OrderState.FULFILMENT_FAILED, "mandate_revoked")
    assert order.answer_by == SOON + ANSWER_WITHIN
    assert timed_jobs(session, "end_choice") == [({"order_id": str(order.id)}, order.answer_by)]
    assert len(mails(session, "fulfilment_failed")) == 1
    assert jobs(session, "refund") == []
    assert substitutes_for(session, order, SOON) == {order.lines[0].id: [other]}
    for offer in (order.lines[0].offer, other):
        session.refresh(offer)
        assert offer.held == 0, "nothing is held while the buyer thinks"


@pytest.mark.parametrize(
    "fields",
    [
        {"price": "11.21"},
        {"currency": "EUR"},
        {"quantity": 24},
        {"min_quantity": 26},
        {"max_quantity": 24},
        {"unit_class": "MCER", "uses": ()},
        {"uses": ("NDC",)},
        {"state": OfferState.PAUSED},
        {"held": 80},
        {"provider": None},
    ],
    ids=str,
)
def test_what_does_not_fit_is_not_offered(session: Session, fields: dict[str, Any]):
    order = make_order(session)
    others(session, order, **fields)
    refused(session, order)
    assert order.state == OrderState.REFUND_DUE


@pytest.mark.parametrize("code,offered", [("block_not_available", True), ("account_suspended", False)])
def test_what_was_refused_is_not_asked_for_again(session: Session, code: str, offered: bool):
    order = make_order(session)
    block = order.lines[0].offer.mandate.block_id
    others(
        session, order, mandate=make_mandate(session, order.provider, block={"block_id": block}, quantity=100)
    )
    [elsewhere] = others(session, order)
    assert elsewhere.mandate.account_id == order.lines[0].offer.mandate.account_id
    refused(session, order, code)
    found = substitutes_for(session, order, SOON)
    assert found == ({order.lines[0].id: [elsewhere]} if offered else {})


def test_up_to_three_are_offered_the_nearest_price_first(session: Session):
    order = make_order(session)
    for price in ("9.00", "11.00", "10.00", "11.20"):
        others(session, order, price=price)
    refused(session, order)
    [found] = substitutes_for(session, order, SOON).values()
    assert [str(offer.price.amount) for offer in found] == ["11.20", "11.00", "10.00"]


def test_every_line_needs_one_and_none_is_offered_twice(session: Session):
    first = make_offer(session)
    second = make_offer(session, provider=first.provider)
    [order] = make_orders(session, {first: 25, second: 10}).orders
    a, b = others(session, order, 2)
    refused(session, order)
    found = substitutes_for(session, order, SOON)
    assert sorted(offer.id for offers in found.values() for offer in offers) == sorted([a.id, b.id])
    a.state = OfferState.PAUSED
    session.flush()
    assert substitutes_for(session, order, SOON) == {}


def test_other_units_are_cancelled_under_an_id_of_their_own(session: Session):
    order = make_order(session)
    [other] = others(session, order, price="10.00")
    refused(session, order)
    before = order.lines[0].offer
    [old] = cancellations_of(session, order.id)
    accept_substitute(session, order, choice(order, other), LATER)
    session.flush()
    [line] = order.lines
    assert (order.state, order.answer_by, order.state_reason) == (OrderState.CANCELLING, None, None)
    assert (line.offer_id, str(line.price.amount)) == (other.id, "11.20"), "the price stays as it was paid"
    [new] = cancellations_of(session, order.id)
    assert (new.id != old.id, new.mandate_id, new.quantity) == (True, other.mandate_id, 25)
    assert old.state == CancellationState.REFUSED
    assert jobs(session, "request_cancellation")[-1] == {"cancellation_id": str(new.id)}
    for offer, held in ((before, 0), (other, 25)):
        session.refresh(offer)
        assert offer.held == held
    [told] = payloads(session, order.id, "order.line_substituted")
    assert told["before"] == {"offer": str(before.id), "mandate": before.mandate_id}
    assert told["after"] == {"offer": str(other.id), "mandate": other.mandate_id}
    assert steps(session, order.id)[-2:] == ["fail_fulfilment", "substitute"]


def test_nothing_is_chosen_twice(session: Session):
    order = make_order(session)
    first, second = others(session, order, 2)
    refused(session, order)
    accept_substitute(session, order, choice(order, first), LATER)
    session.flush()
    with pytest.raises(NotChoosing):
        accept_substitute(session, order, choice(order, second), LATER)
    assert len(session.query(Cancellation).filter_by(order_line_id=order.lines[0].id).all()) == 2


def test_the_database_itself_allows_one_that_is_not_refused(session: Session):
    order = make_order(session)
    payment = make_payment(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    order.state = OrderState.PAID
    open_cancellations(session, order, "begin_cancel", SOON)
    with pytest.raises(IntegrityError, match="uq_cancellation_line"):
        session.flush()


def test_what_is_chosen_instead_can_be_refused_too(session: Session):
    order = make_order(session)
    first, second = others(session, order, 2)
    refused(session, order)
    accept_substitute(session, order, choice(order, first), LATER)
    session.flush()
    refuse_all(session, order)
    assert order.state == OrderState.FULFILMENT_FAILED
    assert substitutes_for(session, order, LATER) == {order.lines[0].id: [second]}
    accept_substitute(session, order, choice(order, second), LATER)
    session.flush()
    refuse_all(session, order)
    assert order.state == OrderState.REFUND_DUE


@pytest.mark.parametrize("what", ["nothing", "stranger", "twice", "own"])
def test_a_choice_names_one_fitting_offer_for_each_line(session: Session, what: str):
    first = make_offer(session)
    second = make_offer(session, provider=first.provider)
    [order] = make_orders(session, {first: 25, second: 10}).orders
    a, b = others(session, order, 2)
    refused(session, order)
    chosen = {
        "nothing": {},
        "stranger": choice(order, a, make_offer(session)),
        "twice": choice(order, a, a),
        "own": choice(order, a, second),
    }[what]
    with pytest.raises(ChoiceRefused):
        accept_substitute(session, order, chosen, LATER)
    assert order.state == OrderState.FULFILMENT_FAILED
    accept_substitute(session, order, choice(order, a, b), LATER)
    assert order.state == OrderState.CANCELLING


def test_units_that_others_have_bought_meanwhile_cannot_be_chosen(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    order = make_order(session)
    [other] = others(session, order)
    refused(session, order)
    # Somebody buys between the look and the lock.
    monkeypatch.setattr("app.domain.orders.accept_substitute.eligible_offers", lambda *_: [other])
    other.held = 80
    session.flush()
    with pytest.raises(NotAvailable):
        accept_substitute(session, order, choice(order, other), LATER)


def test_who_says_nothing_gets_the_money_back(session: Session):
    order = make_order(session)
    [other] = others(session, order)
    refused(session, order)
    end = SOON + ANSWER_WITHIN
    give_back_unanswered(session, order.id, end - timedelta(seconds=1))
    assert order.state == OrderState.FULFILMENT_FAILED
    assert order.id in orders_past_their_choice(session, end + timedelta(hours=1))
    with pytest.raises(NotChoosing):
        accept_substitute(session, order, choice(order, other), end)
    give_back_unanswered(session, order.id, end)
    give_back_unanswered(session, order.id, end)
    session.flush()
    assert (order.state, order.state_reason) == (OrderState.REFUND_DUE, "mandate_revoked")
    assert len(jobs(session, "refund")) == 1


def test_money_that_leaves_meanwhile_ends_the_choice(session: Session):
    order = make_order(session)
    [other] = others(session, order)
    payment = make_payment(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    session.flush()
    refuse_all(session, order)
    part = refund(payment, amount=order.lines[0].price)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED, receipt(payment), part), LATER)
    session.flush()
    assert order.state == OrderState.FULFILMENT_FAILED
    with pytest.raises(NotChoosing):
        accept_substitute(session, order, choice(order, other), LATER)
    rest = refund(payment, 2, amount=order.lines[0].price * 24)
    record_snapshot(
        session, payment.id, snapshot(payment, PayState.CAPTURED, receipt(payment), part, rest), LATER
    )
    session.flush()
    assert order.state == OrderState.REFUNDED
