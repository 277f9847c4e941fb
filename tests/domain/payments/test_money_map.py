"""Where an order's money goes: frozen when the buyer chose, and never to the platform."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.change_method import BothMayBeTaken, change_method
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.money_map import money_map, money_map_ahead
from app.domain.payments.open_payment import open_payment
from app.domain.payments.record_snapshot import record_snapshot
from app.integrations.gateways.interface import PayState
from app.money import Money
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.attempts import make_payment, snapshot
from tests.factories import NOW, make_offer, make_order, make_payee_account, make_provider


def test_before_an_attempt_it_is_the_account_as_it_is(session: Session):
    order = make_order(session)
    [way] = money_map(session, order).ways
    [account] = accounts_of(session, order)
    assert (way.payee.legal_name, way.payee.country) == (order.provider.legal_name, "MW")
    assert (way.payee.method, way.payee.account_tail) == ("paypal", account.external_id[-4:])
    assert (way.amount, way.received) == (order.total, Money(0, "USD"))
    account.external_id, account.statement_text = "OTHER7777", "SAMPLE*STOVES"
    session.flush()
    [way] = money_map(session, order).ways
    assert (way.payee.account_tail, way.payee.statement_text) == ("7777", "SAMPLE*STOVES")


def test_from_the_attempt_on_it_stays(session: Session):
    order = make_order(session)
    [account] = accounts_of(session, order)
    account.statement_text = "SAMPLE*STOVES"
    shown = account.external_id[-4:]
    open_payment(session, order.id, NOW)
    account.external_id, account.statement_text = "OTHER7777", "ELSE"
    order.provider.legal_name = "Renamed Ltd"
    session.flush()
    [way] = money_map(session, order).ways
    assert way.payee.account_tail == shown
    assert way.payee.statement_text == "SAMPLE*STOVES"
    assert way.payee.legal_name != "Renamed Ltd"


def test_an_attempt_of_before_shows_the_account_as_it_is(session: Session):
    payment = make_payment(session)
    assert payment.payee is None
    [way] = money_map(session, payment.order).ways
    assert way.payee.account_tail == payment.account.external_id[-4:]


def test_a_transfer_shows_the_account_that_was_told(session: Session):
    transfer = make_transfer(session)
    bank = session.get_one(BankAccount, transfer.account_id)
    bank.details = {**bank.details, "iban": "DE00", "holder": "Somebody Else"}
    session.flush()
    [way] = money_map(session, transfer.order).ways
    assert (way.payee.method, way.payee.account_tail) == ("bank", "3000")
    assert way.payee.statement_text == transfer.order.provider.legal_name


def test_every_way_that_brought_money_is_on_it(session: Session):
    provider = make_bank_provider(session)
    make_payee_account(session, provider, gateway="stripe")
    order = make_order(session, make_offer(session, provider=provider, currency="EUR"))
    first = open_payment(session, order.id, NOW)
    first.external_id = "CHECKOUT-1"
    session.flush()
    record_snapshot(session, first.id, snapshot(first, PayState.PENDING), NOW)
    change_method(session, order.id, "stripe", NOW, consent=BothMayBeTaken("both", "en", "2026-11"))
    second = open_payment(session, order.id, NOW)
    session.flush()
    assert [way.payee.method for way in money_map(session, order).ways] == ["stripe"]
    record_snapshot(session, first.id, snapshot(first, PayState.CAPTURED), NOW)
    session.expire_all()
    found = money_map(session, order)
    assert {(way.payee.method, way.received.minor) for way in found.ways} == {
        ("paypal", order.total_minor),
        ("stripe", 0),
    }
    assert found.platform == Money(0, "EUR")
    assert second.account_id != first.account_id


@pytest.mark.parametrize("currency", ["JPY", "KWD", "EUR"])
def test_before_anything_is_ordered(session: Session, currency: str):
    provider = make_provider(session, account=False)
    account = make_payee_account(session, provider, currencies=[currency])
    amount = Money(1234, currency)
    found = money_map_ahead(session, provider, "paypal", amount)
    [way] = found.ways
    assert (way.amount, way.payee.account_tail) == (amount, account.external_id[-4:])
    assert found.platform == Money(0, currency)
    account.state = AccountState.DEGRADED
    session.flush()
    [way] = money_map_ahead(session, provider, "paypal", amount).ways
    assert (way.payee.legal_name, way.payee.account_tail) == (provider.legal_name, "")


def accounts_of(session: Session, order: Order) -> list[ProviderPayeeAccount]:
    return list(
        session.scalars(
            select(ProviderPayeeAccount).where(ProviderPayeeAccount.provider_id == order.provider_id)
        )
    )
