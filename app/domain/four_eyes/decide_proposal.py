"""What becomes of a proposal: another administrator confirms it, and it is done; or it is declined or withdrawn."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.four_eyes.acts import ACTS
from app.domain.four_eyes.models import Proposal
from app.domain.four_eyes.propose import NotPossible
from app.domain.four_eyes.states import step
from app.domain.people.reasons import given_reason


class SamePerson(Exception):
    """Whoever proposed an act cannot be its second person, and nobody else can withdraw it."""


def confirm_proposal(session: Session, proposal_id: UUID, administrator_id: UUID, now: datetime) -> Proposal:
    """Do what was proposed, for the reason that was given. The caller commits, or undoes all of it.

    Raises SamePerson; IllegalStep when it was decided before; NotPossible when things have changed since; and what the
    act itself raises.
    """
    proposal = _locked(session, proposal_id)
    if proposal.proposed_by == administrator_id:
        raise SamePerson
    step(
        session,
        proposal,
        "confirm",
        administrator_id,
        now,
        reason=proposal.reason,
        proposed_by=str(proposal.proposed_by),
    )
    proposal.decided_by, proposal.decided_at = administrator_id, now
    act, entity_id = ACTS[proposal.kind], UUID(proposal.entity_id)
    if not act.possible(session, entity_id, now):
        raise NotPossible(proposal.kind)
    act.do(session, entity_id, proposal.reason, administrator_id, now)
    return proposal


def decline_proposal(
    session: Session, proposal_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Proposal:
    """Say no, and why: nothing is done. Raises ReasonMissing, SamePerson, IllegalStep."""
    said = given_reason(reason)
    proposal = _locked(session, proposal_id)
    if proposal.proposed_by == administrator_id:
        raise SamePerson
    return _end(session, proposal, "decline", said, administrator_id, now)


def withdraw_proposal(
    session: Session, proposal_id: UUID, reason: str, administrator_id: UUID, now: datetime
) -> Proposal:
    """Take one's own proposal back, and say why. Raises ReasonMissing, SamePerson, IllegalStep."""
    said = given_reason(reason)
    proposal = _locked(session, proposal_id)
    if proposal.proposed_by != administrator_id:
        raise SamePerson
    return _end(session, proposal, "withdraw", said, administrator_id, now)


def _end(
    session: Session, proposal: Proposal, name: str, said: str, administrator_id: UUID, now: datetime
) -> Proposal:
    step(session, proposal, name, administrator_id, now, reason=said)
    proposal.decided_by, proposal.decided_at, proposal.decision_reason = administrator_id, now, said
    return proposal


def _locked(session: Session, proposal_id: UUID) -> Proposal:
    return session.execute(
        select(Proposal)
        .where(Proposal.id == proposal_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
