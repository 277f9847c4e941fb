"""Reading proposals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.domain.four_eyes.models import Proposal, ProposalState

_DECIDED_SHOWN = 50
_WITH_PEOPLE = (joinedload(Proposal.proposer), joinedload(Proposal.decider))


def open_proposals(session: Session) -> Sequence[Proposal]:
    """Those that wait for a second administrator, the oldest first."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.state == ProposalState.OPEN)
        .options(*_WITH_PEOPLE)
        .order_by(Proposal.proposed_at, Proposal.id)
    ).all()


def decided_proposals(session: Session) -> Sequence[Proposal]:
    """The last ones that were decided, the newest first."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.state != ProposalState.OPEN)
        .options(*_WITH_PEOPLE)
        .order_by(Proposal.decided_at.desc(), Proposal.id)
        .limit(_DECIDED_SHOWN)
    ).all()


def proposals_about(session: Session, entity_id: UUID) -> Sequence[Proposal]:
    """All about one provider or order, the newest first."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.entity_id == str(entity_id))
        .options(*_WITH_PEOPLE)
        .order_by(Proposal.proposed_at.desc(), Proposal.id)
    ).all()


def open_proposal_about(session: Session, entity_id: UUID) -> Proposal | None:
    """The one about this provider or order that waits; nothing else is proposed about it meanwhile."""
    return session.scalars(
        select(Proposal).where(Proposal.entity_id == str(entity_id), Proposal.state == ProposalState.OPEN)
    ).first()


def count_open_proposals(session: Session) -> int:
    """How many wait."""
    return session.scalar(select(func.count(Proposal.id)).where(Proposal.state == ProposalState.OPEN)) or 0
