"""Reading threads and complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, false, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from app.domain.cancellations.models import Cancellation
from app.domain.certificates.models import Certificate
from app.domain.orders.models import Order, OrderLine, OrderState
from app.domain.threads.clocks import CERTIFICATE_WITHIN, JUST_BEGUN, ON_THE_WAY
from app.domain.threads.models import Author, Complaint, ComplaintKind, ComplaintState, OrderMessage

PAGE_SIZE = 50
# Nobody waits for a certificate of these any more.
_ENDED = (
    OrderState.AWAITING_PAYMENT,
    OrderState.EXPIRED,
    OrderState.WITHDRAWN,
    OrderState.REFUND_DUE,
    OrderState.REFUNDED,
)


@dataclass(frozen=True)
class ComplaintsPage:
    """Some complaints, the most urgent first. `after`: the id after which the next page begins."""

    complaints: Sequence[Complaint]
    after: UUID | None


@dataclass(frozen=True)
class ComplaintCounts:
    """How many complaints stand: with administrators, and before that."""

    escalated: int
    open: int


def thread_of(session: Session, order_id: UUID) -> Sequence[OrderMessage]:
    """What was said about an order, the oldest first; what the platform adds to it, after it."""
    return session.scalars(
        select(OrderMessage)
        .where(OrderMessage.order_id == order_id)
        .order_by(OrderMessage.at, OrderMessage.author == Author.PLATFORM, OrderMessage.id)
    ).all()


def complaint_of(session: Session, order_id: UUID) -> Complaint | None:
    """The complaint that stands about the order, else the last one there was."""
    return session.scalars(
        select(Complaint)
        .where(Complaint.order_id == order_id)
        .order_by(Complaint.state == ComplaintState.CLOSED, Complaint.opened_at.desc(), Complaint.id)
        .limit(1)
    ).one_or_none()


def standing_complaint(session: Session, order_id: UUID) -> Complaint | None:
    """The complaint about the order that is not closed; there is at most one."""
    return session.scalars(
        select(Complaint).where(Complaint.order_id == order_id, Complaint.state != ComplaintState.CLOSED)
    ).one_or_none()


def locked_complaint(session: Session, complaint_id: UUID) -> Complaint:
    """The complaint, locked, as it is now. Whoever locks its order too does that first."""
    return session.execute(
        select(Complaint)
        .where(Complaint.id == complaint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def unanswered_in_a_row(session: Session, order_id: UUID, author: Author) -> int:
    """How many messages this side has written since a person on another one wrote. The platform does not count."""
    others = select(func.max(OrderMessage.at)).where(
        OrderMessage.order_id == order_id, OrderMessage.author.not_in([author, Author.PLATFORM])
    )
    answered = session.scalar(others)
    mine = (OrderMessage.order_id == order_id) & (OrderMessage.author == author)
    since = OrderMessage.at >= answered if answered is not None else ~false()
    return session.scalar(select(func.count()).select_from(OrderMessage).where(mine, since)) or 0


def orders_to_answer(session: Session, provider_id: UUID, limit: int) -> Sequence[Order]:
    """The provider's orders whose buyer waits for an answer, who has waited longest first."""
    return session.scalars(
        select(Order)
        .where(Order.provider_id == provider_id, Order.asked_at.is_not(None))
        .order_by(Order.asked_at, Order.id)
        .limit(limit)
    ).all()


def late_certificates(session: Session, now: datetime) -> Sequence[UUID]:
    """Orders paid 72 hours ago without a certificate, and without a complaint that says so or stands for itself."""
    finished = exists().where(Certificate.order_id == Order.id, Certificate.pdf_sha256.is_not(None))
    told = exists().where(
        Complaint.order_id == Order.id,
        or_(Complaint.state != ComplaintState.CLOSED, Complaint.kind == ComplaintKind.CERTIFICATE_LATE),
    )
    begun = exists().where(
        OrderLine.order_id == Order.id,
        Cancellation.order_line_id == OrderLine.id,
        Cancellation.opened_at > now - JUST_BEGUN,
    )
    return session.scalars(
        select(Order.id)
        .where(
            Order.state.in_(ON_THE_WAY),
            ~Order.trial,
            Order.paid_at <= now - CERTIFICATE_WITHIN,
            or_(
                Order.state != OrderState.PAID,
                Order.release_at.is_(None),
                Order.release_at <= now - JUST_BEGUN,
            ),
            ~finished,
            ~told,
            ~begun,
        )
        .order_by(Order.id)
    ).all()


def overdue_complaints(session: Session, now: datetime) -> Sequence[UUID]:
    """Complaints whose time is over, and of which no administrator knows. Not those that were answered in time."""
    return session.scalars(
        select(Complaint.id)
        .where(
            Complaint.state == ComplaintState.OPEN,
            Complaint.due_at <= now,
            or_(Complaint.kind == ComplaintKind.CERTIFICATE_LATE, Complaint.answered_at.is_(None)),
        )
        .order_by(Complaint.due_at, Complaint.id)
    ).all()


def settled_complaints(session: Session) -> Sequence[UUID]:
    """Complaints about a late certificate that is there, or that nobody waits for any more."""
    finished = exists().where(Certificate.order_id == Order.id, Certificate.pdf_sha256.is_not(None))
    return session.scalars(
        select(Complaint.id)
        .join(Order, Order.id == Complaint.order_id)
        .where(
            Complaint.state != ComplaintState.CLOSED,
            Complaint.kind == ComplaintKind.CERTIFICATE_LATE,
            or_(finished, Order.state.in_(_ENDED)),
        )
        .order_by(Complaint.id)
    ).all()


def read_complaints(session: Session, *, after: UUID | None = None) -> ComplaintsPage:
    """One page of what stands: those with administrators first, then by the time that the provider has.

    `after` is a complaint's id: pages do not move under the reader while complaints come. One that is unknown begins
    at the first.
    """
    place = tuple_(Complaint.escalated_at.is_(None), Complaint.due_at, Complaint.id)
    wanted = (
        select(Complaint)
        .where(Complaint.state != ComplaintState.CLOSED)
        .options(joinedload(Complaint.order).joinedload(Order.provider))
        .order_by(Complaint.escalated_at.is_(None), Complaint.due_at, Complaint.id)
        .limit(PAGE_SIZE + 1)
    )
    last = session.get(Complaint, after) if after is not None else None
    if last is not None:
        wanted = wanted.where(place > (last.escalated_at is None, last.due_at, last.id))
    found = session.scalars(wanted).all()
    shown = found[:PAGE_SIZE]
    return ComplaintsPage(shown, shown[-1].id if len(found) > PAGE_SIZE else None)


def count_complaints(session: Session) -> ComplaintCounts:
    """Counts over what stands, for the administrators' home."""
    rows = session.execute(
        select(Complaint.state, func.count())
        .where(Complaint.state != ComplaintState.CLOSED)
        .group_by(Complaint.state)
    )
    found = {state: count for state, count in rows}  # noqa: C416 (a row is no pair to mypy)
    return ComplaintCounts(found.get(ComplaintState.ESCALATED, 0), found.get(ComplaintState.OPEN, 0))
