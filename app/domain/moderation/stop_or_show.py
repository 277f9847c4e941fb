"""Look through a text before the public reads it: what meets a rule waits for an administrator."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.moderation.models import ModeratedText, ModerationState, TextKind
from app.domain.moderation.screen import screen
from app.domain.moderation.states import step


def stop_or_show(
    session: Session,
    kind: TextKind,
    entity_id: str,
    text: str,
    now: datetime,
    *,
    language: str | None = None,
    order_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> bool:
    """Screen the text of an entity, again whenever it has changed. True: it may be shown; False: it waits.

    What was decided about the very same text stays. Another text in the place of one that was taken down waits, whatever
    it says. The caller holds the lock of what the text belongs to, and commits.
    """
    known = session.scalars(
        select(ModeratedText)
        .where(ModeratedText.kind == kind, ModeratedText.entity_id == entity_id)
        .with_for_update()
    ).one_or_none()
    if known is not None and known.text == text:
        return known.state == ModerationState.SHOWN
    rules = screen(text, language)
    if known is None:
        if rules:
            session.add(_stopped(session, kind, entity_id, text, rules, now, language, order_id, provider_id))
        return not rules
    waits = bool(rules) or known.state == ModerationState.TAKEN_DOWN
    if waits and known.state != ModerationState.WAITING:
        step(session, known, "look_again", now, rules=rules)
    elif not waits and known.state == ModerationState.WAITING:
        step(session, known, "show", now)
    known.text, known.language, known.rules = text, language, rules
    if waits:
        known.found_at = now
        known.decided_by = known.decided_at = known.reason = None
    return not waits


def _stopped(
    session: Session,
    kind: TextKind,
    entity_id: str,
    text: str,
    rules: list[str],
    now: datetime,
    language: str | None,
    order_id: UUID | None,
    provider_id: UUID | None,
) -> ModeratedText:
    stopped = ModeratedText(
        id=uuid4(),
        kind=kind,
        entity_id=entity_id,
        order_id=order_id,
        provider_id=provider_id,
        language=language,
        text=text,
        rules=rules,
        state=ModerationState.WAITING,
        found_at=now,
    )
    record(
        session,
        Event.TEXT_STOPPED,
        "moderated_text",
        stopped.id,
        now,
        order_id=order_id,
        kind=kind.value,
        rules=rules,
    )
    return stopped
