"""The certificate's clock and complaints: when they begin, stand still, go to administrators and end."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.certificates.models import Certificate
from app.domain.mails.models import Mail
from app.domain.orders.models import Order, OrderState
from app.domain.people.reasons import ReasonMissing
from app.domain.threads.clocks import certificate_due
from app.domain.threads.decide_complaint import decide_complaint
from app.domain.threads.escalate_complaint import escalate_complaint
from app.domain.threads.models import Author, Complaint, ComplaintKind
from app.domain.threads.open_complaint import NothingToComplain, open_complaint
from app.domain.threads.open_late_complaint import open_late_complaint
from app.domain.threads.queries import (
    ComplaintCounts,
    complaint_of,
    count_complaints,
    late_certificates,
    overdue_complaints,
    read_complaints,
    thread_of,
)
from app.domain.threads.settle_complaint import settle_complaint
from app.domain.threads.solve_complaint import NothingStands, solve_complaint
from app.domain.threads.write_message import MOST_IN_A_ROW, write_message
from tests.domain.people.samples import make_administrator
from tests.factories import NOW, make_order
from tests.traces import steps, trail

HOUR = timedelta(hours=1)
THREE_DAYS = timedelta(hours=72)


@pytest.fixture
def order(session: Session) -> Order:
    """Paid three days ago, and nothing came of it."""
    made = make_order(session)
    made.state, made.paid_at = OrderState.CANCELLING, NOW - THREE_DAYS
    session.flush()
    return made


def certify(session: Session, order: Order, *, finished: bool = True) -> None:
    session.add(
        Certificate(
            id=uuid4(),
            order_id=order.id,
            number=f"VC-{order.number}",
            code=order.token,
            language="en",
            issued_at=NOW,
            json_twin=b"{}",
            json_sha256="",
            pdf_sha256="0" if finished else None,
        )
    )
    session.flush()


def complain(session: Session, order: Order, at: datetime = NOW) -> Complaint:
    open_complaint(session, order.id, "Where is it?", uuid4(), at)
    found = complaint_of(session, order.id)
    assert found is not None
    return found


def late(session: Session, order: Order, at: datetime = NOW) -> Complaint:
    assert open_late_complaint(session, order.id, at)
    found = complaint_of(session, order.id)
    assert found is not None
    return found


def said(session: Session, order: Order) -> list[str]:
    return [each.text for each in thread_of(session, order.id) if each.author == Author.PLATFORM]


def told(session: Session) -> list[tuple[str, str]]:
    kinds = Mail.kind.like("complaint%") | Mail.kind.like("certificate_late%")
    return sorted(tuple(row) for row in session.execute(select(Mail.kind, Mail.to).where(kinds)))


# The certificate's clock.


def test_the_platform_complains_by_itself_after_72_hours_and_once(session: Session, order: Order):
    assert certificate_due(order) == NOW
    assert not open_late_complaint(session, order.id, NOW - timedelta(seconds=1))
    complaint = late(session, order)
    assert (complaint.kind, complaint.state, complaint.due_at) == (
        ComplaintKind.CERTIFICATE_LATE,
        "open",
        NOW + THREE_DAYS,
    )
    assert said(session, order) == ["certificate_late"]
    assert told(session) == [
        ("certificate_late", "buyer@example.org"),
        ("certificate_late_at_seller", order.provider.contact_email),
    ]
    assert not open_late_complaint(session, order.id, NOW + HOUR)
    solve_complaint(session, order.id, NOW)
    assert not open_late_complaint(session, order.id, NOW + HOUR), "it was said once"
    [opened] = [row for row in trail(session, complaint.id) if row.event == "complaint.opened"]
    assert (opened.actor, opened.order_id, opened.payload["kind"]) == (
        "platform",
        order.id,
        "certificate_late",
    )


@pytest.mark.parametrize("state", sorted(OrderState))
def test_only_of_an_order_that_leads_to_a_certificate(session: Session, order: Order, state: OrderState):
    order.state = state
    runs = state in {"paid", "cancelling", "completed", "needs_attention"}
    assert (certificate_due(order) is not None) == runs
    assert list(late_certificates(session, NOW)) == ([order.id] if runs else [])


def test_not_of_a_certificate_that_is_there_nor_of_a_trial(session: Session, order: Order):
    other = make_order(session)
    other.state, other.paid_at, other.trial = OrderState.PAID, NOW - THREE_DAYS, True
    certify(session, order, finished=False)
    assert list(late_certificates(session, NOW)) == [order.id]
    certificate = session.scalars(select(Certificate)).one()
    certificate.pdf_sha256 = "0"
    assert list(late_certificates(session, NOW)) == []
    assert certificate_due(other) is None


def test_a_wait_that_the_buyer_was_told_of_before_paying_is_not_late(session: Session, order: Order):
    order.state, order.release_at = OrderState.PAID, NOW + 5 * HOUR
    assert certificate_due(order) == NOW + 6 * HOUR
    assert list(late_certificates(session, NOW + 5 * HOUR)) == []
    assert list(late_certificates(session, NOW + 6 * HOUR)) == [order.id]


def test_units_that_were_asked_for_a_moment_ago_are_not_late(session: Session, order: Order):
    [line] = order.lines
    session.add(
        Cancellation(
            id=uuid4(),
            line=line,
            mandate_id=line.offer.mandate_id,
            quantity=line.quantity,
            state=CancellationState.SUBMITTED,
            opened_at=NOW,
        )
    )
    session.flush()
    assert list(late_certificates(session, NOW + timedelta(minutes=59))) == []
    assert list(late_certificates(session, NOW + HOUR)) == [order.id]


def test_it_ends_by_itself_with_the_certificate(session: Session, order: Order):
    complaint = late(session, order)
    assert not settle_complaint(session, complaint.id, NOW + HOUR)
    certify(session, order)
    assert settle_complaint(session, complaint.id, NOW + HOUR)
    assert (complaint.state, complaint.closed_at, complaint.outcome) == ("closed", NOW + HOUR, None)
    assert said(session, order) == ["certificate_late", "certificate_there"]


def test_it_ends_by_itself_when_the_money_goes_back(session: Session, order: Order):
    complaint = late(session, order)
    order.state = OrderState.REFUND_DUE
    assert settle_complaint(session, complaint.id, NOW + HOUR)
    assert said(session, order) == ["certificate_late", "order_ended"]


def test_an_answer_makes_no_certificate(session: Session, order: Order):
    complaint = late(session, order)
    write_message(session, order.id, Author.PROVIDER, "We look into it.", uuid4(), None, NOW + HOUR)
    assert escalate_complaint(session, complaint.id, complaint.due_at)


# Complaints of buyers.


def test_a_complaint_is_a_message_with_a_clock(session: Session, order: Order):
    key = uuid4()
    for _ in range(2):
        open_complaint(session, order.id, "Where is it?", key, NOW)
    [message, platform] = thread_of(session, order.id)
    complaint = complaint_of(session, order.id)
    assert complaint is not None
    assert (message.author, message.text, platform.text) == ("buyer", "Where is it?", "complaint")
    assert (complaint.kind, complaint.due_at, order.asked_at) == ("buyer", NOW + THREE_DAYS, NOW)
    [mail] = session.scalars(select(Mail).where(Mail.kind == "message_to_seller"))
    assert mail.context == {"message_id": str(message.id), "answer_by": complaint.due_at.isoformat()}
    with pytest.raises(NothingToComplain):
        complain(session, order)


def test_who_is_never_answered_may_still_complain(session: Session, order: Order):
    for at in range(MOST_IN_A_ROW):
        write_message(session, order.id, Author.BUYER, f"Hello {at}", uuid4(), None, NOW)
    complain(session, order)


@pytest.mark.parametrize("state", ["awaiting_payment", "expired", "withdrawn"])
def test_not_of_an_order_that_is_not_paid(session: Session, order: Order, state: str):
    order.state = OrderState(state)
    with pytest.raises(NothingToComplain):
        complain(session, order)


def test_an_answer_stops_the_clock_and_a_reply_starts_it_anew(session: Session, order: Order):
    complaint = complain(session, order)
    write_message(session, order.id, Author.PROVIDER, "Tomorrow.", uuid4(), None, NOW + HOUR)
    assert complaint.answered_at == NOW + HOUR
    assert list(overdue_complaints(session, NOW + 2 * THREE_DAYS)) == []
    again = NOW + THREE_DAYS
    write_message(session, order.id, Author.BUYER, "It is still not there.", uuid4(), None, again)
    assert (complaint.answered_at, complaint.due_at) == (None, again + THREE_DAYS)
    write_message(session, order.id, Author.BUYER, "Hello?", uuid4(), None, again + HOUR)
    assert complaint.due_at == again + THREE_DAYS, "writing more does not give the provider more time"


def test_without_an_answer_administrators_are_told_once(session: Session, order: Order):
    make_administrator(session, "vera@example.org")
    complaint = complain(session, order)
    assert not escalate_complaint(session, complaint.id, complaint.due_at - timedelta(seconds=1))
    assert escalate_complaint(session, complaint.id, complaint.due_at)
    assert not escalate_complaint(session, complaint.id, complaint.due_at)
    assert (complaint.state, complaint.escalated_at) == ("escalated", complaint.due_at)
    assert said(session, order) == ["complaint", "escalated"]
    assert told(session) == [
        ("complaint_escalated", "buyer@example.org"),
        ("complaint_to_mediate", "vera@example.org"),
    ]
    assert count_complaints(session) == ComplaintCounts(escalated=1, open=0)


def test_the_buyer_says_that_it_is_solved(session: Session, order: Order):
    complaint = complain(session, order)
    solve_complaint(session, order.id, NOW + HOUR)
    assert (complaint.state, complaint.closed_at, steps(session, complaint.id)) == (
        "closed",
        NOW + HOUR,
        ["solve"],
    )
    with pytest.raises(NothingStands):
        solve_complaint(session, order.id, NOW + HOUR)
    again = complain(session, order, NOW + 2 * HOUR)
    assert again.id != complaint.id


def test_an_administrator_ends_it_with_words_for_both(session: Session, order: Order):
    vera = make_administrator(session, "vera@example.org")
    complaint = complain(session, order)
    with pytest.raises(ReasonMissing):
        decide_complaint(session, order.id, "  ", vera.id, NOW + HOUR)
    decide_complaint(session, order.id, "The seller  sends it again.", vera.id, NOW + HOUR)
    assert (complaint.state, complaint.closed_by, complaint.outcome) == (
        "closed",
        vera.id,
        "The seller sends it again.",
    )
    [row] = [row for row in trail(session, complaint.id) if row.event == "complaint.step"]
    assert (row.actor, row.actor_person_id, row.payload["reason"]) == (
        "administrator",
        vera.id,
        "The seller sends it again.",
    )
    last, platform = thread_of(session, order.id)[2:]
    assert (last.author, last.text, platform.text) == (
        "administrator",
        "The seller sends it again.",
        "decided",
    )
    mails = session.scalars(select(Mail.kind).where(Mail.context["message_id"].as_string() == str(last.id)))
    assert sorted(mails) == ["message_to_buyer", "message_to_seller"]
    with pytest.raises(NothingStands):
        decide_complaint(session, order.id, "Again.", vera.id, NOW + HOUR)


def test_the_list_shows_escalated_ones_first_then_by_time_a_page_at_a_time(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.domain.threads.queries.PAGE_SIZE", 2)
    made = []
    for hours in (3, 1, 2, 4):
        order = make_order(session)
        order.state = OrderState.COMPLETED
        made.append(complain(session, order, NOW + hours * HOUR))
    third, first, second, escalated = made
    assert escalate_complaint(session, escalated.id, escalated.due_at)
    page = read_complaints(session)
    assert [each.id for each in page.complaints] == [escalated.id, first.id]
    solve_complaint(session, first.order_id, NOW + 9 * HOUR)
    rest = read_complaints(session, after=page.after)
    assert [each.id for each in rest.complaints] == [second.id, third.id]
    assert rest.after is None
    assert read_complaints(session, after=uuid4()).complaints[0].id == escalated.id
