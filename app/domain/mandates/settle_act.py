"""The registry has said what became of an act."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.mandates.locked import locked_act
from app.domain.mandates.models import ActState, MandateAct
from app.domain.mandates.states import step


def confirm_act(session: Session, key: UUID, mandate_id: str, now: datetime) -> MandateAct:
    """It is done. Twice is as once. The mandate itself is kept by `catalogue.store`."""
    act = _known(session, key)
    if act.state == ActState.ASKED:
        act.mandate_id = mandate_id
        step(session, act, "confirm", now, actor="provider", person_id=act.person_id, mandate_id=mandate_id)
    return act


def refuse_act(session: Session, key: UUID, code: str, now: datetime) -> MandateAct:
    """The registry says no, for good, with this code."""
    act = _known(session, key)
    if act.state == ActState.ASKED:
        act.refusal = code
        step(session, act, "refuse", now, actor="provider", person_id=act.person_id, code=code)
    return act


def _known(session: Session, key: UUID) -> MandateAct:
    act = locked_act(session, key)
    if act is None:
        raise LookupError(f"no act {key}")
    return act
