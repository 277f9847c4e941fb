"""Paid, but not confirmed: the buyer says so with a note and a proof, and sees what comes of it."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database import make_sessions
from app.domain.orders.models import Order, OrderState
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.claims.answer_claim import answer_claim
from app.domain.payments.claims.queries import claim_of
from app.domain.payments.refund_models import PaymentClaim, PaymentProof
from tests.bank import make_bank_provider, make_transfer
from tests.web.pages import Client, Page

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def order(engine: Engine) -> Order:
    """Placed twenty days ago, due ten days ago."""
    with make_sessions(engine)() as session:
        made = make_transfer(
            session,
            make_bank_provider(session),
            now=datetime.now(UTC).replace(microsecond=0) - timedelta(days=11),
        )
        made.order.hold_until = datetime.now(UTC) + timedelta(days=1)
        session.commit()
        return session.get_one(Order, made.order_id)


def send(page: Page, status: int = 200, **fields) -> Page:
    """The form with a file in it, as a browser sends it."""
    form = page.form(page.url)
    data = {name: values[0] for name, values in form.fields.items()} | fields
    return page.client.post(page.url, data, status=status, content_type="multipart/form-data")


def kept(session: Session, order: Order) -> PaymentClaim | None:
    session.expire_all()
    return claim_of(session, order.id)


def test_the_seller_is_asked_and_the_page_says_until_when(client: Client, session: Session, order: Order):
    page = client.get(f"/en/orders/{order.token}").follow("I have paid")
    assert page.h1 == "Paid, but not confirmed?"
    told = send(page, note="From my\naccount  in Kigali", proof=(BytesIO(PNG), "receipt.png"))
    claim = kept(session, order)
    assert claim is not None
    assert claim.note == "From my account in Kigali"
    assert "The seller has been asked. You get a mail with the answer." in told.text
    assert f"{session.get_one(Order, order.id).provider.legal_name} has to answer by" in told.text
    [proof] = session.query(PaymentProof).filter_by(order_id=order.id)
    assert (proof.filename, proof.content_type) == ("receipt.png", "image/png")
    again = client.get(f"/en/orders/{order.token}").follow("Add a note or a proof")
    assert again.link("receipt.png").endswith(f"/proofs/{proof.id}")
    assert "From my account in Kigali" in again.text


def test_a_file_that_is_none_is_refused_and_the_note_kept(client: Client, session: Session, order: Order):
    page = client.get(f"/en/orders/{order.token}/claim")
    refused = send(page, 422, note="Look!", proof=(BytesIO(b"<html>"), "receipt.png"))
    assert list(refused.errors) == ["proof"]
    assert "Look!" in refused.text
    assert kept(session, order) is None


def test_not_before_the_money_can_have_come(client: Client, engine: Engine, session: Session):
    with make_sessions(engine)() as made:
        transfer = make_transfer(made, now=datetime.now(UTC))
        made.commit()
        token, order_id = transfer.order.token, transfer.order_id
    page = client.get(f"/en/orders/{token}")
    assert "Paid, but not confirmed?" not in page.text
    assert client.get(f"/en/orders/{token}/claim").url == f"/en/orders/{token}"
    form = page.form(f"/en/orders/{token}/withdraw").fields["csrf_token"][0]
    client.post(f"/en/orders/{token}/claim", {"csrf_token": form, "note": "now"})
    assert session.get(PaymentClaim, order_id) is None


def test_the_answer_is_shown_and_can_be_disagreed_with(client: Client, session: Session, order: Order):
    send(client.get(f"/en/orders/{order.token}/claim"))
    answer_claim(session, order.id, "not_received", "Nothing until Monday.", None, datetime.now(UTC))
    session.commit()
    page = client.get(f"/en/orders/{order.token}")
    assert "has answered that no money came." in page.text
    assert "Nothing until Monday." in page.text
    again = send(page.follow("I disagree: I have paid"), note="My bank executed it.")
    assert "The platform’s administrators have been asked to mediate." in again.text


def test_an_expired_order_can_still_be_claimed(client: Client, session: Session, order: Order):
    session.get_one(Order, order.id).state = OrderState.EXPIRED
    session.commit()
    send(client.get(f"/en/orders/{order.token}").follow("I have paid"))
    assert kept(session, order) is not None


def test_saying_that_it_was_sent_with_a_proof_and_taking_it_back(
    client: Client, session: Session, order: Order
):
    pay = f"/en/orders/{order.token}/pay"
    form = client.get(pay).form(pay).submit().form(f"/en/orders/{order.token}/sent")
    data = {name: values[0] for name, values in form.fields.items()}
    path = f"/en/orders/{order.token}/sent"
    refused = client.post(
        path,
        data | {"proof": (BytesIO(b"MZ"), "receipt.exe")},
        status=422,
        content_type="multipart/form-data",
    )
    assert list(refused.errors) == ["proof"]
    assert session.get_one(BankTransfer, order.id).said_sent_on is None
    client.post(path, data | {"proof": (BytesIO(PNG), "receipt.png")}, content_type="multipart/form-data")
    page = client.get(f"/en/orders/{order.token}/pay")
    assert page.link("receipt.png")
    page.form(path).submit(button="I have not sent it after all")
    session.expire_all()
    transfer = session.get_one(BankTransfer, order.id)
    assert (transfer.said_sent_on, transfer.said_sent_at) == (None, None)
