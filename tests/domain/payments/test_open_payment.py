"""One open attempt an order, for the provider's own account, while the order holds its units."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.orders.models import OrderState
from app.domain.payments.models import AccountState, Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.open_payment import MethodUnavailable, NotPayable, open_payment
from tests.domain.payments.attempts import SOON, make_payment
from tests.factories import NOW, make_offer, make_order, make_payee_account, make_provider


def payments(session: Session) -> int:
    return len(session.execute(select(Payment)).all())


def test_an_attempt_is_for_the_whole_order_and_the_providers_own_account(session: Session):
    order = make_order(session)
    payment = open_payment(session, order.id, SOON)
    session.flush()
    assert payment.account.provider_id == order.provider_id
    assert (payment.amount, payment.gateway) == (order.total, "paypal")
    assert (payment.state, payment.external_id) == (PaymentState.CREATED, None)
    assert (payment.created_at, payment.changed_at) == (SOON, SOON)
    assert payment.capture_asked_at is None


@pytest.mark.parametrize("state", ["created", "started", "authorized", "pending"])
def test_an_open_attempt_is_gone_on_with(session: Session, state: str):
    order = make_order(session)
    under_way = make_payment(session, order, PaymentState(state))
    before = payments(session)
    assert open_payment(session, order.id, SOON) is under_way
    assert payments(session) == before


@pytest.mark.parametrize("state", ["failed", "abandoned", "expired"])
def test_a_closed_attempt_is_followed_by_another(session: Session, state: str):
    order = make_order(session)
    closed = make_payment(session, order, PaymentState(state))
    payment = open_payment(session, order.id, SOON)
    session.flush()
    assert payment.id != closed.id
    assert open_payment(session, order.id, SOON) is payment


def test_the_database_refuses_a_second_open_attempt(session: Session):
    order = make_order(session)
    make_payment(session, order)
    with pytest.raises(IntegrityError, match="uq_payment_open"):
        make_payment(session, order, PaymentState.PENDING)


@pytest.mark.parametrize("state", sorted(set(OrderState) - {OrderState.AWAITING_PAYMENT}))
def test_only_an_order_that_waits_is_paid(session: Session, state: OrderState):
    order = make_order(session)
    order.state = state
    before = payments(session)
    with pytest.raises(NotPayable, match=state.value):
        open_payment(session, order.id, SOON)
    assert payments(session) == before


def test_not_after_the_hold(session: Session):
    order = make_order(session)
    with pytest.raises(NotPayable):
        open_payment(session, order.id, NOW + timedelta(minutes=60))
    assert open_payment(session, order.id, NOW + timedelta(minutes=59, seconds=59)).order_id == order.id


def only_account(session: Session, order) -> ProviderPayeeAccount:
    return session.execute(
        select(ProviderPayeeAccount).where(ProviderPayeeAccount.provider_id == order.provider_id)
    ).scalar_one()


@pytest.mark.parametrize(
    "change",
    [
        {"state": AccountState.DEGRADED},
        {"state": AccountState.REVOKED},
        {"currencies": ["EUR"]},
        {"gateway": "another"},
    ],
    ids=str,
)
def test_without_an_account_that_can_take_it_the_method_is_unavailable(session: Session, change):
    order = make_order(session)
    for name, value in change.items():
        setattr(only_account(session, order), name, value)
    session.flush()
    with pytest.raises(MethodUnavailable):
        open_payment(session, order.id, SOON)


def test_another_providers_account_is_never_taken(session: Session):
    order = make_order(session)
    session.delete(only_account(session, order))
    make_provider(session)
    with pytest.raises(MethodUnavailable):
        open_payment(session, order.id, SOON)


def test_of_two_accounts_the_older_that_can_take_it(session: Session):
    provider = make_provider(session, account=False)
    make_payee_account(session, provider, created_at=NOW, currencies=("EUR",))
    older = make_payee_account(session, provider, created_at=NOW + timedelta(days=1))
    make_payee_account(session, provider, created_at=NOW + timedelta(days=2))
    order = make_order(session, make_offer(session, provider=provider))
    assert open_payment(session, order.id, SOON).account_id == older.id
