"""Forget a buyer. What the ledger must keep stays, without them; docs/accounts.md says what that is and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.certificates.models import Certificate
from app.domain.mails.models import FORGET, Mail, MailState
from app.domain.mails.queue_mail import queue_mail
from app.domain.moderation.models import ModeratedText
from app.domain.orders.bought import guest_orders_of
from app.domain.orders.models import Basket, Order, OrderGroup, OrderState
from app.domain.payments.models import Payment
from app.domain.payments.refund_models import PaymentClaim, PaymentProof, Refund
from app.domain.payments.refunds.states import OPEN as REFUND_OPEN
from app.domain.payments.states import OPEN
from app.domain.people.account_models import Invitation, Membership, Organisation, SavedBeneficiary
from app.domain.people.addresses import proved_by
from app.domain.people.end_everywhere import end_everywhere
from app.domain.people.leave import leave
from app.domain.people.locked import locked_person
from app.domain.people.membership import LastOwner, check_not_last_owner
from app.domain.people.models import EndedWhy, Person, SignIn
from app.domain.people.on_request import OnRequest, by_whom
from app.domain.threads.forget_threads import forget_threads

_UNDER_WAY = (
    OrderState.AWAITING_PAYMENT,
    OrderState.PAID,
    OrderState.CANCELLING,
    OrderState.FULFILMENT_FAILED,
    OrderState.REFUND_DUE,
    OrderState.NEEDS_ATTENTION,
)
# Nothing was cancelled for them, so no record of the registry names the beneficiary.
_CAME_TO_NOTHING = (OrderState.EXPIRED, OrderState.WITHDRAWN, OrderState.REFUNDED)


@dataclass(frozen=True)
class Obstacles:
    """Why a person cannot be erased yet."""

    orders: Sequence[Order]  # under way: mails about money and certificates have to reach somebody
    organisations: Sequence[Organisation]  # others belong to them, and nobody else could manage them

    def __bool__(self) -> bool:
        return bool(self.orders or self.organisations)


class ErasureRefused(Exception):
    """Something has to be settled first."""

    def __init__(self, obstacles: Obstacles) -> None:
        super().__init__(f"{len(obstacles.orders)} orders, {len(obstacles.organisations)} organisations")
        self.obstacles = obstacles


def erasure_obstacles(session: Session, person: Person) -> Obstacles:
    """What has to be settled before this person can be erased."""
    finished = exists().where(Certificate.order_id == Order.id, Certificate.pdf_sha256.is_not(None))
    paying = exists().where(Payment.order_id == Order.id, Payment.state.in_(OPEN))
    owed = exists().where(Refund.order_id == Order.id, Refund.state.in_(REFUND_OPEN))
    orders = session.scalars(
        select(Order)
        .where(
            _orders_of(person),
            or_(
                Order.state.in_(_UNDER_WAY),
                (Order.state == OrderState.COMPLETED) & ~finished,
                paying,
                owed,
            ),
        )
        .order_by(Order.placed_at)
    ).all()
    organisations = []
    for membership in session.scalars(select(Membership).where(Membership.person_id == person.id)):
        try:
            check_not_last_owner(session, membership.organisation, membership)
        except LastOwner as error:
            organisations.append(error.organisation)
    return Obstacles(orders, organisations)


def erase_person(
    session: Session,
    person_id: UUID,
    language: str,
    now: datetime,
    on_request: OnRequest | None = None,
) -> None:
    """Forget everything about the person that nothing else needs. ErasureRefused; then nothing has changed.

    The row stays as a stone without a name, for the trail to point at. Its subject is changed, so that the same
    human may begin anew as somebody else. They are told by a last mail, whose address goes with its sending.
    """
    person = locked_person(session, person_id)
    memberships = select(Membership.organisation_id).where(Membership.person_id == person_id)
    organisations = session.scalars(memberships.order_by(Membership.organisation_id)).all()
    # In this order, like whoever changes who belongs to it: nobody can make them the last owner meanwhile.
    session.execute(
        select(Organisation.id)
        .where(Organisation.id.in_(organisations))
        .order_by(Organisation.id)
        .with_for_update()
    )
    orders = session.scalars(
        select(Order).where(_orders_of(person)).order_by(Order.id).with_for_update()
    ).all()
    if obstacles := erasure_obstacles(session, person):
        raise ErasureRefused(obstacles)
    _forget_mails(session, person, orders)
    if person.email_verified:
        queue_mail(
            session,
            "data_erased",
            once=f"data_erased:{person.id}",
            to=person.email,
            language=person.language or language,
            now=now,
            context={FORGET: True},
        )
    _forget_in_orders(session, person, orders, now)
    for organisation_id in organisations:
        leave(session, organisation_id, person_id, now)
    _forget_invitations(session, person, now)
    session.execute(delete(SavedBeneficiary).where(SavedBeneficiary.person_id == person_id))
    ended = end_everywhere(session, person_id, EndedWhy.ERASED, now)
    session.flush()
    session.execute(delete(SignIn).where(SignIn.person_id == person_id))
    person.subject = f"erased-{uuid4()}"
    person.email, person.email_verified, person.name = "", False, ""
    person.language = person.country = person.kind = person.profile_at = None
    person.erased_at = now
    record(
        session,
        Event.PERSON_ERASED,
        "person",
        person_id,
        now,
        **by_whom(person_id, on_request),
        orders=len(orders),
        organisations=len(organisations),
        sign_ins_ended=ended,
    )


def _orders_of(person: Person) -> ColumnElement[bool]:
    """Those that the person placed or claimed, and those that they could claim."""
    return or_(Order.person_id == person.id, guest_orders_of(person))


def _forget_in_orders(session: Session, person: Person, orders: Sequence[Order], now: datetime) -> None:
    for order in orders:
        order.email = ""
        order.person_id = None
        if order.state in _CAME_TO_NOTHING and order.organisation_id is None:
            order.beneficiary_name = order.reason = None
    _forget_texts(session, orders)
    # Proofs show accounts and names; what moved stands in the ledger. An organisation's are its own.
    ids = [order.id for order in orders if order.organisation_id is None]
    session.execute(delete(PaymentProof).where(PaymentProof.order_id.in_(ids)))
    session.execute(update(Refund).where(Refund.order_id.in_(ids)).values(note=None))
    session.execute(update(PaymentClaim).where(PaymentClaim.order_id.in_(ids)).values(note=None))
    forget_threads(session, ids, now)
    groups = {order.group_id for order in orders}
    session.execute(update(OrderGroup).where(OrderGroup.id.in_(groups)).values(person_id=None))
    session.execute(
        update(Basket)
        .where(or_(Basket.group_id.in_(groups), proved_by(Basket.details["email"].as_string(), person)))
        .values(details=None)
    )


def _forget_texts(session: Session, orders: Sequence[Order]) -> None:
    """Copies of names and reasons go; whether the certificate's own are shown stays decided as it is."""
    ids = {order.id for order in orders if order.organisation_id is None}
    nothing = {order.id for order in orders if order.id in ids and order.state in _CAME_TO_NOTHING}
    session.execute(delete(ModeratedText).where(ModeratedText.order_id.in_(nothing)))
    session.execute(
        update(ModeratedText).where(ModeratedText.order_id.in_(ids - nothing)).values(text="", reason=None)
    )


def _forget_mails(session: Session, person: Person, orders: Sequence[Order]) -> None:
    theirs = or_(
        proved_by(Mail.to, person),
        # Of a mail about an order the buyer's own; the provider may have got one, too.
        Mail.order_id.in_([order.id for order in orders]) & Mail.to.in_({order.email for order in orders}),
    )
    session.execute(update(Mail).where(theirs, Mail.state != MailState.QUEUED).values(to=""))
    # What waits to be sent still needs its address, and loses it then.
    session.execute(
        update(Mail)
        .where(theirs, Mail.state == MailState.QUEUED)
        .values(context=Mail.context.op("||")(literal({FORGET: True}, JSONB)))
    )


def _forget_invitations(session: Session, person: Person, now: datetime) -> None:
    to_them = or_(Invitation.accepted_by == person.id, proved_by(Invitation.email, person))
    session.execute(
        update(Invitation)
        .where(to_them, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    session.execute(update(Invitation).where(to_them).values(email=""))
