"""Money that goes back: paid twice, a refund that the gateway cannot make, a refund that was begun elsewhere."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.sellable import SOLD_UNTIL_OVERDUE, is_sellable
from app.domain.orders.give_back import give_back
from app.domain.orders.models import Order, OrderState
from app.domain.payments.change_method import BothMayBeTaken, change_method
from app.domain.payments.models import Payment, PaymentEntry, PaymentState, ReleaseRule
from app.domain.payments.payee_models import ReleasePolicy
from app.domain.payments.proofs import check_proof
from app.domain.payments.queries import locked_order
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.answer_refund import answer_refund
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.queries import refunds_for_people
from app.domain.payments.refunds.say_refund_sent import say_refund_sent
from app.domain.payments.ways_to_pay import ways_to_pay
from app.domain.people.models import Provider
from tests.failure_modes.bench import Bench

DAY = timedelta(days=1)
BOTH = BothMayBeTaken("Both payments may be taken.", "en", "2026-11")


def refunds(bench: Bench, order: Order) -> list[Refund]:
    with bench.session() as session:
        return list(refunds_of(session, order.id))


def receipts(bench: Bench, order: Order) -> list[str]:
    """The external ids of what came, the oldest first."""
    with bench.session() as session:
        rows = session.scalars(
            select(PaymentEntry.external_id)
            .join(Payment, PaymentEntry.payment_id == Payment.id)
            .where(Payment.order_id == order.id, PaymentEntry.kind == "receipt")
            .order_by(PaymentEntry.recorded_at)
        )
        return list(rows)


def on_sale(bench: Bench, order: Order) -> int:
    """How many offers of the order's provider can be bought."""
    with bench.session() as session:
        return session.execute(
            select(func.count())
            .select_from(Offer)
            .join(Mandate, Offer.mandate_id == Mandate.mandate_id)
            .join(Block, Mandate.block_id == Block.block_id)
            .join(Activity, Block.activity_ref == Activity.activity_ref)
            .join(Provider, Offer.provider_id == Provider.id)
            .where(Offer.provider_id == order.provider_id, is_sellable(bench.clock))
        ).scalar_one()


def refund_there(bench: Bench, payment: Payment) -> None:
    """The provider gives everything back on the gateway's own pages."""
    if payment.gateway == "stripe":
        bench.town.stripe_session(payment, "refund")
        return
    (capture,) = bench.town.captures(payment.id)
    address = f"{bench.town.paypal.url}/sandbox/captures/{capture['id']}/refund"
    httpx.post(address, json={}).raise_for_status()


def refuse_the_units(bench: Bench, order: Order) -> None:
    """The registry cancels none of the paid units; where others could be had, the buyer wants none."""
    bench.town.fault("requestCancellation", "refuse", code="block_not_available")
    bench.run()
    if bench.order(order).state == OrderState.FULFILMENT_FAILED:
        with bench.works.sessions.begin() as session:
            give_back(session, locked_order(session, order.id), "block_not_available", bench.clock)
        bench.run()


# 13


def test_failure_mode_13_a_second_transfer_goes_back_and_the_first_is_kept(bench: Bench) -> None:
    order = bench.place("bank", bench.offer("bank", "EUR"))
    bench.start(order)
    bench.bring(order, bench.movement(order, bank_reference="FIRST"))
    bench.run()
    bench.wait(minutes=1)
    again = bench.movement(order, bank_reference="SECOND")
    assert dict(bench.bring(order, again)) == {"extra": 1}
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    (owed,) = refunds(bench, order)
    assert (owed.cause, owed.amount, owed.state) == ("surplus", order.total, RefundState.BY_HAND)
    assert owed.receipt_id == receipts(bench, order)[1]
    assert {"refund_surplus", "refund_to_send"} <= set(bench.mails(order))
    back = bench.movement(order, minor=-order.total_minor, bank_reference="BACK")
    assert dict(bench.bring(order, back)) == {"refund": 1}
    assert refunds(bench, order)[0].state == RefundState.DONE
    assert bench.order(order).state == OrderState.COMPLETED
    total = order.total_minor
    assert bench.money(order) == [("receipt", total), ("receipt", total), ("refund", total)]


@pytest.mark.parametrize(("method", "scenario"), [("paypal", "echeck"), ("stripe", "delayed_waits")])
def test_failure_mode_13_two_methods_both_pay_and_the_later_gives_back(
    bench: Bench, method: str, scenario: str
) -> None:
    order, first = bench.buy(method, scenario)
    bench.settle(first)
    assert bench.payment(first).state == PaymentState.PENDING
    with bench.works.sessions.begin() as session:
        assert "bank" in ways_to_pay(session, session.get_one(Order, order.id), bench.clock)
        change_method(session, order.id, "bank", bench.clock, consent=BOTH)
    bench.start(order)
    bench.bring(order, bench.movement(order))
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    if method == "stripe":
        bench.town.stripe_session(first, "succeed")
    else:
        (capture,) = bench.town.captures(first.id)
        address = f"{bench.town.paypal.url}/sandbox/captures/{capture['id']}/complete"
        httpx.post(address).raise_for_status()
    bench.settle(first)
    (owed,) = refunds(bench, order)
    assert (owed.cause, owed.payment_id, owed.amount) == ("surplus", first.id, order.total)
    assert owed.receipt_id == receipts(bench, order)[1]
    assert owed.state == RefundState.DONE
    assert [each["status"] for each in bench.town.captures(first.id)] == ["REFUNDED"]
    total = order.total_minor
    assert bench.money(order) == [("receipt", total), ("receipt", total), ("refund", total)]
    assert bench.order(order).state == OrderState.COMPLETED


# 14


def test_failure_mode_14_what_paypal_cannot_give_back_the_provider_sends_with_a_proof(bench: Bench) -> None:
    order, payment = bench.buy("paypal")
    bench.look(payment)
    with bench.later_there("paypal", 181 * DAY):
        refuse_the_units(bench, order)
    (task,) = refunds(bench, order)
    assert (task.state, task.problem) == (RefundState.BY_HAND, "refund_window_over")
    assert "refund_to_send" in bench.mails(order)
    sold = on_sale(bench, order)
    assert sold > 0
    # Nothing is sent: a reminder, the administrators, and in the end nothing is sold any more.
    assert task.due_at is not None
    bench.clock = task.due_at - DAY
    bench.run()
    assert "refund_reminder" in bench.mails(order)
    bench.clock = task.due_at
    bench.run()
    with bench.session() as session:
        assert [each.id for each in refunds_for_people(session)] == [task.id]
    bench.clock = task.due_at + SOLD_UNTIL_OVERDUE
    assert on_sale(bench, order) == sold
    bench.wait(seconds=1)
    assert on_sale(bench, order) == 0
    # Sent with a proof, and confirmed.
    proof = check_proof(b"%PDF-1.7 sample", "advice.pdf")
    with bench.works.sessions.begin() as session:
        say_refund_sent(session, task.id, bench.clock.date(), "by transfer", proof, None, bench.clock)
    assert on_sale(bench, order) == sold
    assert bench.order(order).state == OrderState.REFUND_DUE
    with bench.works.sessions.begin() as session:
        answer_refund(session, task.id, True, bench.clock)
    bench.run()
    total = order.total_minor
    assert bench.order(order).state == OrderState.REFUNDED
    assert bench.money(order) == [("receipt", total), ("refund", total)]
    assert [each["status"] for each in bench.town.captures(payment.id)] == ["COMPLETED"], "not through PayPal"


# 22


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_22_a_refund_begun_elsewhere_after_the_cancellation_is_only_a_note(
    bench: Bench, method: str
) -> None:
    order, payment = bench.buy(method)
    bench.settle(payment)
    refund_there(bench, payment)
    bench.settle(payment)
    total = order.total_minor
    assert bench.money(order) == [("receipt", total), ("refund", total)]
    assert bench.order(order).state == OrderState.COMPLETED
    assert refunds(bench, order) == []
    page = bench.app.test_client().get(f"/en/orders/{order.token}").get_data(as_text=True)
    assert "outside this platform" in page


@pytest.mark.parametrize("method", ["paypal", "stripe"])
def test_failure_mode_22_a_refund_begun_elsewhere_before_it_loses_the_order_its_money(
    bench: Bench, method: str
) -> None:
    offer = bench.offer(method)
    with bench.works.sessions.begin() as session:
        session.add(
            ReleasePolicy(
                provider_id=offer.provider_id,
                currency=offer.currency,
                from_minor=0,
                rule=ReleaseRule.DELAY,
                hours=24,
                changed_at=bench.clock,
            )
        )
    order, payment = bench.buy(method, offer=offer)
    bench.settle(payment)
    assert bench.order(order).state == OrderState.PAID
    refund_there(bench, payment)
    bench.settle(payment)
    total = order.total_minor
    assert bench.money(order) == [("receipt", total), ("refund", total)]
    lost = bench.order(order)
    assert (lost.state, lost.state_reason) == (OrderState.WITHDRAWN, "payment_lost")
    assert refunds(bench, order) == [], "nothing is given back a second time"
    bench.wait(days=2)
    bench.sweep()
    assert bench.order(order).state == OrderState.WITHDRAWN
    assert bench.money(order) == [("receipt", total), ("refund", total)]


def test_failure_mode_22_begun_elsewhere_while_ours_is_asked_for_it_goes_back_once(bench: Bench) -> None:
    order, payment = bench.buy("paypal")
    bench.look(payment)
    refund_there(bench, payment)  # and the platform has not heard of it
    refuse_the_units(bench, order)
    total = order.total_minor
    assert bench.order(order).state == OrderState.REFUNDED
    assert bench.money(order) == [("receipt", total), ("refund", total)]
    (row,) = refunds(bench, order)
    assert row.state == RefundState.DONE
    (capture,) = bench.town.captures(payment.id)
    assert len(capture["refunds"]) == 1
