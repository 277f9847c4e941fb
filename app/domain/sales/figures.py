"""A provider's sales of the last twelve months, counted along what a provider asks about."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderLine, OrderState
from app.money import Money

MONTHS = 12
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Share(Generic[Key]):
    """What falls to one month, country, kind or method. `money`: the totals, an amount a currency, by its code."""

    key: Key
    orders: int
    units: int
    money: Sequence[Money]


@dataclass(frozen=True)
class Figures:
    """Orders whose units were cancelled, trials left out. Months of UTC, the oldest first, all twelve; else the largest first."""

    months: Sequence[Share[datetime]]
    countries: Sequence[Share[str]]
    buyers: Sequence[Share[str]]
    methods: Sequence[Share[str]]


@dataclass(frozen=True)
class _Sum:
    month: datetime
    country: str
    buyer: str
    method: str
    currency: str
    orders: int
    units: int
    minor: int


def sales_figures(session: Session, provider_id: UUID, now: datetime) -> Figures:
    """Countries and kinds are those of the beneficiaries."""
    firsts = last_months(now)
    sums = _sums(session, provider_id, firsts[0])
    months = {share.key: share for share in _shares(sums, lambda each: each.month)}
    return Figures(
        months=[months.get(first, Share(first, 0, 0, ())) for first in firsts],
        countries=_shares(sums, lambda each: each.country),
        buyers=_shares(sums, lambda each: each.buyer),
        methods=_shares(sums, lambda each: each.method),
    )


def last_months(now: datetime) -> list[datetime]:
    """The first moments of the last twelve months in UTC, this one included, the oldest first."""
    firsts = [now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    while len(firsts) < MONTHS:
        firsts.insert(0, (firsts[0] - timedelta(days=1)).replace(day=1))
    return firsts


def _sums(session: Session, provider_id: UUID, since: datetime) -> list[_Sum]:
    of_order = select(func.sum(OrderLine.quantity)).where(OrderLine.order_id == Order.id).scalar_subquery()
    sold = (
        select(
            func.date_trunc("month", Order.completed_at, "UTC").label("month"),
            Order.beneficiary_country,
            Order.beneficiary_type,
            Order.method,
            Order.currency,
            Order.total_minor,
            of_order.label("units"),
        )
        .where(
            Order.provider_id == provider_id,
            Order.state == OrderState.COMPLETED,
            Order.completed_at >= since,
            Order.trial.is_(False),
        )
        .subquery()
    )
    along = (
        sold.c.month,
        sold.c.beneficiary_country,
        sold.c.beneficiary_type,
        sold.c.method,
        sold.c.currency,
    )
    rows = session.execute(
        select(*along, func.count(), func.sum(sold.c.units), func.sum(sold.c.total_minor)).group_by(*along)
    )
    return [
        _Sum(month, country, buyer, method, currency, orders, int(units), int(minor))
        for month, country, buyer, method, currency, orders, units, minor in rows
    ]


def _shares(sums: Iterable[_Sum], key: Callable[[_Sum], Key]) -> list[Share[Key]]:
    orders: dict[Key, int] = {}
    units: dict[Key, int] = {}
    money: dict[Key, dict[str, int]] = {}
    for each in sums:
        at = key(each)
        orders[at] = orders.get(at, 0) + each.orders
        units[at] = units.get(at, 0) + each.units
        amounts = money.setdefault(at, {})
        amounts[each.currency] = amounts.get(each.currency, 0) + each.minor
    shares = [
        Share(at, orders[at], units[at], [Money(minor, code) for code, minor in sorted(money[at].items())])
        for at in orders
    ]
    return sorted(shares, key=lambda share: (-share.units, str(share.key)))
