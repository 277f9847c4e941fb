"""The money is taken only for units that the registry would cancel now, and it is decided once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.models import OrderState
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.ask_capture import (
    PreflightRefused,
    ask_capture,
    check_preflight,
    refuse_capture,
    waited_too_long,
)
from app.domain.payments.models import Payment, PaymentState
from app.domain.states import IllegalStep
from app.integrations.registry.fake_samples import sample_mandate
from app.integrations.registry.interface import Mandate
from tests.domain.payments.attempts import SOON, TOO_LATE, make_payment
from tests.factories import NOW, make_offer, make_orders, make_provider
from tests.traces import books, mails


@pytest.fixture
def approved(session: Session) -> Payment:
    return make_payment(session, state=PaymentState.AUTHORIZED)


def mandate(remaining: int = 25, **block: str) -> Mandate:
    made = sample_mandate(
        1, 100, (1001, 1100), NOW, activity_ref="A6.4-MW-001042", unit_class="AER", uses=("OP",), vintage=2025
    )
    return replace(made, quantity_remaining=remaining, block=replace(made.block, **block))


# The registry's readiness.


def test_a_mandate_with_just_enough_left_is_enough(approved: Payment):
    check_preflight(approved.order, {approved.order.lines[0].offer.mandate_id: mandate(25)})


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (mandate(24), "insufficient_units"),
        (mandate(status="frozen"), "block_not_available"),
        (mandate(status="moved"), "block_not_available"),
        (replace(mandate(), status="exhausted"), "mandate_exhausted"),
        (replace(mandate(), status="revoked"), "mandate_revoked"),
        (replace(mandate(), status="suspended"), "mandate_suspended"),
        (replace(mandate(), status="expired"), "mandate_expired"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_registry_would_refuse_is_refused_before(approved: Payment, now: Mandate, code: str):
    with pytest.raises(PreflightRefused) as refused:
        check_preflight(approved.order, {approved.order.lines[0].offer.mandate_id: now})
    assert refused.value.code == code


def test_every_line_is_checked(session: Session):
    provider = make_provider(session)
    offers = [make_offer(session, provider=provider) for _ in range(2)]
    (order,) = make_orders(session, {offers[0]: 25, offers[1]: 26}).orders
    with pytest.raises(PreflightRefused):
        check_preflight(order, {offer.mandate_id: mandate(25) for offer in offers})


# The decision.


def test_the_capture_is_decided_once(session: Session, approved: Payment):
    assert ask_capture(session, approved.id, SOON) is True
    assert approved.capture_asked_at == SOON
    assert ask_capture(session, approved.id, TOO_LATE) is True, "the same capture may be asked for again"
    assert approved.capture_asked_at == SOON


@pytest.mark.parametrize("state", sorted(set(PaymentState) - {PaymentState.AUTHORIZED}))
def test_only_an_approved_payment_is_captured(session: Session, approved: Payment, state: PaymentState):
    approved.state = state
    assert ask_capture(session, approved.id, SOON) is False
    assert approved.capture_asked_at is None


@pytest.mark.parametrize("state", sorted(set(OrderState) - {OrderState.AWAITING_PAYMENT}))
def test_only_an_order_that_holds_its_units_is_charged(
    session: Session, approved: Payment, state: OrderState
):
    approved.order.state = state
    assert ask_capture(session, approved.id, SOON) is False
    assert approved.capture_asked_at is None


def test_once_decided_the_order_is_not_withdrawn(session: Session, approved: Payment):
    ask_capture(session, approved.id, SOON)
    before = books(session)
    with pytest.raises(IllegalStep):
        withdraw_order(session, approved.order, "buyer", SOON)
    refuse_capture(session, approved.id, "insufficient_units", SOON)
    assert books(session) == before
    assert (approved.state, approved.order.state) == (PaymentState.AUTHORIZED, OrderState.AWAITING_PAYMENT)


def test_a_refused_capture_withdraws_the_order_and_says_that_nothing_was_charged(
    session: Session, approved: Payment
):
    order = approved.order
    for _ in range(2):
        refuse_capture(session, approved.id, "insufficient_units", SOON)
        session.flush()
    assert (order.state, order.state_reason) == (OrderState.WITHDRAWN, "insufficient_units")
    assert (approved.state, approved.reason) == (PaymentState.ABANDONED, "insufficient_units")
    assert order.lines[0].offer.held == 0
    assert len(mails(session, "not_charged")) == 1


@pytest.mark.parametrize("state", ["captured", "pending", "failed"])
def test_a_payment_that_has_moved_on_is_not_refused(session: Session, approved: Payment, state: str):
    approved.state = PaymentState(state)
    before = books(session)
    refuse_capture(session, approved.id, "insufficient_units", SOON)
    assert approved.order.state == OrderState.AWAITING_PAYMENT
    assert books(session) == before


def test_an_approval_waits_two_hours_for_the_registry(session: Session, approved: Payment):
    assert waited_too_long(session, approved.id, NOW + timedelta(hours=2)) is False
    assert waited_too_long(session, approved.id, NOW + timedelta(hours=2, seconds=1)) is True
    approved.state = PaymentState.CAPTURED
    assert waited_too_long(session, approved.id, NOW + timedelta(hours=3)) is False
