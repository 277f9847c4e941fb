"""Who runs the platform, and what they did last."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.people.lifetimes import ADMINISTRATOR
from app.domain.people.models import Person, Realm, SignIn

_ACTS_SHOWN = 50


def administrators(session: Session) -> Sequence[Person]:
    """Everybody whom the identity provider called an administrator at their last sign-in, as far as it is kept."""
    latest = (
        select(SignIn.person_id, SignIn.roles)
        .where(SignIn.realm == Realm.REGISTRY)
        .ext(distinct_on(SignIn.person_id))
        .order_by(SignIn.person_id, SignIn.began_at.desc())
        .subquery()
    )
    return session.scalars(
        select(Person)
        .join(latest, latest.c.person_id == Person.id)
        .where(
            literal(ADMINISTRATOR) == func.any(latest.c.roles),
            Person.email_verified,
            Person.disabled_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(Person.id)
    ).all()


def last_acts(session: Session, person_id: UUID) -> list[AuditEvent]:
    """What an administrator did last, the newest first."""
    return list(
        session.scalars(
            select(AuditEvent)
            .where(AuditEvent.actor_person_id == person_id, AuditEvent.actor == "administrator")
            .order_by(AuditEvent.id.desc())
            .limit(_ACTS_SHOWN)
        )
    )
