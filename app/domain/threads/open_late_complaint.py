"""The platform complains by itself: an order is paid, and its certificate is not there in time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.queries import locked_order
from app.domain.threads.models import ComplaintKind
from app.domain.threads.open_complaint import add_complaint
from app.domain.threads.queries import late_certificates
from app.domain.threads.say import Said, say
from app.domain.threads.tell import tell_of_late_certificate


def open_late_complaint(session: Session, order_id: UUID, now: datetime) -> bool:
    """Open it if the order's certificate is late; once for an order. The caller commits."""
    order = locked_order(session, order_id)
    if order_id not in late_certificates(session, now):
        return False
    complaint = add_complaint(session, order, ComplaintKind.CERTIFICATE_LATE, now)
    say(session, complaint, Said.CERTIFICATE_LATE, now)
    tell_of_late_certificate(session, order, complaint, now)
    return True
