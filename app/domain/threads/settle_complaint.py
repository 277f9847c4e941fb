"""A complaint about a late certificate ends by itself: the certificate is there, or nobody waits for it any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.certificates.models import Certificate
from app.domain.payments.queries import locked_order
from app.domain.threads import states
from app.domain.threads.models import Complaint
from app.domain.threads.queries import locked_complaint, settled_complaints
from app.domain.threads.say import Said, say


def settle_complaint(session: Session, complaint_id: UUID, now: datetime) -> bool:
    """Close it if its certificate is finished, or its order has ended otherwise. The caller commits."""
    order = locked_order(session, session.get_one(Complaint, complaint_id).order_id)
    complaint = locked_complaint(session, complaint_id)
    if complaint_id not in settled_complaints(session):
        return False
    finished = session.scalar(
        select(Certificate.id).where(Certificate.order_id == order.id, Certificate.pdf_sha256.is_not(None))
    )
    states.step(session, complaint, "settle", now)
    say(session, complaint, Said.CERTIFICATE_THERE if finished else Said.ORDER_ENDED, now)
    return True
