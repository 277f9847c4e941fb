"""Reading what is shown of people's texts, and what waits for somebody to look at it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from app.domain.content.models import ActivityContent, ContentState
from app.domain.moderation.models import ModeratedText, ModerationState, TextKind
from app.domain.moderation.screen import screen
from app.domain.moderation.screen_order import public_texts
from app.domain.orders.models import Order, OrderState

PAGE_SIZE = 20
# No certificate will ever show their texts.
_NEVER_SHOWN = (OrderState.EXPIRED, OrderState.WITHDRAWN, OrderState.REFUNDED)


@dataclass(frozen=True)
class Waiting:
    """Something in the queue: a text, or a piece of an activity's page."""

    at: datetime  # since when it waits
    id: UUID
    words: str
    rules: Sequence[str]  # codes of the rules that it meets
    text: ModeratedText | None = None
    order: Order | None = None
    content: ActivityContent | None = None


@dataclass(frozen=True)
class WaitingPage:
    """Some of the queue, the oldest first. `after`: where the next page begins."""

    rows: Sequence[Waiting]
    after: tuple[datetime, UUID] | None


@dataclass(frozen=True)
class OrderText:
    """Words of a buyer that the public reads, and what was decided about them."""

    kind: TextKind
    words: str
    state: ModerationState
    row: ModeratedText | None  # None: nobody has ever stopped it


def withheld_of(session: Session, order_id: UUID) -> frozenset[TextKind]:
    """Which of an order's texts are not shown in public now."""
    return frozenset(
        session.scalars(
            select(ModeratedText.kind).where(
                ModeratedText.order_id == order_id, ModeratedText.state != ModerationState.SHOWN
            )
        )
    )


def orders_withheld(session: Session, order_ids: Collection[UUID]) -> set[UUID]:
    """Those of these orders of which some text is not shown in public now."""
    return {
        each
        for each in session.scalars(
            select(ModeratedText.order_id).where(
                ModeratedText.order_id.in_(order_ids), ModeratedText.state != ModerationState.SHOWN
            )
        )
        if each is not None
    }


def moderated_text(session: Session, kind: TextKind, entity_id: str) -> ModeratedText | None:
    """What was decided about one text; None where nobody has ever stopped it."""
    return session.scalars(
        select(ModeratedText).where(ModeratedText.kind == kind, ModeratedText.entity_id == entity_id)
    ).one_or_none()


def texts_of_order(session: Session, order: Order) -> list[OrderText]:
    """What the public reads, or would read, of what the order's buyer wrote."""
    rows = {
        row.kind: row
        for row in session.scalars(select(ModeratedText).where(ModeratedText.order_id == order.id))
    }
    return [
        OrderText(kind, words, rows[kind].state if kind in rows else ModerationState.SHOWN, rows.get(kind))
        for kind, words in public_texts(order).items()
    ]


def count_waiting(session: Session) -> int:
    """How many texts and pieces of activities' pages wait for an administrator."""
    texts = (
        select(func.count()).select_from(ModeratedText).outerjoin(Order, Order.id == ModeratedText.order_id)
    )
    pieces = select(func.count()).where(ActivityContent.state == ContentState.WAITING)
    waiting = (
        session.scalar(texts.where(ModeratedText.state == ModerationState.WAITING, _would_be_shown())) or 0
    )
    return waiting + (session.scalar(pieces) or 0)


def read_queue(session: Session, after: tuple[datetime, UUID] | None = None) -> WaitingPage:
    """A page of what waits, texts and pieces of activities' pages together. `after` is a key of an earlier page."""
    texts = (
        select(ModeratedText, Order)
        .outerjoin(Order, Order.id == ModeratedText.order_id)
        .where(ModeratedText.state == ModerationState.WAITING, _would_be_shown())
        .order_by(ModeratedText.found_at, ModeratedText.id)
        .limit(PAGE_SIZE + 1)
    )
    pieces = (
        select(ActivityContent)
        .where(ActivityContent.state == ContentState.WAITING)
        .options(joinedload(ActivityContent.provider))
        .order_by(ActivityContent.added_at, ActivityContent.id)
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        texts = texts.where(tuple_(ModeratedText.found_at, ModeratedText.id) > after)
        pieces = pieces.where(tuple_(ActivityContent.added_at, ActivityContent.id) > after)
    found = [_text(text, order) for text, order in session.execute(texts)]
    found += [_piece(content) for content in session.scalars(pieces)]
    found.sort(key=lambda each: (each.at, each.id))
    shown = found[:PAGE_SIZE]
    last = (shown[-1].at, shown[-1].id) if len(found) > PAGE_SIZE else None
    return WaitingPage(shown, last)


def _would_be_shown() -> ColumnElement[bool]:
    return or_(ModeratedText.order_id.is_(None), Order.state.not_in(_NEVER_SHOWN))


def _text(text: ModeratedText, order: Order | None) -> Waiting:
    # Of a buyer who has been erased only the certificate's own words are left.
    words = text.text or (public_texts(order).get(text.kind, "") if order is not None else "")
    return Waiting(text.found_at, text.id, words, text.rules, text=text, order=order)


def _piece(content: ActivityContent) -> Waiting:
    rules = screen(content.text, content.language)
    return Waiting(content.added_at, content.id, content.text, rules, content=content)
