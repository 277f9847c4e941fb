"""A complaint goes to the administrators: the time to put it right is over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.queries import locked_order
from app.domain.threads import states
from app.domain.threads.models import Complaint
from app.domain.threads.queries import locked_complaint, overdue_complaints
from app.domain.threads.say import Said, say
from app.domain.threads.tell import tell_of_escalation


def escalate_complaint(session: Session, complaint_id: UUID, now: datetime) -> bool:
    """Escalate it if it is overdue; administrators mediate, and move neither money nor units. The caller commits."""
    order = locked_order(session, session.get_one(Complaint, complaint_id).order_id)
    complaint = locked_complaint(session, complaint_id)
    if complaint_id not in overdue_complaints(session, now):
        return False
    states.step(session, complaint, "escalate", now)
    say(session, complaint, Said.ESCALATED, now)
    tell_of_escalation(session, order, complaint, now)
    return True
