"""The steps of a proposal (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.four_eyes.models import Proposal
from app.domain.four_eyes.models import ProposalState as S
from app.domain.states import take_step

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "confirm": (frozenset({S.OPEN}), S.CONFIRMED),
    "decline": (frozenset({S.OPEN}), S.DECLINED),
    "withdraw": (frozenset({S.OPEN}), S.WITHDRAWN),
}


def step(
    session: Session, proposal: Proposal, name: str, person_id: UUID, now: datetime, **payload: Any
) -> None:
    """Take one step of a proposal in the name of an administrator; IllegalStep where there is none."""
    take_step(
        session,
        proposal,
        name,
        STEPS,
        Event.PROPOSAL_STEP,
        now,
        order_id=order_of(proposal),
        actor="administrator",
        person_id=person_id,
        kind=proposal.kind,
        about=proposal.entity_id,
        **payload,
    )


def order_of(proposal: Proposal) -> UUID | None:
    """The order that it is about, so that the order's own history has it too."""
    return UUID(proposal.entity_id) if proposal.entity == "order" else None
