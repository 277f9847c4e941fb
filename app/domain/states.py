"""States are a table of steps and one function that takes one: an illegal step raises, and every step is audited."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record

S = TypeVar("S", bound=StrEnum)
Steps = Mapping[str, tuple[frozenset[S], S]]  # name of the step → (from any of these, to this)


class IllegalStep(Exception):
    """The entity is not in a state that this step leads away from."""


class Stateful(Protocol):
    id: Any
    state: Any


def take_step(
    session: Session,
    entity: Stateful,
    name: str,
    steps: "Steps[Any]",
    event: Event,
    now: datetime,
    *,
    order_id: UUID | None,
    actor: str = "platform",
    person_id: UUID | None = None,
    **payload: Any,
) -> None:
    """Move `entity` along the step called `name` and write it into the audit trail.

    IllegalStep when the entity is elsewhere; nothing is changed then.
    """
    came_from, to = steps[name]
    before = entity.state
    if before not in came_from:
        raise IllegalStep(f"{event.value}: {name} does not lead away from {before}")
    entity.state = to
    kind = event.value.partition(".")[0]
    record(
        session,
        event,
        kind,
        entity.id,
        now,
        order_id=order_id,
        actor=actor,
        person_id=person_id,
        step=name,
        before=str(before),
        after=str(to),
        **payload,
    )
