"""Ask the registry, with a provider's own token, to grant or revoke a mandate: once, whatever crashes or times out."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.catalogue.models import Activity
from app.domain.catalogue.store import store_mandate
from app.domain.later import defer
from app.domain.mandates.models import ActKind, ActState, MandateAct
from app.domain.mandates.settle_act import confirm_act, refuse_act
from app.domain.offers.add_units import publish_added
from app.domain.offers.draft_queries import draft_of_act, locked_draft
from app.domain.offers.offer_granted_units import offer_granted_units
from app.domain.offers.terms_models import OfferDraft
from app.integrations.errors import Refused
from app.integrations.registry.interface import Mandate, MandateRequest
from app.shells.works import Works

# About the person's token, not about the units: they sign in again, and the act is still to be done.
TOKEN_REFUSED = "unauthenticated"  # noqa: S105 (a code)


def act_on_mandate(works: Works, token: str, act_id: UUID) -> MandateAct:
    """One attempt at an act that is written down and committed; what has been settled stays as it is.

    TryAgain (nothing happened) and OutcomeUnknown leave it open: asked again, it is the same act with the same key.
    Refused("unauthenticated") leaves it open, too. Any other refusal settles it. Where the units are for a draft of an
    offer, that is made in the transaction that confirms the act.
    """
    with works.sessions() as session:
        act = session.get_one(MandateAct, act_id)
    if act.state != ActState.ASKED:
        return act
    try:
        mandate = _ask(works, token, act)
    except Refused as refusal:
        if refusal.code == TOKEN_REFUSED:
            raise
        with works.sessions.begin() as session:
            draft = _its_draft(session, act_id)
            if draft is not None:
                draft.changed_at = works.now()  # whoever publishes it again looks at it again
            return refuse_act(session, act_id, refusal.code, works.now())
    with works.sessions.begin() as session:
        draft = _its_draft(session, act_id)
        if session.get(Activity, mandate.block.activity_ref) is not None:
            store_mandate(session, mandate, works.now())
            publish_added(session, act, mandate.mandate_id, works.now())
        else:
            # A first block of an activity that we have not read yet: the job reads both.
            defer(session, "read_resource", kind="mandate", resource_id=mandate.mandate_id)
        act = confirm_act(session, act_id, mandate.mandate_id, works.now())
        if draft is not None:
            offer_granted_units(session, draft, works.now())
        return act


def _its_draft(session: Session, act_id: UUID) -> OfferDraft | None:
    """The draft for which units were asked, under its lock: it comes before all others."""
    draft = draft_of_act(session, act_id)
    return locked_draft(session, draft.id) if draft is not None else None


def _ask(works: Works, token: str, act: MandateAct) -> Mandate:
    registry = works.neighbours.delegated_registry
    if act.kind == ActKind.REVOKE and act.mandate_id is not None:
        return registry.revoke(token, act.mandate_id)
    return registry.grant(token, MandateRequest(act.account_id, act.block_id, act.quantity), key=str(act.id))
