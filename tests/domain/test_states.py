"""Every step leads where its table says and writes one row; from anywhere else it raises and changes nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.cancellations import states as cancellations
from app.domain.cancellations.models import CancellationState
from app.domain.orders import states as orders
from app.domain.orders.models import OrderState
from app.domain.payments import states as payments
from app.domain.payments.models import PaymentState
from app.domain.people import states as providers
from app.domain.people.models import ProviderState
from app.domain.states import IllegalStep
from tests.domain.cancellations.receipts import open_cancellations_of
from tests.domain.payments.attempts import make_payment
from tests.factories import NOW, make_order, make_provider
from tests.traces import books, trail


@dataclass
class Kind:
    """One entity with its table of steps."""

    make: Any
    module: Any
    states: type[StrEnum]
    event: str
    order_id: Any


KINDS = {
    "order": Kind(make_order, orders, OrderState, "order.step", lambda order: order.id),
    "payment": Kind(make_payment, payments, PaymentState, "payment.step", lambda payment: payment.order_id),
    "provider": Kind(make_provider, providers, ProviderState, "provider.step", lambda _: None),
    "cancellation": Kind(
        lambda session: open_cancellations_of(session, 25)[0],
        cancellations,
        CancellationState,
        "cancellation.step",
        lambda cancellation: cancellation.line.order_id,
    ),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_step_writes_one_row_and_no_other_is_possible(session: Session, kind: Kind):
    entity = kind.make(session)
    for name, (came_from, to) in kind.module.STEPS.items():
        for state in kind.states:
            entity.state = state
            session.flush()
            before, rows = books(session), len(trail(session, entity.id))
            if state in came_from:
                kind.module.step(session, entity, name, NOW, reason="of the test")
                session.flush()
                assert entity.state == to
                *_, row = trail(session, entity.id)
                assert len(trail(session, entity.id)) == rows + 1
                assert (row.event, row.at, row.order_id) == (kind.event, NOW, kind.order_id(entity))
                assert (row.entity, row.actor) == (kind.event.partition(".")[0], "platform")
                assert row.payload == {
                    "step": name,
                    "before": state.value,
                    "after": to.value,
                    "reason": "of the test",
                }
            else:
                with pytest.raises(IllegalStep):
                    kind.module.step(session, entity, name, NOW, reason="of the test")
                assert entity.state == state
                assert books(session) == before


@pytest.mark.parametrize("kind", ["order", "payment"])
def test_a_reason_stays_until_the_next_step(session: Session, kind: str):
    entity, step = KINDS[kind].make(session), KINDS[kind].module.step
    name, first, second = (
        ("state_reason", "flag", "complete") if kind == "order" else ("reason", "fail", "settle")
    )
    step(session, entity, first, NOW, reason="of the test")
    assert getattr(entity, name) == "of the test"
    step(session, entity, second, NOW)
    assert getattr(entity, name) is None


def test_who_did_it_is_written_down(session: Session):
    order = make_order(session)
    orders.step(session, order, "withdraw", NOW, actor="buyer")
    session.flush()
    assert [row.actor for row in trail(session, order.id)] == ["buyer", "buyer"]
