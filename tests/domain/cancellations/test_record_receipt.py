"""A receipt is believed only when it is for what was asked and its serial numbers add up."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.cancellations.models import CancellationState
from app.domain.cancellations.record_receipt import (
    ReceiptMismatch,
    check_receipt,
    record_receipt,
    record_refusal,
    record_unknown,
)
from app.domain.offers.models import OfferState
from app.domain.orders.models import OrderState
from app.domain.payments.refunds.balance import refunds_of
from tests.domain.cancellations.receipts import accepted, completed, open_cancellations_of, rejected, span
from tests.domain.payments.attempts import SOON
from tests.traces import books, jobs, mails, steps

LATER = SOON + timedelta(minutes=10)


# Receipts that do not fit.

WRONG = {
    "reference": lambda it: completed(it, client_reference="another"),
    "mandate": lambda it: completed(it, mandate_id="another"),
    "quantity": lambda it: completed(it, quantity=26),
    "too few serials": lambda it: completed(it, span(1, 24)),
    "too many serials": lambda it: completed(it, span(1, 26)),
    "no serials": lambda it: completed(it, serial_ranges=()),
    "count too high": lambda it: completed(it, span(1, 24, count=25)),
    "count too low": lambda it: completed(it, span(1, 26, count=25)),
    "backwards": lambda it: completed(it, span(1, 26), span(41, 39)),
    "negative": lambda it: completed(it, span(1, 26), span(41, 39, count=-1)),
    "same range twice": lambda it: completed(it, span(1, 5), span(1, 5), span(11, 25)),
    "overlap by one": lambda it: completed(it, span(10, 22), span(1, 10), span(31, 32)),
    "range inside another": lambda it: completed(it, span(1, 20), span(3, 7)),
    "no time": lambda it: completed(it, completed_at=None),
    "accepted for another quantity": lambda it: accepted(it, quantity=24),
    "accepted for another reference": lambda it: accepted(it, client_reference="another"),
    "rejected for another mandate": lambda it: rejected(it, mandate_id="another"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_receipt_that_does_not_fit_completes_nothing(session: Session, wrong: str):
    (cancellation,) = open_cancellations_of(session, 25)
    order, receipt = cancellation.line.order, WRONG[wrong](cancellation)
    with pytest.raises(ReceiptMismatch) as raised:
        check_receipt(session, cancellation, receipt)
    assert record_receipt(session, cancellation.id, receipt, SOON) == CancellationState.UNKNOWN
    session.flush()
    assert (cancellation.problem_code, cancellation.problem_detail) == ("receipt_mismatch", str(raised.value))
    assert (cancellation.registry_id, cancellation.completed_at, cancellation.serial_ranges) == (
        None,
        None,
        [],
    )
    assert (order.state, order.state_reason) == (OrderState.NEEDS_ATTENTION, "receipt_mismatch")
    assert len(mails(session, "needs_attention")) == 1
    assert jobs(session, "issue_certificate") == []
    # The registry may have cancelled them: they are sold to nobody else.
    offer = cancellation.line.offer
    assert (offer.held, offer.cancelled) == (25, 0)


@pytest.mark.parametrize(
    "theirs", [span(100, 124), span(90, 100), span(124, 130), span(110, 112), span(90, 130)], ids=str
)
def test_serial_numbers_of_another_cancellation_are_not_taken_twice(session: Session, theirs):
    first, second = (open_cancellations_of(session, quantity)[0] for quantity in (25, theirs.count))
    record_receipt(session, first.id, completed(first, span(100, 124)), SOON)
    assert record_receipt(session, second.id, completed(second, theirs), SOON) == CancellationState.UNKNOWN
    assert second.problem_detail == "serial numbers of another cancellation"
    assert second.line.order.state == OrderState.NEEDS_ATTENTION


@pytest.mark.parametrize(
    "theirs", [span(75, 99), span(125, 149), span(100, 124, prefix="SAMPLE-BR-2025")], ids=str
)
def test_neighbouring_serial_numbers_are_others(session: Session, theirs):
    first, second = (open_cancellations_of(session, 25)[0] for _ in range(2))
    record_receipt(session, first.id, completed(first, span(100, 124)), SOON)
    assert record_receipt(session, second.id, completed(second, theirs), SOON) == CancellationState.COMPLETED


def test_a_receipt_with_the_registrys_number_of_another_cancellation_does_not_fit(session: Session):
    first, second = (open_cancellations_of(session, 25)[0] for _ in range(2))
    one = completed(first)
    record_receipt(session, first.id, one, SOON)
    receipt = completed(second, cancellation_id=one.cancellation_id)
    assert record_receipt(session, second.id, receipt, SOON) == CancellationState.UNKNOWN
    session.flush()
    assert second.line.order.state == OrderState.NEEDS_ATTENTION


def test_the_right_receipt_heals_the_wrong_one(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    record_receipt(session, cancellation.id, completed(cancellation, span(1, 24)), SOON)
    assert (
        record_receipt(session, cancellation.id, completed(cancellation), LATER)
        == CancellationState.COMPLETED
    )
    assert (cancellation.problem_code, cancellation.problem_detail) == (None, None)
    assert cancellation.line.order.state == OrderState.COMPLETED
    assert len(jobs(session, "issue_certificate")) == 1


# Accepted.


def test_accepted_is_not_done(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    receipt = accepted(cancellation)
    before = books(session)
    assert record_receipt(session, cancellation.id, receipt, SOON) == CancellationState.SUBMITTED
    assert cancellation.registry_id == receipt.cancellation_id
    assert cancellation.line.order.state == OrderState.CANCELLING
    assert books(session) == before


def test_accepted_after_nobody_knew_is_found_again(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    record_unknown(session, cancellation.id, "timeout", SOON)
    assert (cancellation.state, cancellation.problem_code) == (CancellationState.UNKNOWN, "timeout")
    record_receipt(session, cancellation.id, accepted(cancellation), SOON)
    assert steps(session, cancellation.id) == ["lose_sight", "find_open"]


# Completed.


def test_completed_moves_units_and_keeps_the_registrys_words(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    receipt = completed(cancellation, span(300, 309), span(100, 114))
    assert record_receipt(session, cancellation.id, receipt, LATER) == CancellationState.COMPLETED
    session.flush()
    session.refresh(cancellation)
    assert [(each.start, each.end, each.count, each.printed) for each in cancellation.serial_ranges] == [
        (100, 114, 15, "SAMPLE-MW-2025-100-114"),
        (300, 309, 10, "SAMPLE-MW-2025-300-309"),
    ]
    assert cancellation.completed_at == SOON, "the registry's time"
    assert cancellation.registry_id == receipt.cancellation_id
    assert (cancellation.attestation_reference, cancellation.attestation_url) == (
        "ATT-1",
        "https://registry.test/att-1",
    )
    offer, order = cancellation.line.offer, cancellation.line.order
    assert (offer.held, offer.cancelled, offer.left) == (0, 25, 75)
    assert offer.state == OfferState.PUBLISHED
    assert (order.state, order.completed_at) == (OrderState.COMPLETED, LATER)
    assert jobs(session, "issue_certificate") == [{"order_id": str(order.id)}]


def test_completed_without_an_attestation(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    record_receipt(session, cancellation.id, completed(cancellation, attestation=None), SOON)
    assert (cancellation.state, cancellation.attestation_reference) == (CancellationState.COMPLETED, None)


def test_completed_twice_is_completed_once(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    receipt = completed(cancellation)
    record_receipt(session, cancellation.id, receipt, SOON)
    before = books(session)
    for late in (
        receipt,
        accepted(cancellation),
        rejected(cancellation),
        completed(cancellation, span(1, 24)),
    ):
        assert record_receipt(session, cancellation.id, late, LATER) == CancellationState.COMPLETED
    record_refusal(session, cancellation.id, "insufficient_units", "", LATER)
    record_unknown(session, cancellation.id, "timeout", LATER)
    assert books(session) == before
    offer = cancellation.line.offer
    assert (offer.held, offer.cancelled) == (0, 25)
    assert steps(session, cancellation.id) == ["complete"]


def test_an_order_is_completed_with_its_last_line_only(session: Session):
    first, second, third = open_cancellations_of(session, 5, 6, 7)
    order = first.line.order
    for cancellation in (third, first):
        record_receipt(session, cancellation.id, completed(cancellation), SOON)
        assert (order.state, order.completed_at) == (OrderState.CANCELLING, None)
        assert jobs(session, "issue_certificate") == []
    record_receipt(session, second.id, completed(second), LATER)
    assert (order.state, order.completed_at) == (OrderState.COMPLETED, LATER)
    assert len(jobs(session, "issue_certificate")) == 1


def test_an_offer_is_sold_out_with_its_last_unit(session: Session):
    (cancellation,) = open_cancellations_of(session, 25, stock=26)
    record_receipt(session, cancellation.id, completed(cancellation), SOON)
    assert cancellation.line.offer.state == OfferState.PUBLISHED
    (cancellation,) = open_cancellations_of(session, 25, stock=25)
    record_receipt(session, cancellation.id, completed(cancellation), SOON)
    assert cancellation.line.offer.state == OfferState.SOLD_OUT


@pytest.mark.parametrize("state", [OfferState.PAUSED, OfferState.WITHDRAWN])
def test_an_offer_that_was_taken_back_does_not_come_back_as_sold_out(session: Session, state: OfferState):
    (cancellation,) = open_cancellations_of(session, 25, stock=25)
    cancellation.line.offer.state = state
    session.flush()
    record_receipt(session, cancellation.id, completed(cancellation), SOON)
    assert cancellation.line.offer.state == state


# Refused.


def test_all_refused_gives_the_money_back(session: Session):
    both = open_cancellations_of(session, 20, 5)
    order = both[0].line.order
    record_receipt(session, both[0].id, rejected(both[0]), SOON)
    assert order.state == OrderState.CANCELLING
    record_refusal(session, both[1].id, "mandate_revoked", "by its holder", SOON)
    session.flush()
    assert [each.state for each in both] == 2 * [CancellationState.REFUSED]
    assert [(each.problem_code, each.problem_detail) for each in both] == [
        ("block_not_available", "frozen"),
        ("mandate_revoked", "by its holder"),
    ]
    assert (order.state, order.state_reason) == (OrderState.REFUND_DUE, "mandate_revoked")
    (back,) = refunds_of(session, order.id)
    assert (back.cause, back.amount) == ("refused", order.total)
    assert jobs(session, "refund") == [{"refund_id": str(back.id)}]
    assert len(mails(session, "refund_due")) == 1
    assert [each.line.offer.held for each in both] == [0, 0]
    assert jobs(session, "issue_certificate") == []


def test_a_rejection_without_a_code_is_one_all_the_same(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    receipt = rejected(cancellation, rejection_code=None, rejection_detail=None)
    assert record_receipt(session, cancellation.id, receipt, SOON) == CancellationState.REFUSED
    assert (cancellation.problem_code, cancellation.problem_detail) == ("rejected", "")


def test_refused_twice_is_refused_once(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    record_refusal(session, cancellation.id, "mandate_revoked", "", SOON)
    before = books(session)
    record_refusal(session, cancellation.id, "mandate_revoked", "", LATER)
    record_receipt(session, cancellation.id, completed(cancellation), LATER)
    assert books(session) == before
    assert cancellation.state == CancellationState.REFUSED
    assert cancellation.line.offer.held == 0


@pytest.mark.parametrize("refused_first", [True, False])
def test_partly_refused_is_for_a_person(session: Session, refused_first: bool):
    done, refused = open_cancellations_of(session, 20, 5)
    order = done.line.order
    acts = [
        lambda: record_refusal(session, refused.id, "mandate_revoked", "", SOON),
        lambda: record_receipt(session, done.id, completed(done), SOON),
    ]
    for act in acts if refused_first else reversed(acts):
        assert order.state == OrderState.CANCELLING
        act()
    session.flush()
    assert (order.state, order.state_reason) == (OrderState.NEEDS_ATTENTION, "partly_refused")
    assert len(mails(session, "needs_attention")) == 1
    assert jobs(session, "refund") == []
    assert jobs(session, "issue_certificate") == []
    assert (done.line.offer.held, done.line.offer.cancelled, refused.line.offer.held) == (0, 20, 0)
