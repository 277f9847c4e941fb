"""The money has come and the registry refuses the units: others of the same provider, or the money back."""

import pytest
from sqlalchemy import select

from app.domain.cancellations.models import Cancellation
from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.json_twin import from_json
from app.domain.certificates.queries import certificate_of
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.orders.substitutes import substitutes_for
from app.domain.payments.models import Payment
from tests.failure_modes.bench import Bench


def alone(bench: Bench, order: Order, *, but_for: int) -> list[Offer]:
    """So many other offers of the provider could take the place of the order's; the rest costs more."""
    with bench.works.sessions.begin() as session:
        kept = session.get_one(Order, order.id)
        [line] = kept.lines
        rows = session.scalars(
            select(Offer).where(Offer.provider_id == kept.provider_id, Offer.id != line.offer_id)
        ).all()
        same = [
            offer
            for offer in rows
            if offer.mandate.block.unit_class == line.offer.mandate.block.unit_class
            and offer.mandate.block_id != line.offer.mandate.block_id
            and offer.quantity > line.quantity
            and offer.min_quantity <= line.quantity
        ]
        assert len(same) >= but_for, "the seed has no such provider"
        for offer in rows:
            fits = offer in same[:but_for]
            offer.currency = kept.currency
            offer.price_minor = line.unit_price_minor if fits else line.unit_price_minor + 1
        return same[:but_for]


def refused(bench: Bench, others: int) -> tuple[Order, Payment, list[Offer]]:
    """An order that is paid, and whose units the registry refuses to cancel."""
    order, payment = bench.buy("paypal")
    found = alone(bench, order, but_for=others)
    bench.town.fault("requestCancellation", "refuse", code="block_not_available")
    bench.settle(payment)
    return order, payment, found


def at_registry(bench: Bench, cancellation: Cancellation) -> list[str]:
    held = bench.town.ledger(cancellation.mandate_id)["cancellations"]
    return [each["status"] for each in held if each["client_reference"] == str(cancellation.id)]


def test_failure_mode_15_other_units_take_their_place(bench: Bench) -> None:
    order, payment, [other] = refused(bench, 1)
    failed = bench.order(order)
    assert failed.state == OrderState.FULFILMENT_FAILED
    assert failed.lines[0].offer.held == 0
    assert "fulfilment_failed" in bench.mails(order)
    with bench.session() as session:
        [old] = cancellations_of(session, order.id)
        [offers] = substitutes_for(session, session.get_one(Order, order.id), bench.clock).values()
        assert [offer.id for offer in offers] == [other.id]
    page = bench.app.test_client()
    bench.app.config["WTF_CSRF_ENABLED"] = False
    line = failed.lines[0]
    for _ in range(2):  # a double click
        answer = page.post(f"/en/orders/{order.token}/substitute", data={f"line-{line.id}": str(other.id)})
        assert answer.status_code == 303
    bench.run_for(minutes=3)
    ended = bench.order(order)
    assert (ended.state, ended.lines[0].offer_id) == (OrderState.COMPLETED, other.id)
    assert ended.lines[0].unit_price_minor == line.unit_price_minor
    with bench.session() as session:
        [new] = cancellations_of(session, order.id)
        certificate = certificate_of(session, order.id)
        assert certificate is not None
        [certified] = from_json(certificate.json_twin).lines
    assert new.id != old.id
    assert (at_registry(bench, old), at_registry(bench, new)) == ([], ["completed"])
    assert certified.client_reference == str(new.id)
    assert (ended.lines[0].offer.held, ended.lines[0].offer.cancelled) == (0, line.quantity)
    assert [each["status"] for each in bench.town.captures(payment.id)] == ["COMPLETED"]
    assert "order.line_substituted" in bench.trail(order.id)


@pytest.mark.parametrize("how", ["the buyer wants it", "fourteen days", "no other units"])
def test_failure_mode_15_the_money_goes_back(bench: Bench, how: str) -> None:
    order, payment, _ = refused(bench, 0 if how == "no other units" else 1)
    if how != "no other units":
        assert bench.order(order).state == OrderState.FULFILMENT_FAILED
    if how == "the buyer wants it":
        bench.app.config["WTF_CSRF_ENABLED"] = False
        assert bench.app.test_client().post(f"/en/orders/{order.token}/money-back").status_code == 303
    elif how == "fourteen days":
        bench.wait(days=13)
        bench.sweep()
        assert bench.order(order).state == OrderState.FULFILMENT_FAILED
        bench.wait(days=1, minutes=1)
        bench.sweep()
    bench.run_for(minutes=3)
    assert bench.order(order).state == OrderState.REFUNDED
    assert [each["status"] for each in bench.town.captures(payment.id)] == ["REFUNDED"]
    assert {"refund_due", "refunded"} <= set(bench.mails(order))
    with bench.session() as session:
        [cancellation] = cancellations_of(session, order.id)
    assert at_registry(bench, cancellation) == []
