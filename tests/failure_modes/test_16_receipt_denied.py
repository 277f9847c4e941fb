"""The buyer has paid, and the provider does not confirm it."""

from datetime import timedelta

import pytest

from app.domain.orders.models import Order, OrderState
from app.domain.payments.claims.answer_claim import answer_claim
from app.domain.payments.claims.claim_paid import claim_paid
from app.domain.payments.claims.queries import claim_of, escalated_claims
from app.domain.payments.proofs import add_proof, check_proof
from app.domain.payments.refund_models import PaymentClaim, ProofKind
from tests.domain.people.samples import make_administrator
from tests.failure_modes.bench import Bench


@pytest.fixture
def order(bench: Bench) -> Order:
    """Due yesterday."""
    placed = bench.place("bank", bench.offer("bank", "EUR"))
    bench.start(placed)
    bench.clock = bench.transfer(placed).release_at - timedelta(days=2)
    with bench.works.sessions.begin() as session:
        make_administrator(session, "admin@example.org")
    return placed


def claim(bench: Bench, order: Order) -> PaymentClaim:
    with bench.works.sessions.begin() as session:
        asked = claim_paid(session, order.id, "From Kigali, on Monday.", bench.clock)
        add_proof(session, asked.order, ProofKind.TRANSFER, check_proof(b"%PDF-1.7", "slip.pdf"), bench.clock)
        return asked


def test_failure_mode_16_the_order_waits_for_the_answer_and_administrators_for_none(
    bench: Bench, order: Order
) -> None:
    answer_by = claim(bench, order).answer_by
    release_at = bench.transfer(order).release_at
    assert answer_by > release_at
    bench.clock = release_at
    bench.sweep()
    assert bench.order(order).state == OrderState.AWAITING_PAYMENT, "the provider owes an answer"
    bench.clock = answer_by
    bench.sweep()
    assert bench.order(order).state == OrderState.EXPIRED
    told = bench.mails(order)
    assert {"claim_opened", "claim_to_answer", "claim_escalated", "claim_to_mediate"} <= set(told)
    with bench.works.sessions() as session:
        assert [each.order_id for each in escalated_claims(session)] == [order.id]
    # Only the provider can say that the money is there; the platform moves none and confirms none.
    assert bench.money(order) == []
    bench.bring(order, bench.movement(order))
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    with bench.works.sessions() as session:
        assert escalated_claims(session) == []


def test_failure_mode_16_a_provider_who_says_no_answers_for_it_to_administrators(
    bench: Bench, order: Order
) -> None:
    claim(bench, order)
    with bench.works.sessions.begin() as session:
        answer_claim(session, order.id, "not_received", "Nothing came.", None, bench.clock)
    bench.wait(hours=1)
    claim(bench, order)
    bench.run()
    with bench.works.sessions() as session:
        kept = claim_of(session, order.id)
        assert kept is not None
        assert kept.escalated_at == bench.clock
    assert "claim_answered" in bench.mails(order)
    events = [event for event in bench.trail(order.id) if event.startswith("payment_claim")]
    assert events == [
        "payment_claim.opened",
        "payment_claim.answered",
        "payment_claim.opened",
        "payment_claim.escalated",
    ]


def test_failure_mode_16_the_next_statement_ends_it(bench: Bench, order: Order) -> None:
    claim(bench, order)
    bench.bring(order, bench.movement(order))
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
    bench.wait(days=8)
    bench.sweep()
    assert "claim_escalated" not in bench.mails(order)
