"""What is kept of buyers' words beside their orders, for whoever wants to know what is kept of them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.moderation.models import ModeratedText


def texts_kept_of(session: Session, order_ids: Collection[UUID]) -> dict[UUID | None, list[dict[str, Any]]]:
    """By order, the texts that a rule or an administrator has stopped, as JSON knows them; times are RFC 3339 in UTC."""
    kept: dict[UUID | None, list[dict[str, Any]]] = defaultdict(list)
    for text in session.scalars(
        select(ModeratedText).where(ModeratedText.order_id.in_(order_ids)).order_by(ModeratedText.kind)
    ):
        kept[text.order_id].append(
            {
                "kind": text.kind,
                "text": text.text,
                "rules": text.rules,
                "state": text.state,
                "found_at": text.found_at.isoformat(),
                "decided_at": text.decided_at.isoformat() if text.decided_at else None,
                "reason": text.reason,
            }
        )
    return kept
