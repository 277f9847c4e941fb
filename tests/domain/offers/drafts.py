"""Drafts of offers for tests: what somebody types, kept and published."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.offers.publish_draft import publish_draft
from app.domain.offers.save_draft import Place, save_draft
from app.domain.offers.terms_models import OfferDraft
from app.domain.people.models import Provider
from app.integrations.registry.interface import Block
from tests.factories import NOW

TYPED = {
    "quantity": "40",
    "price": "11.20",
    "currency": "USD",
    "min_quantity": "",
    "max_quantity": "",
    "on_sale_from": "",
    "on_sale_until": "",
}


def typed(**changes: str) -> dict[str, str]:
    """Fields of the form; text_en stands for text-en."""
    return TYPED | {name.replace("text_", "text-"): text for name, text in changes.items()}


def keep(
    session: Session,
    provider: Provider,
    person_id: UUID,
    block_id: str = "block-1",
    *,
    key: UUID | None = None,
    mandate_id: str | None = None,
    activity_ref: str = "A6.4-MW-001042",
    **changes: str,
) -> OfferDraft:
    """A draft over the provider's account, flushed."""
    place = Place(provider.registry_accounts[0].account_id, block_id, activity_ref, mandate_id)
    draft = save_draft(session, key or uuid4(), provider.id, person_id, place, typed(**changes), NOW)
    session.flush()
    return draft


def publish(
    session: Session,
    draft: OfferDraft,
    provider: Provider,
    block: Block | None = None,
    person_id: UUID | None = None,
    **changes: Any,
) -> OfferDraft:
    """By whoever has begun it, as it was looked at now."""
    values = {"seen": draft.changed_at, "now": NOW, **changes}
    return publish_draft(session, draft.id, provider, person_id or draft.person_id, block, **values)
