"""Another way to pay: what is given up, what stays, until when the units are held, and never twice unawares."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.offers.models import Offer
from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import Consent, Order, OrderState
from app.domain.orders.states import HOLDING
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.ask_capture import ask_capture
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.bank.say_sent import say_sent
from app.domain.payments.change_method import BothMayBeTaken, ConsentNeeded, change_method
from app.domain.payments.models import Payment, PaymentEntry, PaymentState, ProviderPayeeAccount
from app.domain.payments.open_payment import MethodUnavailable, NotPayable, open_payment
from app.domain.payments.queries import (
    latest_payment_of,
    net_paid,
    open_payment_of,
    payments_to_ask_about,
)
from app.domain.payments.record_checkout import record_checkout
from app.domain.payments.record_snapshot import Next, record_snapshot
from app.domain.payments.standing import Mark, standing
from app.domain.payments.statements.book import confirm_received
from app.domain.payments.states import OPEN
from app.domain.states import IllegalStep
from app.integrations.gateways.interface import INCOMING, Entry, NextStep, PayState, Snapshot
from app.money import Money
from tests.bank import make_bank_provider
from tests.domain.payments.attempts import snapshot
from tests.factories import HOLD, NOW, make_offer, make_order, make_payee_account
from tests.traces import trail

AGREED = BothMayBeTaken("I know that both may be taken.", "en", "2026-11")
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def order(session: Session) -> Order:
    """25 t at 11.20 EUR of somebody who can be paid by PayPal, card and transfer."""
    provider = make_bank_provider(session)
    make_payee_account(session, provider, gateway="stripe")
    return make_order(session, make_offer(session, provider=provider, currency="EUR"))


def start(session: Session, order: Order, at=NOW) -> Payment:
    """The attempt as it is once the buyer has been sent on."""
    payment = open_payment(session, order.id, at)
    session.flush()
    away = payment.gateway != "bank"
    step = NextStep(f"CHECKOUT-{payment.id}", "https://gateway.test/pay") if away else NextStep(None, None)
    record_checkout(session, payment.id, step, at)
    session.flush()
    return payment


def test_an_attempt_that_nobody_has_paid_is_given_up_and_closed_by_a_job(session: Session, order: Order):
    first = start(session, order)
    assert change_method(session, order.id, "stripe", SOON)
    second = start(session, order, SOON)
    assert (first.state, first.reason) == (PaymentState.ABANDONED, "method_changed")
    assert (first.superseded_at, second.gateway, order.method) == (None, "stripe", "stripe")
    assert latest_payment_of(session, order.id) == second == open_payment_of(session, order.id)
    closed = snapshot(first, PayState.STARTED)
    assert record_snapshot(session, first.id, closed, SOON) is Next.RELEASE
    [told] = [row for row in trail(session, order.id) if row.event == "order.method_changed"]
    assert (told.actor, told.payload["before"], told.payload["after"]) == ("buyer", "paypal", "stripe")


def test_the_same_way_changes_nothing(session: Session, order: Order):
    first = start(session, order)
    assert not change_method(session, order.id, "paypal", SOON)
    assert open_payment_of(session, order.id) == first


def test_by_transfer_the_units_are_held_until_its_release_and_the_instructions_are_mailed(
    session: Session, order: Order
):
    start(session, order)
    change_method(session, order.id, "bank", SOON)
    session.flush()
    transfer = transfer_of(session, order.id)
    assert transfer is not None
    assert order.hold_until == transfer.release_at > SOON + timedelta(days=10)
    kinds = session.scalars(select(Mail.kind).where(Mail.order_id == order.id)).all()
    assert "transfer_instructions" in kinds


def test_back_to_a_gateway_there_is_an_hour_and_a_transfer_keeps_its_dates(session: Session, order: Order):
    change_method(session, order.id, "bank", NOW)
    start(session, order)
    kept = transfer_of(session, order.id)
    assert kept is not None
    change_method(session, order.id, "stripe", SOON)
    assert order.hold_until == SOON + HOLD
    change_method(session, order.id, "bank", SOON)
    assert order.hold_until == kept.release_at


def test_from_gateway_to_gateway_the_hold_stays(session: Session, order: Order):
    before = order.hold_until
    change_method(session, order.id, "stripe", SOON)
    change_method(session, order.id, "paypal", SOON)
    assert order.hold_until == before


def test_a_transfer_whose_time_is_over_is_no_way_any_more(session: Session, order: Order):
    change_method(session, order.id, "bank", NOW)
    kept = transfer_of(session, order.id)
    assert kept is not None
    change_method(session, order.id, "paypal", kept.release_at - timedelta(minutes=1))
    with pytest.raises(MethodUnavailable):
        change_method(session, order.id, "bank", kept.release_at)


@pytest.mark.parametrize("method", ["bitcoin", "stripe"])
def test_only_ways_that_the_provider_has(session: Session, method: str):
    order = make_order(session)  # in USD, by PayPal alone
    with pytest.raises(MethodUnavailable):
        change_method(session, order.id, method, SOON)
    assert order.method == "paypal"


@pytest.mark.parametrize("state", set(OrderState) - {OrderState.AWAITING_PAYMENT})
def test_not_for_an_order_that_does_not_wait(session: Session, order: Order, state: OrderState):
    order.state = state
    with pytest.raises(NotPayable):
        change_method(session, order.id, "stripe", SOON)


def test_not_when_the_time_is_over(session: Session, order: Order):
    with pytest.raises(NotPayable):
        change_method(session, order.id, "bank", order.hold_until)


# What keeps a buyer from paying twice.


def approved(session: Session, order: Order) -> Payment:
    payment = start(session, order)
    assert record_snapshot(session, payment.id, snapshot(payment, PayState.AUTHORIZED), NOW) is Next.CAPTURE
    return payment


def pending(session: Session, order: Order) -> Payment:
    payment = start(session, order)
    record_snapshot(session, payment.id, snapshot(payment, PayState.PENDING, reason="review"), NOW)
    return payment


def sent(session: Session, order: Order) -> Payment:
    change_method(session, order.id, "bank", NOW)
    payment = start(session, order)
    say_sent(session, order.id, NOW.date(), NOW)
    return payment


@pytest.mark.parametrize(("begin", "why"), [(approved, "approved"), (pending, "pending"), (sent, "sent")])
def test_a_second_way_takes_consent_and_the_first_is_superseded(
    session: Session, order: Order, begin, why: str
):
    first = begin(session, order)
    before, held = first.state, order.hold_until
    with pytest.raises(ConsentNeeded) as refused:
        change_method(session, order.id, "stripe", SOON)
    assert refused.value.why == why
    assert (order.method, first.superseded_at) == ("bank" if begin is sent else "paypal", None)

    change_method(session, order.id, "stripe", SOON, consent=AGREED)
    second = start(session, order, SOON)
    assert (first.state, first.superseded_at) == (before, SOON)
    assert open_payment_of(session, order.id) == latest_payment_of(session, order.id) == second
    assert order.hold_until >= max(held, SOON + HOLD), "other money may rely on it"
    [kept] = session.scalars(select(Consent).where(Consent.kind == "second_payment")).all()
    assert (kept.group_id, kept.language, kept.given_at) == (order.group_id, "en", SOON)
    if first.external_id is not None:
        assert first.id in payments_to_ask_about(session, SOON + timedelta(minutes=15))


def test_both_are_taken_and_the_oldest_receipt_stays(session: Session, order: Order):
    first = pending(session, order)
    change_method(session, order.id, "stripe", SOON, consent=AGREED)
    second = start(session, order, SOON)
    record_snapshot(session, second.id, taken(second), SOON)
    assert order.state == OrderState.CANCELLING
    record_snapshot(session, first.id, taken(first), SOON + timedelta(days=1))
    session.flush()
    assert (first.state, second.state) == (PaymentState.CAPTURED, PaymentState.CAPTURED)
    assert net_paid(session, order) == 2 * order.total_minor
    assert standing(session, order).marks == (Mark.OVERPAID,)
    assert "payment.excess" in [row.event for row in trail(session, order.id)]


def test_the_first_way_pays_and_what_is_open_is_given_up(session: Session, order: Order):
    first = pending(session, order)
    change_method(session, order.id, "stripe", SOON, consent=AGREED)
    second = start(session, order, SOON)
    record_snapshot(session, first.id, taken(first), SOON)
    assert (order.state, first.state) == (OrderState.CANCELLING, PaymentState.CAPTURED)
    assert (second.state, second.reason) == (PaymentState.ABANDONED, "paid_otherwise")
    assert record_snapshot(session, second.id, snapshot(second, PayState.AUTHORIZED), SOON) is Next.RELEASE


def test_a_capture_that_was_asked_goes_on_though_another_way_has_paid(session: Session, order: Order):
    first = approved(session, order)
    assert ask_capture(session, first.id, NOW)
    change_method(session, order.id, "stripe", SOON, consent=AGREED)
    second = start(session, order, SOON)
    record_snapshot(session, second.id, taken(second), SOON)
    assert (order.state, first.state) == (OrderState.CANCELLING, PaymentState.AUTHORIZED)
    record_snapshot(session, first.id, taken(first), SOON)
    assert net_paid(session, order) == 2 * order.total_minor


def test_the_failure_of_a_superseded_attempt_is_no_news(session: Session, order: Order):
    first = pending(session, order)
    change_method(session, order.id, "stripe", SOON, consent=AGREED)
    start(session, order, SOON)
    record_snapshot(session, first.id, snapshot(first, PayState.FAILED, reason="declined"), SOON)
    session.flush()
    kinds = session.scalars(select(Mail.kind).where(Mail.order_id == order.id)).all()
    assert (first.state, "payment_failed" in kinds) == (PaymentState.FAILED, False)


def test_while_a_superseded_payment_is_pending_the_order_neither_expires_nor_is_withdrawn(
    session: Session, order: Order
):
    first = pending(session, order)
    change_method(session, order.id, "stripe", SOON, consent=AGREED)
    start(session, order, SOON)
    assert not expire_order(session, order.id, order.hold_until)
    with pytest.raises(IllegalStep):
        withdraw_order(session, order, "buyer", SOON)
    record_snapshot(session, first.id, snapshot(first, PayState.FAILED), SOON)
    assert expire_order(session, order.id, order.hold_until)
    assert [payment.state for payment in payments_of(session, order)] == [
        PaymentState.FAILED,
        PaymentState.EXPIRED,
    ]


def test_back_to_a_transfer_that_was_sent_there_is_one_attempt_for_it(session: Session, order: Order):
    first = sent(session, order)
    change_method(session, order.id, "stripe", SOON, consent=AGREED)
    start(session, order, SOON)
    change_method(session, order.id, "bank", SOON, consent=AGREED)
    assert (start(session, order, SOON), first.superseded_at) == (first, None)


def test_a_transfer_that_was_not_sent_after_all_stands_in_nobodys_way(session: Session, order: Order):
    first = sent(session, order)
    say_sent(session, order.id, None, SOON)
    change_method(session, order.id, "stripe", SOON)
    assert (first.state, first.superseded_at) == (PaymentState.ABANDONED, None)


def test_only_the_rest_is_asked_for_after_a_part_has_come(session: Session, order: Order):
    change_method(session, order.id, "bank", NOW)
    start(session, order)
    receive(session, order, 100_00)
    change_method(session, order.id, "stripe", SOON)
    rest = start(session, order, SOON)
    assert (rest.amount_minor, order.total_minor) == (180_00, 280_00)
    assert standing(session, order).marks == (Mark.PART_PAID,)
    record_snapshot(session, rest.id, taken(rest), SOON)
    assert (order.state, net_paid(session, order)) == (OrderState.CANCELLING, 280_00)


def taken(payment: Payment) -> Snapshot:
    receipt = Entry("receipt", f"CAPTURE-{payment.id}", payment.amount, NOW)
    return snapshot(payment, PayState.CAPTURED, receipt)


def receive(session: Session, order: Order, minor: int) -> None:
    transfer = transfer_of(session, order.id)
    assert transfer is not None
    seen = max(net_paid(session, order), 0)
    confirm_received(
        session,
        transfer.account_id,
        order.number,
        Money(minor, order.currency),
        NOW.date(),
        seen,
        None,
        SOON,
    )
    session.flush()


def payments_of(session: Session, order: Order) -> list[Payment]:
    found = select(Payment).where(Payment.order_id == order.id).order_by(Payment.created_at)
    return list(session.scalars(found))


# Whatever happens in whatever order.

_ACTS = st.one_of(
    st.tuples(st.just("change"), st.sampled_from(["paypal", "stripe", "bank"]), st.booleans()),
    st.tuples(st.just("start")),
    st.tuples(st.just("sent"), st.booleans()),
    st.tuples(st.just("transfer"), st.sampled_from([100_00, 280_00])),
    st.tuples(
        st.just("told"),
        st.integers(0, 5),
        st.sampled_from([PayState.AUTHORIZED, PayState.PENDING, PayState.CAPTURED, PayState.FAILED]),
    ),
    st.tuples(st.just("capture"), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from([5, 61, 60 * 24])),
    st.tuples(st.just("expire")),
    st.tuples(st.just("withdraw")),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_ACTS, max_size=14))
def test_whatever_happens_money_and_units_add_up(shared_engine, acts):
    with (
        shared_engine.connect() as connection,
        connection.begin() as everything,
        Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session,
    ):
        provider = make_bank_provider(session)
        make_payee_account(session, provider, gateway="stripe")
        order = make_order(session, make_offer(session, provider=provider, currency="EUR"))
        came = _play(session, order, acts)
        _check(session, order, came)
        session.close()
        everything.rollback()


def _play(session: Session, order: Order, acts) -> int:
    """What came in all, in minor units."""
    at, came, told = NOW, 0, set()
    for act, *values in acts:
        at += timedelta(minutes=1)
        payments = [each for each in payments_of(session, order) if each.gateway != "bank"]
        try:
            if act == "change":
                consent = AGREED if values[1] else None
                change_method(session, order.id, values[0], at, consent=consent)
            elif act == "start":
                start(session, order, at)
            elif act == "sent" and transfer_of(session, order.id):
                say_sent(session, order.id, at.date() if values[0] else None, at)
            elif act == "transfer" and transfer_of(session, order.id):
                before = net_paid(session, order)
                receive(session, order, values[0])
                came += net_paid(session, order) - before
            elif act == "told" and values[0] < len(payments):
                payment = payments[values[0]]
                if payment.external_id is None:
                    continue
                said = taken(payment) if values[1] is PayState.CAPTURED else snapshot(payment, values[1])
                record_snapshot(session, payment.id, said, at)
                if values[1] is PayState.CAPTURED and payment.id not in told:
                    told.add(payment.id)
                    came += payment.amount_minor
            elif act == "capture" and values[0] < len(payments):
                ask_capture(session, payments[values[0]].id, at)
            elif act == "wait":
                at += timedelta(minutes=values[0])
            elif act == "expire":
                expire_order(session, order.id, at)
            elif act == "withdraw":
                withdraw_order(session, order, "buyer", at, actor="buyer")
        except (ConsentNeeded, MethodUnavailable, NotPayable, IllegalStep):
            pass
        except Exception as error:
            if type(error).__name__ not in {"NotWaiting", "NothingToSend"}:
                raise
        session.flush()
    return came


def _check(session: Session, order: Order, came: int) -> None:
    session.refresh(order)
    entries = session.execute(
        select(PaymentEntry.kind, PaymentEntry.amount_minor)
        .join(Payment, PaymentEntry.payment_id == Payment.id)
        .where(Payment.order_id == order.id)
    ).all()
    net = sum(minor if kind in INCOMING else -minor for kind, minor in entries)
    assert net == net_paid(session, order) == came
    offer = session.get_one(Offer, order.lines[0].offer_id, populate_existing=True)
    assert offer.held == (25 if order.state in HOLDING else 0)
    payments = payments_of(session, order)
    assert sum(each.state in OPEN and each.superseded_at is None for each in payments) <= 1
    if order.state == OrderState.AWAITING_PAYMENT:
        assert net < order.total_minor, "enough came: the order is paid"
    if order.state == OrderState.CANCELLING:
        assert net >= order.total_minor
        # Nothing is left open that could still be stopped.
        left = [each for each in payments if each.state in OPEN and each.gateway != "bank"]
        assert all(each.state == PaymentState.PENDING or each.capture_asked_at for each in left)
    assert Mark.OVERPAID in standing(session, order).marks or net <= order.total_minor
    accounts = set(session.scalars(select(ProviderPayeeAccount.id).filter_by(provider_id=order.provider_id)))
    assert {each.account_id for each in payments} <= accounts, "nobody else is ever paid"
    assert all(
        each.payee is None or each.payee["legal_name"] == order.provider.legal_name for each in payments
    )
