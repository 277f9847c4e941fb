"""The buyer writes to the seller, complains, and says that it is solved; invoices are there to download."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.proofs import check_proof
from app.domain.tax_documents.add_tax_document import add_tax_document
from app.domain.threads.models import Author
from app.domain.threads.queries import complaint_of, thread_of
from app.domain.threads.write_message import write_message
from tests.domain.people.samples import make_buyer
from tests.factories import make_order
from tests.web.pages import Client


@pytest.fixture
def order(session: Session) -> Order:
    """Paid a moment ago."""
    now = datetime.now(UTC)
    made = make_order(session, now=now)
    made.state, made.paid_at = OrderState.CANCELLING, now
    session.commit()
    return made


def test_a_guest_writes_complains_and_says_that_it_is_solved(client: Client, order: Order, session: Session):
    address = f"/en/orders/{order.token}"
    page = client.get(address).follow("Write to the seller")
    seller = order.provider.legal_name
    assert f"{seller} has until" in page.text
    form = page.form(f"{address}/messages")
    page = form.submit(text="When\ndoes it <b>come</b>?")
    assert "Sent." in page.text
    [said] = page.all(".thread .said")
    assert said.get_text() == "When\ndoes it <b>come</b>?"
    form.submit(text="When\ndoes it <b>come</b>?")
    write_message(session, order.id, Author.PROVIDER, "Soon.", uuid4(), None, datetime.now(UTC))
    session.commit()
    page = (
        client.get(f"{address}/messages")
        .form(f"{address}/messages")
        .submit(text="It is not there.", complaint="yes")
    )
    texts = [each.text for each in thread_of(session, order.id)]
    assert texts == ["When\ndoes it <b>come</b>?", "Soon.", "It is not there.", "complaint"]
    clock = "then the platform’s administrators are asked to mediate."
    assert clock in page.text
    assert clock in client.get(address).text, "the page of the order says the same"
    page = page.form(f"{address}/solved").submit()
    assert "The buyer says that it is solved. The complaint is closed." in page.text
    session.expire_all()
    complaint = complaint_of(session, order.id)
    assert complaint is not None
    assert complaint.state == "closed"


def test_what_is_refused_comes_back_as_it_was_written(client: Client, order: Order, session: Session):
    address = f"/en/orders/{order.token}/messages"
    page = client.get(address).form(address).submit(status=422, text=" ", complaint="yes")
    assert page.error("text") == "Write something first."
    page = page.form(address).submit(status=422, text="a" * 4001)
    assert "longer than 4000 characters" in page.error("text")
    assert page.form(address).fields["text"] == ["a" * 4001]
    assert page.form(address).fields["complaint"] == ["yes"]
    assert list(thread_of(session, order.id)) == []


def test_an_unpaid_order_has_no_complaint_but_questions(client: Client, session: Session):
    order = make_order(session, now=datetime.now(UTC))
    session.commit()
    address = f"/en/orders/{order.token}/messages"
    form = client.get(address).form(address)
    assert "complaint" not in form.fields
    assert not form.tag.select("#complaint")
    form.submit(text="Is it still there?")
    client.get("/en/orders/unknown/messages", status=404)


def test_the_invoice_is_kept_and_never_run(client: Client, order: Order, session: Session):
    file = check_proof(b"%PDF-1.7 sample", "invoice.pdf")
    add_tax_document(session, order.id, file, make_buyer(session).id, datetime.now(UTC))
    session.commit()
    page = client.get(f"/en/orders/{order.token}").follow("invoice.pdf")
    assert page.response.data == b"%PDF-1.7 sample"
    assert page.response.headers["Content-Disposition"] == "attachment; filename=invoice.pdf"
    assert page.response.headers["Cache-Control"] == "private, no-store"
