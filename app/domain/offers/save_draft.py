"""Keep an offer in the making, as it was typed: right or wrong, so that nothing has to be typed again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.offers.draft_queries import locked_draft
from app.domain.offers.draft_terms import FIELDS, TEXT_FIELD, TEXT_MAX, plain_text
from app.domain.offers.terms_models import OfferDraft
from app.domain.orders.details import plain_line

_FIELD_MAX = 40  # characters that are kept of a number or a day
_REFERENCE_MAX = 100


class DraftClosed(Exception):
    """It is published, on its way or thrown away, or the key is that of another draft."""


@dataclass(frozen=True)
class Place:
    """Which units it is about: free ones of a block, or those that a mandate has earmarked."""

    account_id: str
    block_id: str
    activity_ref: str
    mandate_id: str | None = None


def save_draft(
    session: Session,
    key: UUID,
    provider_id: UUID,
    person_id: UUID,
    place: Place,
    typed: Mapping[str, str],
    now: datetime,
) -> OfferDraft:
    """Keep what was typed, by the names of `draft_terms.FIELDS` and descriptions as `text-<language>`; the same `key` again changes that draft.

    `place` is over an account of the provider's own. Raises DraftClosed.
    """
    draft = locked_draft(session, key)
    if draft is None:
        draft = OfferDraft(
            id=key,
            provider_id=provider_id,
            person_id=person_id,
            account_id=place.account_id,
            block_id=plain_line(place.block_id)[:_REFERENCE_MAX],
            activity_ref=plain_line(place.activity_ref)[:_REFERENCE_MAX],
            mandate_id=place.mandate_id,
            created_at=now,
        )
        session.add(draft)
    elif draft.provider_id != provider_id or not draft.can_change:
        raise DraftClosed
    draft.typed = {
        **{name: plain_line(typed.get(name, ""))[:_FIELD_MAX] for name in FIELDS},
        # What is too long is kept, too, as far as it can be shortened by hand.
        **{
            name: plain_text(text)[: 4 * TEXT_MAX]
            for name, text in typed.items()
            if TEXT_FIELD.fullmatch(name)
        },
    }
    draft.changed_at = now
    return draft
