"""Money goes back once, with the same key however often it is asked for; what the gateway cannot do, the provider does."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import AccountState, PaymentEntry, ProviderPayeeAccount
from app.domain.payments.refund_models import Refund, RefundState
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.interface import OnlyByHand, PayeeProblem
from app.money import Money
from app.shells.owe_refunds import owe_refunds
from app.shells.refund import refund
from tests.journey import Journey
from tests.simulation import Breaking, Crash


@pytest.fixture
def due(journey: Journey) -> Order:
    """An order that was paid and whose units the registry would not cancel."""
    order = journey.place(20)
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)
    assert journey.fresh(order).state == OrderState.REFUND_DUE
    return order


def row(journey: Journey, order: Order) -> Refund:
    (found,) = journey.refunds(order)
    return found


def entries(journey: Journey) -> list[tuple[str, int]]:
    with journey.sessions() as session:
        rows = session.execute(select(PaymentEntry).order_by(PaymentEntry.kind.desc())).scalars()
        return sorted((row.kind, row.amount_minor) for row in rows)


def keys(journey: Journey) -> list[str]:
    return [key for operation, _, key in journey.gateway.calls if operation == "refund"]


def at_gateway(journey: Journey) -> int:
    """What the gateway has given back."""
    (checkout,) = journey.gateway.checkouts.values()
    moves = [*checkout.entries, *checkout.waiting]
    return sum(entry.amount.minor for entry in moves if entry.kind == "refund")


def checkout_of(journey: Journey) -> str:
    (external_id,) = journey.gateway.checkouts
    return external_id


def test_the_whole_receipt_goes_back(journey: Journey, due: Order):
    assert row(journey, due).state == RefundState.REQUESTED
    for _ in range(2):
        journey.refund(due)
    assert journey.fresh(due).state == OrderState.REFUNDED
    assert entries(journey) == [("receipt", due.total_minor), ("refund", due.total_minor)]
    assert keys(journey) == [f"{row(journey, due).id}:refund"]
    assert (row(journey, due).state, row(journey, due).external_id) == (RefundState.DONE, "REFUND3")
    assert len(journey.mails("refunded")) == 1


@pytest.mark.parametrize("acted", [True, False])
def test_when_nobody_knows_the_same_is_asked_again(journey: Journey, due: Order, acted: bool):
    journey.gateway.fail_next("refund", OutcomeUnknown("timeout"), acted=acted)
    with pytest.raises(OutcomeUnknown):
        journey.refund(due)
    assert journey.fresh(due).state == OrderState.REFUND_DUE
    assert row(journey, due).state == RefundState.SUBMITTED
    journey.refund(due)
    assert journey.fresh(due).state == OrderState.REFUNDED
    assert entries(journey) == [("receipt", due.total_minor), ("refund", due.total_minor)]
    first, second = keys(journey)
    assert first == second


def test_a_gateway_that_is_away_is_asked_again(journey: Journey, due: Order):
    journey.gateway.fail_next("refund", TryAgain("away"))
    with pytest.raises(TryAgain):
        journey.refund(due)
    assert journey.fresh(due).state == OrderState.REFUND_DUE
    assert row(journey, due).state == RefundState.SUBMITTED


@pytest.mark.parametrize(
    "no",
    [Refused("refund_window_over"), PayeeProblem("insufficient_funds"), OnlyByHand("by_transfer")],
)
def test_what_the_gateway_cannot_do_becomes_the_providers_task(journey: Journey, due: Order, no: Refused):
    journey.gateway.fail_next("refund", no)
    for _ in range(2):
        journey.refund(due)
    assert journey.fresh(due).state == OrderState.REFUND_DUE
    task = row(journey, due)
    assert (task.state, task.problem) == (RefundState.BY_HAND, no.code)
    assert task.due_at is not None
    assert timedelta(days=5) < task.due_at - journey.now <= timedelta(days=10)
    assert len(journey.mails("refund_to_send")) == 1
    assert len(journey.jobs("mind_refund")) == 2
    assert len(keys(journey)) == 1, "nobody insists"


def test_an_account_that_was_revoked_is_not_asked(journey: Journey, due: Order):
    with journey.sessions.begin() as session:
        session.query(ProviderPayeeAccount).update({"state": AccountState.REVOKED})
    journey.refund(due)
    assert (row(journey, due).state, row(journey, due).problem) == (RefundState.BY_HAND, "account_revoked")
    assert keys(journey) == []


def test_taken_on_is_not_done(journey: Journey, due: Order):
    journey.gateway.refunds_wait = True
    journey.refund(due)
    assert (journey.fresh(due).state, row(journey, due).state) == (
        OrderState.REFUND_DUE,
        RefundState.IN_TRANSIT,
    )
    journey.refund(due)
    assert row(journey, due).state == RefundState.IN_TRANSIT
    assert at_gateway(journey) == due.total_minor
    journey.gateway.finish_refunds(checkout_of(journey))
    journey.look(due)
    assert (journey.fresh(due).state, row(journey, due).state) == (OrderState.REFUNDED, RefundState.DONE)
    assert len(set(keys(journey))) == 1


def test_what_never_ends_is_shown_to_the_provider_before_the_key_is_forgotten(journey: Journey, due: Order):
    journey.gateway.refunds_wait = True
    journey.refund(due)
    journey.passed += timedelta(days=31)
    asked = len(keys(journey))
    journey.refund(due)
    assert (row(journey, due).state, row(journey, due).problem) == (RefundState.BY_HAND, "never_finished")
    assert len(keys(journey)) == asked


def test_what_had_ended_after_all_is_not_sent_again(journey: Journey, due: Order):
    journey.gateway.refunds_wait = True
    journey.refund(due)
    journey.gateway.finish_refunds(checkout_of(journey))
    journey.passed += timedelta(days=31)
    journey.refund(due)
    assert row(journey, due).state == RefundState.DONE
    assert journey.mails("refund_to_send") == []


def test_a_notification_during_our_own_refund_books_it_once(journey: Journey, due: Order):
    really = journey.gateway.refund

    def refund_and_notify(*arguments, **named):
        snapshot = really(*arguments, **named)
        journey.look(due)  # the gateway's word comes before its answer
        return snapshot

    journey.gateway.refund = refund_and_notify  # type: ignore[method-assign]
    journey.refund(due)
    assert entries(journey) == [("receipt", due.total_minor), ("refund", due.total_minor)]
    assert row(journey, due).state == RefundState.DONE
    assert len(journey.mails("refunded")) == 1


def test_a_refund_that_comes_back_is_sent_by_hand(journey: Journey, due: Order):
    journey.refund(due)
    journey.gateway.return_refund(checkout_of(journey))
    for _ in range(2):
        journey.look(due)
    order = journey.fresh(due)
    assert (order.state, order.state_reason) == (OrderState.REFUND_DUE, "refund_failed")
    assert (row(journey, due).state, row(journey, due).problem) == (RefundState.BY_HAND, "refund_failed")
    assert len(journey.mails("refund_to_send")) == 1


def test_part_went_back_outside_before_the_gateway_was_asked(journey: Journey, due: Order):
    journey.gateway.refund_outside(checkout_of(journey), Money(1000, due.currency))
    journey.look(due)
    assert row(journey, due).amount_minor == due.total_minor - 1000
    journey.refund(due)
    assert journey.fresh(due).state == OrderState.REFUNDED
    assert at_gateway(journey) == due.total_minor


def test_all_of_it_went_back_outside_in_parts_while_the_gateway_was_asked(journey: Journey, due: Order):
    for part in (1000, due.total_minor - 1000):
        journey.gateway.refund_outside(checkout_of(journey), Money(part, due.currency))
    journey.refund(due)
    assert journey.fresh(due).state == OrderState.REFUNDED
    assert row(journey, due).state == RefundState.WITHDRAWN
    assert at_gateway(journey) == due.total_minor


@pytest.mark.parametrize("state", sorted(set(OrderState) - {OrderState.REFUND_DUE, OrderState.REFUNDED}))
def test_an_order_that_is_due_none_gets_none(journey: Journey, due: Order, state: OrderState):
    journey.age(due.id, state=state)
    journey.refund(due)
    owe_refunds(journey.works, due.id)
    assert keys(journey) == []
    assert entries(journey) == [("receipt", due.total_minor)]


def test_an_order_without_the_refund_that_it_is_due_gets_one(journey: Journey, due: Order):
    with journey.sessions.begin() as session:
        session.query(Refund).delete()
    for _ in range(2):
        owe_refunds(journey.works, due.id)
    assert (row(journey, due).cause, row(journey, due).amount) == ("late", due.total)


def test_an_order_that_nobody_can_refund_is_shown_to_a_person(journey: Journey, due: Order):
    with journey.sessions.begin() as session:
        session.query(Refund).update({"state": RefundState.DONE})  # and the ledger knows of nothing
    owe_refunds(journey.works, due.id)
    order = journey.fresh(due)
    assert (order.state, order.state_reason) == (OrderState.NEEDS_ATTENTION, "refund_unclear")


@pytest.mark.parametrize("waits", [False, True])
def test_killed_at_any_place_nothing_goes_back_twice(journey: Journey, due: Order, waits: bool):
    """Around every commit and around the call, again and again: the job is simply run once more."""
    journey.gateway.refunds_wait = waits
    left = [0]

    def point() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Crash

    journey.neighbours.gateways["paypal"] = Breaking(journey.gateway, point)  # type: ignore[index]
    for name in ("before_commit", "after_commit"):
        event.listen(journey.sessions, name, lambda _: point())
    refund_id = row(journey, due).id
    deaths = 0
    for place in range(1, 12):
        left[0] = place
        try:
            refund(journey.works, refund_id)
        except Crash:
            deaths += 1
        left[0] = 0
        assert at_gateway(journey) in {0, due.total_minor}
    assert deaths >= 5
    journey.gateway.finish_refunds(checkout_of(journey))
    journey.look(due)
    assert journey.fresh(due).state == OrderState.REFUNDED
    assert at_gateway(journey) == due.total_minor
    assert entries(journey) == [("receipt", due.total_minor), ("refund", due.total_minor)]
    assert len(set(keys(journey))) == 1
