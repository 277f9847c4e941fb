"""Before the registry is called it is written down that it is called, with the same key every time."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.domain.cancellations.begin_attempt import begin_attempt
from app.domain.cancellations.models import CancellationState
from app.domain.cancellations.queries import cancellation_by_registry_id, forgotten_cancellations
from app.domain.cancellations.record_receipt import record_receipt
from app.domain.orders.models import Order
from app.integrations.registry.interface import Beneficiary
from tests.domain.cancellations.receipts import accepted, open_cancellations_of
from tests.domain.payments.attempts import SOON

LATER = SOON + timedelta(minutes=10)


def test_every_attempt_is_the_same_attempt(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    first, second = (
        begin_attempt(session, cancellation.id, SOON),
        begin_attempt(session, cancellation.id, LATER),
    )
    assert first is not None
    assert second is not None
    assert first.request == second.request
    assert first.key == second.key == first.request.client_reference == str(cancellation.id)
    assert (first.asked_before, second.asked_before) == (False, True)
    assert (cancellation.attempts, cancellation.asked_at) == (2, LATER)
    assert (first.request.quantity, first.request.mandate_id) == (25, cancellation.line.offer.mandate_id)
    assert first.order_number == cancellation.line.order.number


def test_the_registry_is_told_who_it_is_for(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    attempt = begin_attempt(session, cancellation.id, SOON)
    assert attempt is not None
    assert attempt.request.beneficiary == Beneficiary("organisation", "public", "Sample Buyer GmbH", "DE")
    assert attempt.request.purpose == "voluntary_contribution"
    assert attempt.request.reason == "For the sample conference of 2026"


def test_of_an_anonymous_beneficiary_the_registry_learns_no_name(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    session.execute(update(Order).values(disclosure="anonymous", beneficiary_type="individual"))
    session.expire_all()
    attempt = begin_attempt(session, cancellation.id, SOON)
    assert attempt is not None
    assert attempt.request.beneficiary == Beneficiary("individual", "anonymous", None, "DE")


@pytest.mark.parametrize("state", [CancellationState.COMPLETED, CancellationState.REFUSED])
def test_what_is_done_is_not_asked_again(session: Session, state: CancellationState):
    (cancellation,) = open_cancellations_of(session, 25)
    cancellation.state = state
    assert begin_attempt(session, cancellation.id, SOON) is None
    assert (cancellation.attempts, cancellation.asked_at) == (0, None)


def test_an_open_cancellation_is_forgotten_after_twenty_minutes_of_silence(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    quiet, forgotten = timedelta(minutes=20), timedelta(minutes=20, seconds=1)
    assert forgotten_cancellations(session, SOON + quiet) == []
    assert forgotten_cancellations(session, SOON + forgotten) == [cancellation.id]
    begin_attempt(session, cancellation.id, LATER)
    assert forgotten_cancellations(session, LATER + quiet) == []
    assert forgotten_cancellations(session, LATER + forgotten) == [cancellation.id]
    for state in (CancellationState.COMPLETED, CancellationState.REFUSED):
        cancellation.state = state
        assert forgotten_cancellations(session, LATER + forgotten) == []


def test_a_cancellation_is_found_by_the_registrys_number(session: Session):
    (cancellation,) = open_cancellations_of(session, 25)
    receipt = accepted(cancellation)
    assert cancellation_by_registry_id(session, receipt.cancellation_id) is None
    record_receipt(session, cancellation.id, receipt, SOON)
    assert cancellation_by_registry_id(session, receipt.cancellation_id) == cancellation.id
