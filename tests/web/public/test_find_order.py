"""Lost links: the answer is the same whether an address is known or not, and nobody is flooded."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.audit.models import AuditEvent
from app.domain.mails.models import Mail
from app.domain.orders.send_links import send_links
from tests.journey import Journey
from tests.web.pages import Client, Page

KNOWN, UNKNOWN = "buyer@example.org", "nobody@example.org"


def ask(client: Client, email: str, status: int = 200) -> Page:
    return client.get("/en/find-order").form("/en/find-order").submit(email=email, status=status)


def owed(journey: Journey) -> list[str]:
    """Whom links are owed."""
    return [mail.to for mail in journey.mails("your_links")]


def test_the_links_are_sent(client: Client, journey: Journey):
    journey.place(20)
    page = ask(client, KNOWN)
    assert f"If there are orders for {KNOWN}, a mail with their links is on its way." in page.text
    assert owed(journey) == [KNOWN]
    assert journey.jobs("send_mail")


def test_the_answer_is_the_same_for_everybody(client: Client, journey: Journey):
    journey.place(20)
    known, unknown = ask(client, KNOWN), ask(client, UNKNOWN)
    assert known.text == unknown.text.replace(UNKNOWN, KNOWN)
    assert known.status == unknown.status
    assert owed(journey) == [KNOWN]


def test_the_answer_takes_the_same_way_for_everybody(client: Client, journey: Journey):
    journey.place(20)
    for email in (KNOWN, UNKNOWN):
        ask(client, email)
    with journey.sessions() as session:
        written = session.query(AuditEvent).filter_by(event="links.sent").order_by(AuditEvent.id)
        assert [row.payload["queued"] for row in written] == [True, False]


def test_the_address_is_not_in_the_trail_and_not_in_the_address_bar(client: Client, journey: Journey):
    journey.place(20)
    page = ask(client, KNOWN)
    assert page.response.request.query_string == b""
    with journey.sessions() as session:
        [row] = session.query(AuditEvent).filter_by(event="links.sent")
    assert KNOWN not in f"{row.entity_id} {row.payload}"
    assert row.payload == {"queued": True}


def test_it_is_said_once(client: Client, journey: Journey):
    ask(client, UNKNOWN)
    assert UNKNOWN not in client.get("/en/find-order").text


def test_an_address_gets_the_mail_once_an_hour(client: Client, journey: Journey):
    journey.place(20)
    ask(client, KNOWN)
    again = ask(client, KNOWN.upper())
    assert "is on its way" in again.text
    assert owed(journey) == [KNOWN]
    for ago, total in ((timedelta(minutes=59), 1), (timedelta(hours=1, seconds=1), 2)):
        with journey.sessions.begin() as session:
            mail = session.query(Mail).filter_by(kind="your_links").one()
            mail.created_at = datetime.now(UTC) - ago
            mail.once += ":before"
        # Past the limit on a visitor, which is not what this is about.
        with journey.sessions.begin() as session:
            send_links(session, KNOWN, "en", datetime.now(UTC))
        assert len(owed(journey)) == total


def test_the_mail_goes_where_the_order_was_placed(client: Client, journey: Journey):
    journey.place(20, email="Buyer@Example.org")
    ask(client, "bUYER@eXAMPLE.ORG")
    assert owed(journey) == ["Buyer@Example.org"]


def test_orders_of_long_ago_are_left_alone(client: Client, journey: Journey):
    order = journey.place(20)
    journey.age(order.id, placed_at=datetime.now(UTC) - timedelta(days=731))
    ask(client, KNOWN)
    assert owed(journey) == []
    journey.age(order.id, placed_at=datetime.now(UTC) - timedelta(days=729))
    ask(client, KNOWN)
    assert owed(journey) == [KNOWN]


@pytest.mark.parametrize("typed", ["", "buyer", "buyer@", "a b@example.org", "x" * 250 + "@example.org"])
def test_what_is_no_address_is_said(client: Client, journey: Journey, typed: str):
    page = ask(client, typed, status=422)
    assert page.error("email") == "Write an e-mail address like name@example.org."
    assert page.errors == {"email": "Write an e-mail address like name@example.org."}


def test_a_visitor_cannot_ask_all_day(client: Client, journey: Journey):
    journey.place(20)
    form = client.get("/en/find-order").form("/en/find-order")
    answers = [
        form.page.client.inner.post(
            "/en/find-order", data=form.fields | {"email": [f"a{n}@example.org"]}
        ).status_code
        for n in range(5)
    ]
    assert answers[:3] == [303, 303, 303]
    assert answers[3:] == [429, 429]
    assert owed(journey) == []
    assert client.get("/en/find-order").status == 200, "reading the page is not asking"


def test_another_site_cannot_ask_for_a_visitor(client: Client, journey: Journey):
    journey.place(20)
    client.post("/en/find-order", {"email": KNOWN}, status=400)
    assert owed(journey) == []
