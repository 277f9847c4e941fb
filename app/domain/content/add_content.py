"""Add something to an activity's page: a summary, a picture or a document. It waits for an administrator."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.content.check_document import Document
from app.domain.content.check_picture import Picture
from app.domain.content.models import ActivityContent, ContentKind, ContentState
from app.domain.content.queries import is_own_activity
from app.domain.content.refused import ContentRefused
from app.domain.content.states import step
from app.domain.orders.details import plain_line
from app.domain.people.locked import locked_provider

SUMMARY_MAX = 1500  # characters
TEXT_MAX = 200  # of a picture's description, a document's title
MOST = {ContentKind.PICTURE: 8, ContentKind.DOCUMENT: 10}  # of one provider for one activity
_IN_USE = (ContentState.WAITING, ContentState.SHOWN)


class NotTheirs(Exception):
    """The provider holds and offers nothing of this activity."""


def add_content(
    session: Session,
    provider_id: UUID,
    activity_ref: str,
    kind: ContentKind,
    language: str,
    text: str,
    person_id: UUID,
    now: datetime,
    *,
    file: Picture | Document | None = None,
) -> ActivityContent:
    """Add one piece of content; the same once more is the one that is there. The caller commits.

    `text` is the summary, the picture's description or the document's title, in `language`; `file` belongs to the last
    two. A summary that still waits in the same language is replaced at once, one that is shown stays until the new one
    is approved. NotTheirs, ContentRefused.
    """
    locked_provider(session, provider_id)
    if not is_own_activity(session, provider_id, activity_ref):
        raise NotTheirs
    words = _cleaned(kind, text)
    there = session.scalars(
        select(ActivityContent).where(
            ActivityContent.provider_id == provider_id,
            ActivityContent.activity_ref == activity_ref,
            ActivityContent.kind == kind,
            ActivityContent.state.in_(_IN_USE),
        )
    ).all()
    sha256 = file.sha256 if file else None
    for each in there:
        if (each.sha256, each.language, each.text) == (sha256, language, words):
            return each
    if len(there) >= MOST.get(kind, len(there) + 1):
        raise ContentRefused("too_many")
    for each in there:
        if kind == ContentKind.SUMMARY and each.language == language and each.state == ContentState.WAITING:
            step(session, each, "replace", now, actor="provider", person_id=person_id)
    picture = file if isinstance(file, Picture) else None
    content = ActivityContent(
        id=uuid4(),
        provider_id=provider_id,
        activity_ref=activity_ref,
        kind=kind,
        language=language,
        text=words,
        content_type=file.content_type if file else None,
        content=file.content if file else None,
        small=picture.small if picture else None,
        sha256=sha256,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        position=_next_position(session, provider_id, activity_ref),
        state=ContentState.WAITING,
        added_by=person_id,
        added_at=now,
    )
    session.add(content)
    record(
        session,
        Event.CONTENT_ADDED,
        "activity_content",
        content.id,
        now,
        actor="provider",
        person_id=person_id,
        kind=kind.value,
        activity=activity_ref,
        language=language,
        sha256=sha256,
    )
    session.flush()
    return content


def _cleaned(kind: ContentKind, text: str) -> str:
    """Plain text: paragraphs of a summary, one line of anything else. ContentRefused for none, or too much."""
    lines = text.splitlines() if kind == ContentKind.SUMMARY else [text]
    cleaned = "\n".join(line for line in map(plain_line, lines) if line)
    if not cleaned:
        raise ContentRefused("text_missing")
    if len(cleaned) > (SUMMARY_MAX if kind == ContentKind.SUMMARY else TEXT_MAX):
        raise ContentRefused("text_too_long")
    return cleaned


def _next_position(session: Session, provider_id: UUID, activity_ref: str) -> int:
    last = session.scalar(
        select(func.max(ActivityContent.position)).where(
            ActivityContent.provider_id == provider_id, ActivityContent.activity_ref == activity_ref
        )
    )
    return (last or 0) + 1
