"""A checkout is opened once for an attempt: asked for again, it is asked for with the same key."""

import pytest
from sqlalchemy import select

from app.domain.orders.models import OrderState
from app.domain.payments.models import AccountState, Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.open_payment import MethodUnavailable, NotPayable
from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import Declined, PayeeProblem
from app.shells.start_checkout import start_checkout
from tests.journey import Journey


def payments(journey: Journey) -> list[Payment]:
    with journey.sessions() as session:
        return list(session.execute(select(Payment).order_by(Payment.created_at)).scalars())


def test_the_buyer_is_sent_to_a_checkout_that_is_kept(journey: Journey):
    order = journey.place(20)
    payment = start_checkout(journey.works, order.id)
    (checkout,) = journey.gateway.checkouts.values()
    assert (payment.external_id, payment.redirect_url) == (
        checkout.external_id,
        f"https://gateway.test/pay/{checkout.external_id}",
    )
    with journey.sessions() as session:
        account = session.get_one(ProviderPayeeAccount, payment.account_id)
    assert (checkout.amount, checkout.payee) == (order.total, account.external_id)
    assert checkout.reference == str(payment.id)


def test_a_second_click_finds_the_first_checkout(journey: Journey):
    order = journey.place(20)
    first, second = (start_checkout(journey.works, order.id) for _ in range(2))
    assert (first.id, first.redirect_url) == (second.id, second.redirect_url)
    assert [operation for operation, _, _ in journey.gateway.calls] == ["start"]


@pytest.mark.parametrize(
    ("error", "acted"),
    [(OutcomeUnknown("timeout"), True), (OutcomeUnknown("timeout"), False), (TryAgain("away"), False)],
    ids=str,
)
def test_when_nobody_knows_the_same_is_asked_again(journey: Journey, error, acted: bool):
    order = journey.place(20)
    journey.gateway.fail_next("start", error, acted=acted)
    with pytest.raises(type(error)):
        start_checkout(journey.works, order.id)
    (payment,) = payments(journey)
    assert (payment.state, payment.external_id) == (PaymentState.CREATED, None)
    assert start_checkout(journey.works, order.id).id == payment.id
    assert journey.gateway.calls == 2 * [("start", str(payment.id), f"{payment.id}:create")]
    assert len(journey.gateway.checkouts) == 1
    assert [each.state for each in payments(journey)] == [PaymentState.STARTED]


def test_a_refusal_is_recorded_and_the_next_try_is_another_attempt(journey: Journey):
    order = journey.place(20)
    journey.gateway.fail_next("start", Declined("declined"))
    with pytest.raises(Declined):
        start_checkout(journey.works, order.id)
    start_checkout(journey.works, order.id)
    first, second = payments(journey)
    assert (first.state, first.reason, second.state) == (
        PaymentState.FAILED,
        "declined",
        PaymentState.STARTED,
    )
    (one, other) = (key for _, _, key in journey.gateway.calls)
    assert one != other


def test_a_provider_that_cannot_be_paid_is_told_and_asked_no_more(journey: Journey):
    order = journey.place(20)
    journey.gateway.fail_next("start", PayeeProblem("account_restricted"))
    with pytest.raises(PayeeProblem):
        start_checkout(journey.works, order.id)
    with pytest.raises(MethodUnavailable):
        start_checkout(journey.works, order.id)
    with journey.sessions() as session:
        account = session.execute(select(ProviderPayeeAccount)).scalar_one()
        assert (account.state, account.state_reason) == (AccountState.DEGRADED, "account_restricted")
    assert len(journey.mails("payee_account_degraded")) == 1
    assert journey.fresh(order).state == OrderState.AWAITING_PAYMENT


def test_an_order_that_does_not_wait_opens_nothing(journey: Journey):
    order = journey.place(20)
    journey.expire(order)
    with pytest.raises(NotPayable):
        start_checkout(journey.works, order.id)
    assert journey.gateway.calls == []
