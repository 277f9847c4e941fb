"""Mails to a provider's people by kind: who gets which, and what can be switched off."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.team.models import NoticeOff, TeamRole


@dataclass(frozen=True)
class Notice:
    """A kind of notices: its mails (templates), and the roles that it is for."""

    mails: frozenset[str]
    roles: frozenset[TeamRole]


_MONEY = frozenset({TeamRole.OWNER, TeamRole.FINANCE})

# A mail that is in none of them goes to the provider's contact address alone.
NOTICES: dict[str, Notice] = {
    "payments": Notice(frozenset({"claim_to_answer", "review_due", "payment_waits_for_payee"}), _MONEY),
    "refunds": Notice(
        frozenset({"refund_to_send", "refund_reminder", "refund_overdue", "refund_missing"}), _MONEY
    ),
    "disputes": Notice(frozenset({"payment_disputed"}), _MONEY),
    "messages": Notice(
        frozenset({"message_to_seller", "certificate_late_at_seller"}), _MONEY | {TeamRole.SALES}
    ),
    "content": Notice(frozenset({"content_refused"}), frozenset({TeamRole.OWNER, TeamRole.SALES})),
}


def notice_of(mail: str) -> str | None:
    """The kind of notices that a mail is one of; None: nobody can switch it off."""
    return next((code for code, notice in NOTICES.items() if mail in notice.mails), None)


def switch_off(session: Session, person_id: UUID, kind: str, now: datetime) -> None:
    """No more notices of this kind to the person. Twice is as once. The caller commits."""
    session.execute(insert(NoticeOff).values(person_id=person_id, kind=kind, at=now).on_conflict_do_nothing())


def choose_notices(session: Session, person_id: UUID, wanted: Collection[str], now: datetime) -> None:
    """These kinds and no others. The caller commits."""
    session.execute(delete(NoticeOff).where(NoticeOff.person_id == person_id))
    for kind in NOTICES:
        if kind not in wanted:
            switch_off(session, person_id, kind, now)
