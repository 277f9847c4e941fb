"""Threads at the console: who waits, the answer, the list of complaints and how an administrator ends one."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.orders.models import Order, OrderState
from app.domain.threads.escalate_complaint import escalate_complaint
from app.domain.threads.models import Author
from app.domain.threads.open_complaint import open_complaint
from app.domain.threads.queries import complaint_of, thread_of
from app.domain.threads.write_message import write_message
from tests.factories import make_offer, make_order
from tests.web.console.conftest import Seller
from tests.web.pages import Client, words

ORDERS = "/en/console/orders"
COMPLAINTS = "/en/console/admin/complaints"


@pytest.fixture
def order(seller: Seller, session: Session) -> Order:
    """Paid, and its buyer has complained."""
    now = datetime.now(UTC)
    made = make_order(session, make_offer(session, provider=seller.provider), now=now)
    made.state, made.paid_at = OrderState.CANCELLING, now
    open_complaint(session, made.id, "Where is <b>it</b>?", uuid4(), now)
    session.commit()
    return made


def test_a_provider_sees_who_waits_and_answers(seller: Seller, order: Order, session: Session):
    home = seller.client.get("/en/console")
    assert "A buyer waits for an answer" in home.text
    [row] = seller.client.get(ORDERS).all("tbody tr")
    assert "Waits for your answer" in words(row)
    page = seller.client.get(f"{ORDERS}/{order.number}")
    assert "Where is <b>it</b>?" in page.text
    assert "Sample Stoves Ltd has until" in page.text
    assert order.email not in page.text
    page = page.form(f"{ORDERS}/{order.number}/messages").submit(text="Tomorrow.")
    assert "Sample Stoves Ltd has answered." in page.text
    assert "A buyer waits" not in seller.client.get("/en/console").text
    last = thread_of(session, order.id)[-1]
    assert (last.author, last.text, last.person_id) == ("provider", "Tomorrow.", seller.person.person_id)


def test_an_empty_answer_comes_back_and_thanks_need_none(seller: Seller, session: Session):
    now = datetime.now(UTC)
    order = make_order(session, make_offer(session, provider=seller.provider), now=now)
    write_message(session, order.id, Author.BUYER, "Thanks!", uuid4(), None, now)
    session.commit()
    address = f"{ORDERS}/{order.number}"
    page = seller.client.get(address).form(f"{address}/messages").submit(status=422, text=" ")
    assert page.errors == {"text": "Write something first."}
    page = page.form(f"{address}/no-answer").submit()
    assert "Noted: no answer is needed." in page.text
    assert "waits" not in seller.client.get("/en/console").text


def test_an_administrator_mediates_and_ends_it(administrator: Client, order: Order, session: Session):
    complaint = complaint_of(session, order.id)
    assert complaint is not None
    assert "Until" in administrator.get(COMPLAINTS).text
    escalate_complaint(session, complaint.id, datetime.now(UTC) + timedelta(hours=73))
    session.commit()
    page = administrator.get(COMPLAINTS)
    assert "Please mediate" in page.text
    page = page.follow(order.number)
    address = f"/en/console/admin/orders/{order.number}"
    page = page.form(f"{address}/messages").submit(text="We look into it.")
    page = page.form(f"{address}/complaint").submit(status=422, outcome=" ")
    assert page.errors == {"outcome": "Write how it ends. Both sides get your words."}
    page = page.form(f"{address}/complaint").submit(outcome="The seller sends it again.")
    assert "The seller sends it again." in page.text
    assert not page.forms(f"{address}/complaint")
    assert "No complaints" in administrator.get(COMPLAINTS).text
    rows = session.scalars(select(AuditEvent).where(AuditEvent.entity_id == str(complaint.id))).all()
    assert [row.payload.get("reason") for row in rows if row.actor == "administrator"] == [
        "The seller sends it again."
    ]
