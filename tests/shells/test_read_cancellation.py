"""The registry says that a cancellation has moved: it is read, and recorded if it is one of ours."""

import pytest

from app.domain.cancellations.models import Cancellation
from app.domain.cancellations.queries import cancellations_of
from app.domain.orders.models import Order, OrderState
from app.integrations.registry.interface import Beneficiary, CancellationRequest
from app.shells.read_resource import read_resource
from app.shells.request_cancellation import StillOpen, request_cancellation
from tests.journey import Journey
from tests.traces import books


@pytest.fixture
def accepted(journey: Journey) -> tuple[Order, Cancellation]:
    """A paid order whose cancellation the registry has accepted and not completed."""
    order = journey.place(20)
    journey.pay(order)
    journey.registry.accept_next()
    with journey.sessions() as session:
        (cancellation,) = cancellations_of(session, order.id)
    with pytest.raises(StillOpen):
        request_cancellation(journey.works, cancellation.id)
    with journey.sessions() as session:
        return order, session.get_one(Cancellation, cancellation.id)


def test_completed_later(journey: Journey, accepted: tuple[Order, Cancellation]):
    order, cancellation = accepted
    journey.registry.complete(cancellation.registry_id or "")
    for _ in range(2):
        read_resource(journey.works, "cancellation", cancellation.registry_id or "")
        assert journey.fresh(order).state == OrderState.COMPLETED
    assert len(journey.jobs("issue_certificate")) == 1


def test_rejected_later(journey: Journey, accepted: tuple[Order, Cancellation]):
    order, cancellation = accepted
    journey.registry.reject(cancellation.registry_id or "", "block_not_available")
    read_resource(journey.works, "cancellation", cancellation.registry_id or "")
    assert journey.fresh(order).state == OrderState.REFUND_DUE
    (back,) = journey.refunds(order)
    assert journey.jobs("refund") == [{"refund_id": str(back.id)}]


@pytest.mark.parametrize("reference", ["of another platform", "5f0c6a36-5f0b-4a55-9a55-0d1f6b7a9c11"])
def test_one_that_is_not_ours_changes_nothing(journey: Journey, reference: str):
    mandate = journey.registry.grant(10)
    beneficiary = Beneficiary("organisation", "public", "Sample Buyer GmbH", "DE")
    request = CancellationRequest(mandate.mandate_id, 3, "event", reference, beneficiary)
    receipt = journey.registry.cancel(request, "their key")
    with journey.sessions() as session:
        before = books(session)
    read_resource(journey.works, "cancellation", receipt.cancellation_id)
    with journey.sessions() as session:
        assert books(session) == before


def test_one_that_is_closed_is_not_asked_for_again(journey: Journey):
    order = journey.place(20)
    journey.pay(order)
    journey.cancel(order)
    with journey.sessions() as session:
        (cancellation,) = cancellations_of(session, order.id)
    journey.registry.calls.clear()
    read_resource(journey.works, "cancellation", cancellation.registry_id or "")
    assert journey.registry.calls == []
