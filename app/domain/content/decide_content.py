"""Decide about something that a provider wants to show of an activity."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.content.models import ActivityContent, ContentKind, ContentState
from app.domain.content.states import step
from app.domain.mails.queue_mail import queue_mail
from app.domain.people.locked import locked_provider
from app.domain.people.models import Person
from app.domain.people.reasons import given_reason

_CONTACT_LANGUAGE = "en"


class Act(StrEnum):
    SHOW = "show"
    REFUSE = "refuse"


def decide_content(
    session: Session, content_id: UUID, act: Act, reason: str, administrator_id: UUID, now: datetime
) -> ActivityContent:
    """Show it, or refuse it, be it shown already or not. The caller commits.

    A summary takes the place of the one that is shown in its language. The provider is told of a refusal by mail, with
    the reason. ReasonMissing, IllegalStep.
    """
    said = given_reason(reason)
    content = session.get_one(ActivityContent, content_id)
    locked_provider(session, content.provider_id)
    session.refresh(content, ["state"])
    step(session, content, act.value, now, actor="administrator", person_id=administrator_id, reason=said)
    content.decided_by, content.decided_at, content.reason = administrator_id, now, said
    if act is Act.SHOW and content.kind == ContentKind.SUMMARY:
        _replace(session, content, now)
    if act is Act.REFUSE:
        _tell(session, content, said, now)
    return content


def _replace(session: Session, summary: ActivityContent, now: datetime) -> None:
    earlier = select(ActivityContent).where(
        ActivityContent.provider_id == summary.provider_id,
        ActivityContent.activity_ref == summary.activity_ref,
        ActivityContent.kind == ContentKind.SUMMARY,
        ActivityContent.language == summary.language,
        ActivityContent.state == ContentState.SHOWN,
        ActivityContent.id != summary.id,
    )
    for each in session.scalars(earlier).all():
        step(session, each, "replace", now, by=str(summary.id))


def _tell(session: Session, content: ActivityContent, reason: str, now: datetime) -> None:
    """Whoever added it, and the provider's contact address: each address once."""
    person, provider = session.get_one(Person, content.added_by), content.provider
    addresses = {provider.contact_email: _CONTACT_LANGUAGE}
    if person.email and person.disabled_at is None:
        addresses[person.email] = person.language or _CONTACT_LANGUAGE
    for address, language in addresses.items():
        queue_mail(
            session,
            "content_refused",
            once=f"content_refused:{content.id}:{now.isoformat()}:{address}",
            to=address,
            language=language,
            now=now,
            context={
                "what": content.kind.value,
                "about": content.text,
                "reason": reason,
                "provider": provider.legal_name,
                "console": f"activities/{content.activity_ref}",
            },
        )
