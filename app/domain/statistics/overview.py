"""How the platform stands, in counts, for those who look after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.cancellations.queries import overdue_cancellations
from app.domain.catalogue.models import SyncState
from app.domain.four_eyes.queries import count_open_proposals
from app.domain.jobs.queries import count_failed_jobs
from app.domain.moderation.queries import count_waiting
from app.domain.offers.models import Offer, OfferState
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import AccountState, Notification, ProviderPayeeAccount
from app.domain.people.models import Person, Provider, ProviderState, Realm
from app.domain.reconciliation.queries import registry_standing
from app.domain.threads.queries import count_complaints

_MONTHS = 12
_STALE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Month:
    """Units cancelled in a month of UTC."""

    first_day: datetime
    units: int


@dataclass(frozen=True)
class Overview:
    """What an administrator sees first."""

    attention: int  # orders that no rule can decide
    texts: int  # texts, pictures and documents that the public sees once somebody has looked at them
    refunds: int  # orders whose money has to go back
    overdue: int  # paid orders for which the registry has confirmed nothing for an hour
    overdue_since: datetime | None  # since when the first of them waits
    unknown_notifications: int  # of gateways, about no payment of ours
    orders_this_month: int
    suspended: int  # providers
    providers: int
    degraded: int  # payment accounts that cannot receive
    to_approve: int  # providers in review
    offers_to_approve: int
    proposals: int  # acts that wait for a second administrator
    complaints: int  # past their clock
    differences: int  # with the registry, that nobody has explained
    failed_jobs: int
    people: int  # buyers with an account
    cancelled: int  # units, ever
    months: Sequence[Month]  # the last twelve, oldest first
    sync: Sequence[tuple[SyncState, bool]]  # each with: has it read anything lately?
    latest: Sequence[Order]


def platform_overview(session: Session, now: datetime) -> Overview:
    """Counts over everything, and the ten newest orders."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    attention, refunds, this_month = session.execute(
        select(
            func.count(Order.id).filter(Order.state == OrderState.NEEDS_ATTENTION),
            func.count(Order.id).filter(Order.state == OrderState.REFUND_DUE, Order.trial.is_(False)),
            func.count(Order.id).filter(Order.placed_at >= month, Order.trial.is_(False)),
        )
    ).one()
    providers, suspended, to_approve = session.execute(
        select(
            func.count(Provider.id),
            func.count(Provider.id).filter(Provider.state == ProviderState.SUSPENDED),
            func.count(Provider.id).filter(Provider.state == ProviderState.IN_REVIEW),
        )
    ).one()
    months = _cancelled_by_month(session, month)
    overdue, overdue_since = overdue_cancellations(session, now)
    done = select(func.coalesce(func.sum(Cancellation.quantity), 0)).where(
        Cancellation.state == CancellationState.COMPLETED
    )
    return Overview(
        attention=attention,
        texts=count_waiting(session),
        refunds=refunds,
        overdue=overdue,
        overdue_since=overdue_since,
        unknown_notifications=_count(session, Notification.id, Notification.outcome == "given_up"),
        orders_this_month=this_month,
        suspended=suspended,
        providers=providers,
        degraded=_count(
            session, ProviderPayeeAccount.id, ProviderPayeeAccount.state == AccountState.DEGRADED
        ),
        to_approve=to_approve,
        offers_to_approve=_count(session, Offer.id, Offer.state == OfferState.IN_REVIEW),
        proposals=count_open_proposals(session),
        complaints=count_complaints(session).escalated,
        differences=registry_standing(session).open,
        failed_jobs=count_failed_jobs(session),
        people=_count(session, Person.id, Person.realm == Realm.PUBLIC, Person.erased_at.is_(None)),
        cancelled=int(session.scalar(done) or 0),
        months=months,
        sync=[
            (state, state.last_ok_at is not None and now - state.last_ok_at < _STALE_AFTER)
            for state in session.scalars(select(SyncState).order_by(SyncState.resource))
        ],
        latest=list(
            session.scalars(
                select(Order)
                .where(Order.trial.is_(False))
                .options(joinedload(Order.provider), selectinload(Order.lines))
                .order_by(Order.placed_at.desc(), Order.id)
                .limit(10)
            )
        ),
    )


def _count(session: Session, column: object, *conditions: object) -> int:
    return session.scalar(select(func.count(column)).where(*conditions)) or 0  # type: ignore[arg-type]


def _cancelled_by_month(session: Session, month: datetime) -> list[Month]:
    firsts = [month]
    while len(firsts) < _MONTHS:
        firsts.insert(0, (firsts[0] - timedelta(days=1)).replace(day=1))
    by_month = func.date_trunc("month", Cancellation.completed_at, "UTC")
    rows = session.execute(
        select(by_month, func.sum(Cancellation.quantity))
        .where(Cancellation.state == CancellationState.COMPLETED, Cancellation.completed_at >= firsts[0])
        .group_by(by_month)
    )
    units = {first: int(total) for first, total in rows}
    return [Month(first, units.get(first, 0)) for first in firsts]
