"""Money to give back: listed, explained, and said to be sent only with a day and a proof."""

from io import BytesIO
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.database import make_sessions
from app.domain.orders.expire_order import expire_order
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.refund_models import PaymentProof, Refund, RefundState
from app.domain.payments.refunds.begin_refund import begin_refund, record_refusal
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.statements.files import Movement, camt
from tests.domain.payments.statements.test_desk import bring
from tests.web.conftest import Fakes
from tests.web.console.conftest import make_seller
from tests.web.pages import Client, Page
from tests.web.roles import sign_in_administrator, sign_in_provider

PDF = b"%PDF-1.7 sample"


class Task:
    """10.00 EUR came for an order that ended; the provider has to send them back, and is at the console."""

    def __init__(self, app: Flask, client: Client, sessions: sessionmaker[Session]) -> None:
        self.client, self.sessions = client, sessions
        with sessions() as session:
            transfer: BankTransfer = make_transfer(session, make_bank_provider(session))
            part = Movement(transfer.reference, minor=1000, payer="Sample Payer SARL")
            bring(session, transfer, camt([part]))
            expire_order(session, transfer.order_id, transfer.release_at)
            refund = session.execute(select(Refund)).scalar_one()
            begin_refund(session, refund.id, transfer.release_at)
            record_refusal(session, refund.id, "by_transfer", transfer.release_at)
            refund.created_at = refund.changed_at = transfer.order.placed_at
            self.number, self.token = transfer.order.number, transfer.order.token
            self.reference, self.id = transfer.reference, refund.id
            [held] = transfer.order.provider.registry_accounts
            account = held.account_id
            session.commit()
        sign_in_provider(app, client, account)

    @property
    def address(self) -> str:
        return f"/en/console/refunds/{self.id}"

    def send(self, status: int = 200, content: bytes = PDF, name: str = "advice.pdf", **fields: str) -> Page:
        form = self.client.get(self.address).form(f"{self.address}/sent")
        data = {**form.fields, "note": "by transfer", **fields, "proof": (BytesIO(content), name)}
        if not name:
            del data["proof"]
        return self.client.post(
            f"{self.address}/sent", data, status=status, content_type="multipart/form-data"
        )

    @property
    def refund(self) -> Refund:
        with self.sessions() as session:
            return session.get_one(Refund, self.id)

    @property
    def proof(self) -> PaymentProof:
        with self.sessions() as session:
            return session.execute(select(PaymentProof)).scalar_one()


@pytest.fixture
def task(app: Flask, client: Client, engine: Engine) -> Task:
    return Task(app, client, make_sessions(engine))


def test_it_is_listed_with_its_date(task: Task):
    page = task.client.get("/en/console/refunds")
    assert page.h1 == "Money to give back"
    for fact in (
        task.number,
        "€10.00",
        "Only a part of the money came",
        "To be sent by the seller",
        "Send by",
    ):
        assert fact in page.text
    assert [link["href"] for link in page.all("th a")] == [task.address]


def test_one_says_why_how_much_and_to_whom(task: Task):
    page = task.client.get(task.address)
    assert page.h1 == "Give €10.00 back"
    for fact in (
        "Sample Payer SARL",
        "only you can send the money back",
        "Please send it by",
        task.reference,
    ):
        assert fact in page.text
    assert task.token not in page.text
    assert "buyer@example.org" not in page.text


def test_sent_with_a_day_and_a_proof(task: Task):
    page = task.send()
    assert "The buyer is asked whether it has come" in page.text
    kept = task.refund
    assert (kept.state, kept.note) == (RefundState.SENT, "by transfer")
    assert kept.person_id is not None
    assert task.proof.filename == "advice.pdf"
    assert "I have sent it" not in page.text


@pytest.mark.parametrize(
    "name,content,fields,problem",
    [
        ("advice.pdf", b"<html>", {}, "neither a PDF nor a PNG or JPEG picture"),
        ("advice.pdf", b"", {}, "The file is empty"),
        ("", b"", {}, "Add a file that shows it"),
        ("advice.pdf", PDF, {"sent_on": "2020-01-01"}, "Enter the day on which you sent it"),
        ("advice.pdf", PDF, {"sent_on": "yesterday"}, "Enter the day on which you sent it"),
        ("advice.pdf", PDF, {"sent_on": "2999-01-01"}, "Enter the day on which you sent it"),
    ],
)
def test_what_is_missing_comes_back_filled_in(
    task: Task, name: str, content: bytes, fields: dict[str, str], problem: str
):
    page = task.send(422, content, name, **fields)
    assert problem in page.text
    assert "by transfer" in page.text
    assert task.refund.state == RefundState.BY_HAND


def large_form(task: Task, size: int) -> bytes:
    """The form as a browser sends it, with a file of that size."""
    fields = task.client.get(task.address).form(f"{task.address}/sent").fields
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value[0]}\r\n'
        for name, value in fields.items()
        if name != "proof"
    )
    file = '--x\r\nContent-Disposition: form-data; name="proof"; filename="a.pdf"\r\n\r\n'
    return parts.encode() + file.encode() + PDF.ljust(size) + b"\r\n--x--\r\n"


@pytest.mark.parametrize(("megabytes", "status"), [(7, 413), (5, 422)])
def test_a_file_beyond_the_limit_is_refused(task: Task, megabytes: int, status: int):
    body = large_form(task, megabytes * 1024 * 1024 + 1)
    kind = "multipart/form-data; boundary=x"
    page = task.client.post(f"{task.address}/sent", body, status=status, content_type=kind)
    assert status == 413 or "larger than 5 MB" in page.text
    assert task.refund.state == RefundState.BY_HAND


def test_the_proof_is_an_attachment_for_those_whom_it_concerns(
    task: Task, app: Flask, session: Session, fakes: Fakes
):
    task.send(name="../adv\u202eice.pdf")
    proof = task.proof.id
    guest, neighbour, admin = (Client(app.test_client()) for _ in range(3))
    make_seller(app, session, fakes, neighbour, "Sample Wind Ltd")
    sign_in_administrator(app, admin)
    allowed = [
        (task.client, f"/en/console/proofs/{proof}"),
        (admin, f"/en/console/admin/proofs/{proof}"),
        (guest, f"/en/orders/{task.token}/proofs/{proof}"),
    ]
    for who, address in allowed:
        answer = who.inner.get(address)
        assert (answer.status_code, answer.data) == (200, PDF), address
        assert answer.headers["Content-Disposition"] == "attachment; filename=advice.pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.mimetype == "application/pdf"
    assert neighbour.inner.get(f"/en/console/proofs/{proof}").status_code == 404
    assert guest.inner.get(f"/en/orders/wrong-token/proofs/{proof}").status_code == 404
    assert guest.inner.get(f"/en/orders/{task.token}/proofs/{uuid4()}").status_code == 404
    assert guest.inner.get(f"/en/console/proofs/{proof}").status_code in {302, 303, 401}


def test_a_long_debt_is_said_where_the_offers_are(task: Task):
    assert "Your offers are not on sale" not in task.client.get("/en/console/offers").text
    with task.sessions.begin() as session:
        session.get_one(Refund, task.id).due_at = task.refund.created_at.replace(year=2020)
    for address in ("/en/console/offers", "/en/console/refunds"):
        page = task.client.get(address)
        assert "Your offers are not on sale" in page.text
        assert "more than ten days overdue" in page.text
    task.send()
    assert "Your offers are not on sale" not in task.client.get("/en/console/offers").text


def test_nothing_to_give_back(seller):
    assert "Nothing to give back" in seller.client.get("/en/console/refunds").text
