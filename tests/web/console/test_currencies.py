"""Currencies without decimals and with three: the same amount on every page, in forms, in statements and in the books."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.database import make_sessions
from app.domain.orders.models import Order, OrderState
from app.domain.payments.queries import net_paid
from tests.bank import make_bank_account, make_transfer
from tests.domain.payments.bank.accounts import JAPANESE, KUWAITI
from tests.domain.payments.statements.files import Movement, camt, csv, mt940
from tests.factories import make_payee_account, make_provider
from tests.web.pages import Client
from tests.web.roles import sign_in_provider

# Two tonnes at this price: the total as a bank wants it, as it is read, in minor units; and one minor unit less.
CASES = {
    "JPY": (JAPANESE, "1250", "2500", "JP¥2,500", 2500, "2499"),
    "KWD": (KUWAITI, "3.505", "7.010", "KWD7.010", 7010, "7.009"),
}


class Case:
    """An order that waits for its transfer in this currency, its buyer and its seller."""

    def __init__(self, app: Flask, engine: Engine, currency: str) -> None:
        details, price, self.plain, self.read, self.minor, self.less = CASES[currency]
        self.currency, self.sessions = currency, make_sessions(engine)
        with self.sessions() as session:
            provider = make_provider(session, account=False)
            make_payee_account(session, provider, currencies=[currency])
            bank = make_bank_account(session, provider, {**BLANK, **details, "holder": provider.legal_name})
            transfer = make_transfer(session, provider, price=price, currency=currency, now=datetime.now(UTC))
            [held] = provider.registry_accounts
            self.account_id, self.reference = bank.account_id, transfer.reference
            self.order_id, self.number, self.token = (
                transfer.order_id,
                transfer.order.number,
                transfer.order.token,
            )
            registry_account = held.account_id
            session.commit()
        self.buyer, self.seller = Client(app.test_client()), Client(app.test_client())
        sign_in_provider(app, self.seller, registry_account)

    def now(self) -> tuple[OrderState, int]:
        with self.sessions() as session:
            order = session.get_one(Order, self.order_id)
            return order.state, net_paid(session, order)

    def bring(self, content: bytes) -> str:
        form = self.seller.get("/en/console/statements").form("/en/console/statements")
        fields: dict[str, Any] = {"csrf_token": form.fields["csrf_token"], "account": str(self.account_id)}
        page = self.seller.post(
            "/en/console/statements",
            {**fields, "file": (BytesIO(content), "statement")},
            content_type="multipart/form-data",
        )
        shown = page.text
        page.form(f"{page.url}/commit").submit()
        return shown


BLANK = {"iban": "", "bic": "", "bank_name": "", "bank_address": "", "local": {}}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, app: Flask, engine: Engine) -> Case:
    return Case(app, engine, request.param)


def test_pages_mean_the_same_amount(case: Case) -> None:
    address = f"/en/orders/{case.token}/pay"
    case.buyer.get(address).form(address).submit()
    page = case.buyer.get(address)
    assert case.read in page.h1
    assert case.plain in {button["data-copy"] for button in page.all("[data-copy]")}
    assert case.read in case.buyer.get(f"/en/orders/{case.token}").text
    assert case.read in case.seller.get(f"/en/console/orders/{case.number}").text
    told = case.buyer.inner.get(f"/orders/{case.token}.json").get_json()
    assert (told["total"], told["currency"]) == (case.plain, case.currency)


def test_confirmed_by_hand_it_is_typed_as_it_is_read(case: Case) -> None:
    address = f"/en/console/orders/{case.number}/received"
    form = case.seller.get("/en/console/statements").form(address)
    assert form.fields["amount"] == [case.plain]
    form.submit(amount=case.less)
    assert case.now() == (OrderState.AWAITING_PAYMENT, case.minor - 1)
    form = case.seller.get("/en/console/statements").form(address)
    form.submit()
    assert case.now() == (OrderState.CANCELLING, case.minor)


def test_more_decimals_than_there_are_is_refused(case: Case) -> None:
    decimals = {"JPY": "0.5", "KWD": "1.0005"}[case.currency]
    form = case.seller.get("/en/console/statements").form(f"/en/console/orders/{case.number}/received")
    assert "Enter the amount that came" in form.submit(amount=decimals).text
    assert case.now() == (OrderState.AWAITING_PAYMENT, 0)


@pytest.mark.parametrize("write", [camt, csv, mt940])
def test_statements_pay_to_the_last_minor_unit(case: Case, write: Callable[..., bytes]) -> None:
    one = Movement(case.reference, minor=case.minor - 1, currency=case.currency, bank_reference="1")
    rest = Movement(case.reference, minor=1, currency=case.currency, bank_reference="2")
    content = write([one, rest])
    if write is camt:
        content = camt([one, rest], iban=str(CASES[case.currency][0].get("iban", "1234567")).replace(" ", ""))
    if write is mt940:
        account = str(CASES[case.currency][0].get("iban", "0001/1234567")).replace(" ", "")
        content = mt940([one, rest], account=account).replace(b"EUR", case.currency.encode())
    shown = case.bring(content)
    assert "1 × A part" in shown
    assert "1 × Pays the rest" in shown
    assert case.now() == (OrderState.CANCELLING, case.minor)
