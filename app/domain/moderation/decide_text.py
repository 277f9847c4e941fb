"""Decide about a text that the public would read: show it, or take it down. The registry's record stays as it is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.moderation.models import ModeratedText, ModerationState, TextKind
from app.domain.moderation.screen_order import public_texts
from app.domain.moderation.states import step
from app.domain.orders.models import Order
from app.domain.people.models import Provider
from app.domain.people.reasons import given_reason
from app.domain.team.tell_provider import tell_provider


class Act(StrEnum):
    SHOW = "show"
    TAKE_DOWN = "take-down"


class NoSuchText(Exception):
    """There is no such text."""


def decide_text(
    session: Session,
    kind: TextKind,
    entity_id: str,
    act: Act,
    reason: str,
    administrator_id: UUID,
    now: datetime,
) -> ModeratedText:
    """Show a text that waits or was taken down, or take down one that waits or is shown. The caller commits.

    A text of an order that nobody has stopped has no row: taking it down makes one. Whoever wrote the text is told by
    mail that it was taken down, with the reason. ReasonMissing, NoSuchText, IllegalStep.
    """
    said = given_reason(reason)
    text = _locked(session, kind, entity_id, now)
    step(
        session,
        text,
        act.replace("-", "_"),
        now,
        actor="administrator",
        person_id=administrator_id,
        reason=said,
    )
    text.decided_by, text.decided_at, text.reason = administrator_id, now, said
    if act is Act.TAKE_DOWN:
        _tell(session, text, said, now)
    return text


def _locked(session: Session, kind: TextKind, entity_id: str, now: datetime) -> ModeratedText:
    order = _order(session, entity_id) if kind != TextKind.OFFER_TEXT else None
    known = session.scalars(
        select(ModeratedText)
        .where(ModeratedText.kind == kind, ModeratedText.entity_id == entity_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if known is not None:
        return known
    words = public_texts(order).get(kind) if order is not None else None
    if order is None or words is None:
        raise NoSuchText
    made = ModeratedText(
        id=uuid4(),
        kind=kind,
        entity_id=entity_id,
        order_id=order.id,
        provider_id=order.provider_id,
        language=order.certificate_language,
        text=words,
        rules=[],
        state=ModerationState.SHOWN,
        found_at=now,
    )
    session.add(made)
    return made


def _order(session: Session, entity_id: str) -> Order:
    """The order, locked: two administrators who take the same text down make one row."""
    try:
        order_id = UUID(entity_id)
    except ValueError as error:
        raise NoSuchText from error
    found = session.scalars(select(Order).where(Order.id == order_id).with_for_update()).one_or_none()
    if found is None:
        raise NoSuchText
    return found


def _tell(session: Session, text: ModeratedText, reason: str, now: datetime) -> None:
    about = f"{text.id}:{now.isoformat()}"
    order = session.get(Order, text.order_id) if text.order_id is not None else None
    if order is not None and order.email:  # nobody to write to once the buyer has been erased
        queue_mail(
            session,
            "text_taken_down",
            once=f"text_taken_down:{about}",
            to=order.email,
            language=order.language,
            now=now,
            order_id=order.id,
            context={"what": text.kind.value, "reason": reason},
        )
    if order is None and text.provider_id is not None:
        provider = session.get_one(Provider, text.provider_id)
        tell_provider(
            session,
            provider,
            "content_refused",
            about,
            now,
            what=text.kind.value,
            words=text.text,
            reason=reason,
            seller=provider.legal_name,
            console="offers",
        )
