"""Publish a draft of an offer with a person's own token: its units are earmarked, and it is offered, once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import joinedload

from app.domain.mandates.models import ActState
from app.domain.offers.publish_draft import publish_draft
from app.domain.offers.terms_models import OfferDraft
from app.domain.people.models import Provider
from app.integrations.registry.interface import Block
from app.shells.act_on_mandate import act_on_mandate
from app.shells.works import Works


def publish_offer(works: Works, token: str, draft_id: UUID, person_id: UUID, seen: datetime) -> None:
    """Go on with a draft of the person's provider from wherever it is. `seen`: its `changed_at` when it was looked at.

    What came of it is in the draft: an offer, or an act that the registry refused or has not settled yet. TryAgain and
    OutcomeUnknown leave it as it is, to be published again; so does Refused("unauthenticated"). NotPublishable,
    TermsRefused, NotGrantable: nothing was asked.
    """
    with works.sessions() as session:
        draft = session.get_one(OfferDraft, draft_id, options=[joinedload(OfferDraft.act)])
    block = _block(works, token, draft) if draft.can_change and draft.mandate_id is None else None
    with works.sessions.begin() as session:
        provider = session.get_one(Provider, draft.provider_id)
        act = publish_draft(session, draft_id, provider, person_id, block, seen, works.now()).act
        open_act = act.id if act is not None and act.state == ActState.ASKED else None
    if open_act is not None:
        act_on_mandate(works, token, open_act)


def _block(works: Works, token: str, draft: OfferDraft) -> Block | None:
    held = works.neighbours.delegated_registry.holdings(token, draft.account_id)
    return next((block for block in held if block.block_id == draft.block_id), None)
