"""Decide about something that a provider wants to show of an activity."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.content.models import ActivityContent, ContentKind, ContentState
from app.domain.content.states import step
from app.domain.people.locked import locked_provider
from app.domain.people.reasons import given_reason
from app.domain.team.tell_provider import tell_provider


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
        tell_provider(
            session,
            content.provider,
            "content_refused",
            f"{content.id}:{now.isoformat()}",
            now,
            what=content.kind.value,
            words=content.text,
            reason=said,
            seller=content.provider.legal_name,
            console=f"activities/{content.activity_ref}",
        )
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
