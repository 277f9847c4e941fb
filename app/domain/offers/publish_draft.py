"""A provider publishes a draft: the offer is made, or its units are asked for first. Once, however often it is sent."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.mandates.ask_to_grant import ask_to_grant
from app.domain.mandates.models import ActState
from app.domain.mandates.queries import locked_mandate, why_not_free
from app.domain.offers.create_offer import create_offer
from app.domain.offers.draft_queries import currencies_taken, locked_draft
from app.domain.offers.draft_terms import read_terms
from app.domain.offers.offer_granted_units import offer_granted_units
from app.domain.offers.terms_models import OfferDraft
from app.domain.people.models import Provider, ProviderState
from app.integrations.registry.interface import Block


class NotPublishable(Exception):
    """`code`: the state of a provider that is not active; changed or thrown_away since it was looked at; moved: the
    account holds the block no more; another_person: somebody else has asked for its units; or one of `why_not_free`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def publish_draft(
    session: Session,
    draft_id: UUID,
    provider: Provider,
    person_id: UUID,
    block: Block | None,
    seen: datetime,
    now: datetime,
) -> OfferDraft:
    """Go as far as it goes without the registry. The caller commits, and then asks it about the draft's act, if there is
    one that is still asked.

    `block` is as just read from the registry; None where the account does not hold it, or a mandate has earmarked the
    units. `seen`: the draft's `changed_at` when it was looked at. Raises NotPublishable, TermsRefused, NotGrantable.
    """
    draft = locked_draft(session, draft_id)
    if draft is None or draft.thrown_away_at is not None:
        raise NotPublishable("thrown_away")
    if draft.offer_id is not None:
        return draft
    if draft.act is not None and draft.act.state != ActState.REFUSED:
        if draft.act.state == ActState.ASKED and draft.act.person_id != person_id:
            raise NotPublishable("another_person")
        offer_granted_units(session, draft, now)
        return draft
    if provider.state != ProviderState.ACTIVE:
        raise NotPublishable(provider.state.value)
    if draft.changed_at != seen:
        raise NotPublishable("changed")
    currencies = currencies_taken(session, provider.id)
    if draft.mandate_id is not None:
        mandate = locked_mandate(session, draft.mandate_id)
        against, free = why_not_free(session, mandate, now)
        if against is not None:
            raise NotPublishable(against)
        terms = read_terms(draft.typed, free, currencies, now, all_of_it=True)
        draft.offer = create_offer(session, provider.id, mandate, terms, person_id, now)
        return draft
    if block is None:
        raise NotPublishable("moved")
    terms = read_terms(draft.typed, block.quantity_available, currencies, now)
    # What the registry has refused stays refused for its key.
    key = draft.id if draft.act_id is None else uuid4()
    draft.act = ask_to_grant(session, key, provider, person_id, draft.account_id, block, terms.quantity, now)
    return draft
