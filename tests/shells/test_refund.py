"""Money goes back once, with the same key however often it is asked for; a refusal is shown to a person."""

import pytest
from sqlalchemy import select

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import PaymentEntry
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.shells.refund import refund
from tests.journey import Journey


@pytest.fixture
def due(journey: Journey) -> Order:
    """An order that was paid and whose units the registry would not cancel."""
    order = journey.place(20)
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)
    assert journey.fresh(order).state == OrderState.REFUND_DUE
    return order


def entries(journey: Journey) -> list[tuple[str, int]]:
    with journey.sessions() as session:
        rows = session.execute(select(PaymentEntry).order_by(PaymentEntry.kind.desc())).scalars()
        return sorted((row.kind, row.amount_minor) for row in rows)


def keys(journey: Journey) -> list[str]:
    return [key for operation, _, key in journey.gateway.calls if operation == "refund"]


def test_the_whole_receipt_goes_back(journey: Journey, due: Order):
    for _ in range(2):
        refund(journey.works, due.id)
    assert journey.fresh(due).state == OrderState.REFUNDED
    assert entries(journey) == [("receipt", due.total_minor), ("refund", due.total_minor)]
    assert len(keys(journey)) == 1
    assert len(journey.mails("refunded")) == 1


@pytest.mark.parametrize("acted", [True, False])
def test_when_nobody_knows_the_same_is_asked_again(journey: Journey, due: Order, acted: bool):
    journey.gateway.fail_next("refund", OutcomeUnknown("timeout"), acted=acted)
    with pytest.raises(OutcomeUnknown):
        refund(journey.works, due.id)
    assert journey.fresh(due).state == OrderState.REFUND_DUE
    refund(journey.works, due.id)
    assert journey.fresh(due).state == OrderState.REFUNDED
    assert entries(journey) == [("receipt", due.total_minor), ("refund", due.total_minor)]
    first, second = keys(journey)
    assert first == second
    assert "refund" in first


def test_a_gateway_that_is_away_is_asked_again(journey: Journey, due: Order):
    journey.gateway.fail_next("refund", TryAgain("away"))
    with pytest.raises(TryAgain):
        refund(journey.works, due.id)
    assert journey.fresh(due).state == OrderState.REFUND_DUE


def test_a_refused_refund_is_shown_to_a_person(journey: Journey, due: Order):
    journey.gateway.fail_next("refund", Refused("refund_time_limit_exceeded"))
    refund(journey.works, due.id)
    order = journey.fresh(due)
    assert (order.state, order.state_reason) == (
        OrderState.NEEDS_ATTENTION,
        "refund_refused:refund_time_limit_exceeded",
    )
    assert len(journey.mails("needs_attention")) == 1
    refund(journey.works, due.id)
    assert len(keys(journey)) == 1, "nobody insists"


@pytest.mark.parametrize("state", sorted(set(OrderState) - {OrderState.REFUND_DUE}))
def test_an_order_that_is_due_none_gets_none(journey: Journey, due: Order, state: OrderState):
    journey.age(due.id, state=state)
    refund(journey.works, due.id)
    assert keys(journey) == []
    assert entries(journey) == [("receipt", due.total_minor)]
