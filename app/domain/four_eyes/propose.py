"""An administrator proposes an act that takes two of them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.four_eyes.acts import ACTS
from app.domain.four_eyes.models import Proposal
from app.domain.four_eyes.queries import open_proposal_about
from app.domain.four_eyes.states import order_of
from app.domain.mails.queue_mail import queue_mail
from app.domain.people.administrators import administrators
from app.domain.people.reasons import given_reason


class NotPossible(Exception):
    """As things stand, this cannot be done."""


class ProposedAlready(Exception):
    """Something about the same provider or order waits already."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(proposal.kind)
        self.proposal = proposal


def propose(
    session: Session, kind: str, entity_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Proposal:
    """Write down an act of ACTS with its reason, and tell the other administrators. The caller commits.

    Nothing happens until another one confirms. Raises ReasonMissing, NotPossible, ProposedAlready.
    """
    said = given_reason(reason)
    act = ACTS[kind]
    waiting = open_proposal_about(session, entity_id)
    if waiting is not None:
        raise ProposedAlready(waiting)
    if not act.possible(session, entity_id, now):
        raise NotPossible(kind)
    proposal = Proposal(
        id=uuid4(),
        kind=kind,
        entity=act.entity,
        entity_id=str(entity_id),
        reason=said,
        proposed_by=administrator_id,
        proposed_at=now,
    )
    session.add(proposal)
    session.flush()
    record(
        session,
        Event.PROPOSAL_STEP,
        "proposal",
        proposal.id,
        now,
        order_id=order_of(proposal),
        actor="administrator",
        person_id=administrator_id,
        step="propose",
        before="",
        after=proposal.state.value,
        kind=kind,
        about=proposal.entity_id,
        reason=said,
    )
    for person in administrators(session):
        if person.id != administrator_id:
            queue_mail(
                session,
                "proposal_waits",
                once=f"proposal_waits:{proposal.id}:{person.id}",
                to=person.email,
                language=person.language or "en",
                now=now,
                context={"console": f"admin/proposals/{proposal.id}"},
            )
    return proposal
