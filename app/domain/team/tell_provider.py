"""Write to a provider: to its contact address, and to those of its team whom it concerns and who want it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.people.models import Provider
from app.domain.team.notices import NOTICES, notice_of
from app.domain.team.queries import team_of, who_switched_off

_CONTACT_LANGUAGE = "en"


def tell_provider(
    session: Session,
    provider: Provider,
    kind: str,
    about: str,
    now: datetime,
    *,
    order_id: UUID | None = None,
    **context: Any,
) -> None:
    """Queue a mail of `kind`, to each address one; `about` tells it from every other of its kind. The caller commits.

    A member of the team finds a link in it that switches such notices off; the contact address has none.
    """
    queue_mail(
        session,
        kind,
        once=f"{kind}:{about}",
        to=provider.contact_email,
        language=_CONTACT_LANGUAGE,
        now=now,
        order_id=order_id,
        context=context,
    )
    notice = notice_of(kind)
    if notice is None:
        return
    off = who_switched_off(session, notice)
    reached = {provider.contact_email.lower()}
    for member in team_of(session, provider.id):
        person = member.person
        wanted = member.role in NOTICES[notice].roles and person.id not in off
        if not wanted or not person.email_verified or person.email.lower() in reached:
            continue
        reached.add(person.email.lower())
        queue_mail(
            session,
            kind,
            once=f"{kind}:{about}:{person.id}",
            to=person.email,
            language=person.language or _CONTACT_LANGUAGE,
            now=now,
            order_id=order_id,
            context={**context, "notice": notice, "person_id": str(person.id)},
        )
