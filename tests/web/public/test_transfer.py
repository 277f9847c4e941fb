"""Paying by bank transfer: instructions that can be copied and scanned, an invoice, and the buyer's word."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from app.database import make_sessions
from app.domain.orders.models import Order
from app.domain.payments.bank.models import BankTransfer
from tests.bank import make_bank_provider, make_transfer
from tests.web.pages import Client


@pytest.fixture
def transfer(engine: Engine) -> BankTransfer:
    """An order over 25.00 EUR, placed just now."""
    with make_sessions(engine)() as session:
        made = make_transfer(
            session, make_bank_provider(session), now=datetime.now(UTC).replace(microsecond=0)
        )
        session.get_one(Order, made.order_id).provider.legal_name = "Sample Transfers Ltd"
        session.commit()
        session.refresh(made)
        session.refresh(made.order)
        return made


@pytest.fixture
def address(transfer: BankTransfer, engine: Engine) -> str:
    with make_sessions(engine)() as session:
        return f"/en/orders/{session.get_one(Order, transfer.order_id).token}"


def kept(engine: Engine, transfer: BankTransfer) -> BankTransfer:
    with make_sessions(engine)() as session:
        return session.get_one(BankTransfer, transfer.order_id)


def start(client: Client, address: str) -> None:
    client.get(f"{address}/pay").form(f"{address}/pay").submit()


def test_the_instructions_say_everything_a_bank_asks(
    client: Client, transfer: BankTransfer, address: str
) -> None:
    start(client, address)
    page = client.get(f"{address}/pay")
    assert page.h1 == "Transfer €25.00 to Sample Transfers Ltd"
    copied = {button["data-copy"] for button in page.all("[data-copy]")}
    assert copied >= {transfer.reference, "25.00", "DE89370400440532013000", "COBADEFFXXX", "Sample Bank"}
    assert "DE89 3704 0044 0532 0130 00" in page.text
    assert "Received by this platform €0.00" in page.text
    assert len(page.all("svg.qr")) == 1
    assert not page.all("svg.qr [style]")


def test_nothing_is_asked_of_any_gateway(client: Client, address: str, fakes) -> None:
    start(client, address)
    client.get(f"{address}?back=paid")
    assert fakes.gateway.calls == []


def test_saying_that_it_was_sent(
    client: Client, transfer: BankTransfer, address: str, engine: Engine
) -> None:
    start(client, address)
    before = kept(engine, transfer).release_at
    order_page = client.get(f"{address}/pay").form(f"{address}/sent").submit()
    assert order_page.h1 == "Waiting for your transfer to arrive"
    after = kept(engine, transfer)
    assert after.said_sent_on == datetime.now(UTC).date()
    assert after.release_at == before
    assert "You told us that you sent it on" in client.get(f"{address}/pay").text


@pytest.mark.parametrize("typed", ["", "yesterday", "2999-01-01", "1999-01-01"])
def test_a_day_that_cannot_be_is_today(
    client: Client, transfer: BankTransfer, address: str, engine: Engine, typed: str
) -> None:
    start(client, address)
    client.get(f"{address}/pay").form(f"{address}/sent").submit(sent_on=typed)
    assert kept(engine, transfer).said_sent_on == datetime.now(UTC).date()


def test_the_day_before_counts(client: Client, transfer: BankTransfer, address: str, engine: Engine) -> None:
    start(client, address)
    day: date = (datetime.now(UTC) - timedelta(days=1)).date()
    client.get(f"{address}/pay").form(f"{address}/sent").submit(sent_on=day.isoformat())
    assert kept(engine, transfer).said_sent_on == day


def test_the_pro_forma_invoice_names_seller_and_reference(
    client: Client, transfer: BankTransfer, address: str, engine: Engine
) -> None:
    with make_sessions(engine).begin() as session:
        seller = session.get_one(BankTransfer, transfer.order_id).order.provider
        seller.street, seller.town = "1 Sample Road", "Zomba"
    response = client.inner.get(f"{address}/pro-forma")
    assert response.mimetype == "application/pdf"
    assert response.headers["Cache-Control"] == "private, no-store"
    values, _ = json.loads(response.data.split(b"\n")[1])
    assert values["seller"][:3] == ["Sample Transfers Ltd", "1 Sample Road", "Zomba"]
    assert values["not_tax"] == "Pro-forma, not a tax invoice"
    pay = dict(values["pay"])
    assert pay["Reference"].replace(" ", "") == transfer.reference
    assert pay["Amount"] == "€25.00"
    assert values["codes"][0]["svg"].startswith("<svg xmlns=")
    assert any("neither seller nor payee" in note for note in values["notes"])


def test_other_orders_have_no_invoice(client: Client, engine: Engine) -> None:
    client.get("/en/orders/unknown/pro-forma", status=404)
    client.get("/en/orders/unknown", status=404)


def test_the_order_page_leads_to_the_instructions(
    client: Client, address: str, transfer: BankTransfer
) -> None:
    page = client.get(address)
    assert page.h1 == "Waiting for your transfer"
    assert page.link("How to transfer €25.00") == f"{address}/pay"
    assert page.link("Pro-forma invoice (PDF)") == f"{address}/pro-forma"


def test_withdrawing_is_possible(client: Client, address: str, transfer: BankTransfer) -> None:
    page = client.get(address).form(f"{address}/withdraw").submit()
    assert page.h1 == "You have withdrawn this order"
