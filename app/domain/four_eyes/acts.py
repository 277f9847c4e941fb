"""Acts that take two administrators: what each is about, whether it is possible now, and how it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.orders import decide_order as orders
from app.domain.orders.models import Order
from app.domain.payments.queries import locked_order
from app.domain.people.decide_provider import decide_provider
from app.domain.people.models import Provider
from app.domain.people.states import STEPS as PROVIDER_STEPS


@dataclass(frozen=True)
class Act:
    """`possible(session, id, now)`; `do(session, id, reason, administrator_id, now)`, under the entity's own lock.

    What `do` raises is what the act raises; all of it is undone then.
    """

    entity: str
    possible: Callable[[Session, UUID, datetime], bool]
    do: Callable[[Session, UUID, str, UUID, datetime], None]


def _provider_can(act: str, session: Session, provider_id: UUID, _now: datetime) -> bool:
    return session.get_one(Provider, provider_id).state in PROVIDER_STEPS[act][0]


def _provider_does(
    act: str, session: Session, provider_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> None:
    decide_provider(session, provider_id, act, reason, administrator_id, now)


def _order_can(act: orders.Act, session: Session, order_id: UUID, now: datetime) -> bool:
    return act in orders.allowed_acts(session, session.get_one(Order, order_id), now)


def _order_does(
    act: orders.Act, session: Session, order_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> None:
    orders.decide_order(session, locked_order(session, order_id), act, reason, administrator_id, now)


ACTS: dict[str, Act] = {
    **{
        f"provider.{act}": Act("provider", partial(_provider_can, act), partial(_provider_does, act))
        for act in ("approve", "delist", "relist")
    },
    **{
        f"order.{act.value}": Act("order", partial(_order_can, act), partial(_order_does, act))
        for act in orders.Act
    },
}
