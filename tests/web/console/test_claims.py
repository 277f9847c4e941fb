"""Buyers who say that they have paid: the provider answers, and sees nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database import make_sessions
from app.domain.orders.models import Order, OrderState
from app.domain.payments.claims.claim_paid import claim_paid
from app.domain.payments.claims.queries import claim_of
from app.domain.payments.models import PaymentState
from app.domain.payments.proofs import add_proof, check_proof
from app.domain.payments.queries import net_paid
from app.domain.payments.refund_models import ProofKind
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.attempts import enter, make_payment
from tests.factories import make_order
from tests.web.conftest import Fakes
from tests.web.pages import Client, words
from tests.web.roles import sign_in_administrator, sign_in_provider

CLAIMS = "/en/console/claims"


@pytest.fixture
def order(app: Flask, client: Client, engine: Engine) -> Order:
    """25.00 EUR, which the buyer says are paid; the provider's person is signed in."""
    at = datetime.now(UTC).replace(microsecond=0)
    with make_sessions(engine)() as session:
        provider = make_bank_provider(session)
        made = make_transfer(session, provider, now=at - timedelta(days=11))
        made.order.hold_until = at + timedelta(days=1)
        claim_paid(session, made.order_id, "From Kigali, on Monday.", at)
        add_proof(session, made.order, ProofKind.TRANSFER, check_proof(b"%PDF-1.7", "slip.pdf"), at)
        [held] = provider.registry_accounts
        session.commit()
        sign_in_provider(app, client, held.account_id)
        return session.get_one(Order, made.order_id)


def test_it_is_told_at_the_desk_and_listed_with_what_the_buyer_shows(client: Client, order: Order):
    page = client.get("/en/console/statements").follow("Answer them")
    assert order.number in page.text
    assert "From Kigali, on Monday." in page.text
    assert "/en/console/proofs/" in page.link("slip.pdf")
    assert client.get(f"/en/console/orders/{order.number}").follow("Answer the buyer").url == CLAIMS


def answer(client: Client, order: Order, act: str, status: int = 200, **values: str):
    return client.get(CLAIMS).form(f"{CLAIMS}/{order.number}", act=act).submit(status=status, **values)


def test_it_has_come(client: Client, order: Order, session: Session):
    page = answer(client, order, "received", amount="25,00")
    assert f"The buyer of order {order.number} has your answer." in page.text
    assert "Nothing waits here" in page.text
    now = session.get_one(Order, order.id)
    assert (now.state, net_paid(session, now)) == (OrderState.CANCELLING, 2500)
    claim = claim_of(session, order.id)
    assert claim is not None
    assert (claim.answer, claim.answered_by is not None) == ("received", True)


def test_it_has_not_come(client: Client, order: Order, session: Session):
    answer(client, order, "not-received", note="Nothing until today.")
    claim = claim_of(session, order.id)
    assert claim is not None
    assert (claim.answer, claim.answer_note) == ("not_received", "Nothing until today.")
    assert session.get_one(Order, order.id).state == OrderState.AWAITING_PAYMENT


@pytest.mark.parametrize(
    ("act", "values", "field"),
    [
        ("received", {"amount": "0"}, "amount"),
        ("received", {"amount": "much"}, "amount"),
        ("received", {"received_on": "2999-01-01"}, "amount"),
        ("not-received", {"note": " "}, "note"),
    ],
)
def test_what_cannot_be_comes_back(
    client: Client, order: Order, session: Session, act: str, values: dict[str, str], field: str
):
    page = answer(client, order, act, 422, **values)
    assert list(page.errors) == [f"{field}-{order.number}"]
    claim = claim_of(session, order.id)
    assert claim is not None
    assert claim.answer is None
    assert net_paid(session, session.get_one(Order, order.id)) == 0


def test_a_second_answer_changes_nothing(client: Client, order: Order, session: Session):
    form = client.get(CLAIMS).form(f"{CLAIMS}/{order.number}", act="not-received")
    form.submit(note="First.")
    assert "Nobody waits for an answer" in form.submit(note="Second.").text
    claim = claim_of(session, order.id)
    assert claim is not None
    assert claim.answer_note == "First."


def test_neighbours_see_and_answer_nothing(app: Flask, fakes: Fakes, order: Order, engine: Engine):
    other = Client(app.test_client())
    with make_sessions(engine)() as session:
        provider = make_bank_provider(session)
        [held] = provider.registry_accounts
        account = held.account_id
        session.commit()
    sign_in_provider(app, other, account)
    page = other.get(CLAIMS)
    assert order.number not in page.text
    token = other.get("/en/console/statements").form("/en/console/statements").fields["csrf_token"][0]
    other.post(f"{CLAIMS}/{order.number}", {"csrf_token": token, "act": "received"}, status=404)


# The same words for everybody.


@pytest.mark.parametrize(
    ("state", "payment_state", "moved", "said"),
    [
        ("awaiting_payment", "started", {}, ["Waiting for payment"]),
        ("awaiting_payment", "pending", {}, ["Payment pending"]),
        ("awaiting_payment", "started", {"receipt": 100}, ["Waiting for payment", "Paid in part"]),
        ("completed", "captured", {"receipt": 99_999_00}, ["Units cancelled", "Paid too much"]),
        (
            "completed",
            "captured",
            {"receipt": 280_00, "chargeback": 280_00},
            ["Units cancelled", "Payment disputed"],
        ),
        (
            "completed",
            "captured",
            {"receipt": 280_00, "refund": 80_00},
            ["Units cancelled", "Refunded in part"],
        ),
    ],
)
def test_buyer_provider_and_administrator_read_the_same_words(
    app: Flask,
    client: Client,
    session: Session,
    state: str,
    payment_state: str,
    moved: dict[str, int],
    said: list[str],
):
    order = make_order(session, now=datetime.now(UTC))
    [held] = order.provider.registry_accounts
    payment = make_payment(session, order, PaymentState(payment_state))
    order.state = OrderState(state)
    enter(session, payment, **moved)
    session.commit()
    sign_in_provider(app, client, held.account_id)
    administrator = Client(app.test_client())
    sign_in_administrator(app, administrator)
    pages = {
        "buyer": client.get(f"/en/orders/{order.token}"),
        "provider": client.get(f"/en/console/orders/{order.number}"),
        "administrator": administrator.get(f"/en/console/admin/orders/{order.number}"),
    }
    found = {who: [words(chip) for chip in page.all(".page-head .chip")] for who, page in pages.items()}
    assert found == dict.fromkeys(pages, said)
    for page in (client.get("/en/console/orders"), administrator.get("/en/console/admin")):
        [row] = [row for row in page.all("tbody tr") if order.number in words(row)]
        assert [words(chip) for chip in row.select(".chip")] == said
    for who, page in pages.items():
        facts = {words(row.dt): words(row.dd) for row in page.all(".facts > div")}
        assert facts["Received by this platform"] == "US$0.00", who
        assert facts["Paid to"] == f"{order.provider.legal_name}, Malawi"
        assert facts["Account"].startswith("ends in ")
