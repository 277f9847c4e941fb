"""The buyer's bank takes the money back: after the cancellation nothing can be undone, before it nothing is done."""

from datetime import timedelta

import pytest

from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.queries import certificate_of
from app.domain.mails.models import Mail
from app.domain.orders.models import Order, OrderState
from app.domain.payments.disputes import disputed_amount
from app.domain.payments.evidence import evidence_of
from app.domain.payments.models import Payment, ReleaseRule
from app.domain.payments.payee_models import ReleasePolicy
from tests.failure_modes.bench import Bench


def dispute(bench: Bench, payment: Payment) -> str:
    """The buyer disputes the payment; the dispute's id at Stripe."""
    made: str = bench.town.stripe_session(payment, "dispute")["id"]
    return made


def let_wait(bench: Bench, order: Order, rule: ReleaseRule = ReleaseRule.DELAY) -> None:
    """The order's provider waits a day with whatever can be taken back."""
    with bench.works.sessions.begin() as session:
        session.add(
            ReleasePolicy(
                provider_id=order.provider_id,
                currency=order.currency,
                from_minor=0,
                rule=rule,
                hours=24,
                changed_at=bench.clock,
            )
        )


def test_failure_mode_07_what_is_cancelled_stays_cancelled(bench: Bench) -> None:
    order, payment = bench.buy("stripe")
    bench.settle(payment)
    assert bench.order(order).state == OrderState.COMPLETED
    with bench.session() as session:
        [cancellation] = cancellations_of(session, order.id)
        certificate = certificate_of(session, order.id)
    assert certificate is not None
    before = bench.town.ledger(cancellation.mandate_id)["cancelled"]
    dispute(bench, payment)
    bench.settle(payment)
    bench.settle(payment)  # heard of twice
    ended = bench.order(order)
    assert ended.state == OrderState.COMPLETED
    assert bench.money(order) == [("chargeback", order.total_minor), ("receipt", order.total_minor)]
    assert bench.town.ledger(cancellation.mandate_id)["cancelled"] == before
    with bench.session() as session:
        kept = session.get_one(Order, order.id)
        assert disputed_amount(session, kept) == order.total_minor
        told = session.query(Mail).filter_by(kind="payment_disputed", order_id=order.id).all()
        assert [mail.to for mail in told] == [ended.provider.contact_email]
        assert certificate_of(session, order.id).json_sha256 == certificate.json_sha256
        # What the provider can answer with.
        evidence = evidence_of(session, kept, "https://platform.test", bench.clock)
    [paid] = evidence["payments"]
    assert (paid["gateway"], paid["gateway_id"]) == ("stripe", payment.external_id)
    assert sorted(each["kind"] for each in paid["movements"]) == ["chargeback", "receipt"]
    [delivered] = evidence["delivery"]["cancellations"]
    assert delivered["registry_cancellation_id"] == cancellation.registry_id
    assert delivered["serial_ranges"]
    assert evidence["delivery"]["certificate"]["number"] == certificate.number
    assert {each["kind"] for each in evidence["consents"]} == {"terms", "immediate"}
    assert {"order", "payment", "cancellation"} == {each["of"] for each in evidence["steps"]}


def test_failure_mode_07_a_provider_that_waits_loses_nothing(bench: Bench) -> None:
    order = bench.place("stripe")
    let_wait(bench, order)
    payment = bench.start(order)
    bench.town.approve(payment, "no_webhook")
    bench.settle(payment)
    waiting = bench.order(order)
    assert waiting.state == OrderState.PAID
    assert waiting.release_at is not None
    assert waiting.release_at - bench.clock > timedelta(hours=23)
    dispute(bench, payment)  # and no notification comes: it is seen when the wait is over
    bench.wait(hours=24)
    bench.run()
    ended = bench.order(order)
    assert (ended.state, ended.state_reason) == (OrderState.WITHDRAWN, "payment_lost")
    assert ended.lines[0].offer.held == 0
    with bench.session() as session:
        assert cancellations_of(session, order.id) == []
    assert {"payment_lost", "payment_disputed"} <= set(bench.mails(order))


@pytest.mark.parametrize("rule", [ReleaseRule.DELAY, ReleaseRule.REVIEW])
def test_failure_mode_07_who_waits_in_vain_cancels_later_and_once(bench: Bench, rule: ReleaseRule) -> None:
    order = bench.place("stripe")
    let_wait(bench, order, rule)
    payment = bench.start(order)
    bench.town.approve(payment, "no_webhook")
    bench.settle(payment)
    with bench.session() as session:
        assert cancellations_of(session, order.id) == []
    bench.wait(hours=25)
    bench.sweep()
    if rule == ReleaseRule.REVIEW:
        assert bench.order(order).state == OrderState.PAID, "nobody has looked at the payment"
        assert "review_overdue" in bench.mails(order)
        return
    assert bench.order(order).state == OrderState.COMPLETED
    with bench.session() as session:
        [cancellation] = cancellations_of(session, order.id)
    held = bench.town.ledger(cancellation.mandate_id)["cancellations"]
    assert len([each for each in held if each["client_reference"] == str(cancellation.id)]) == 1
