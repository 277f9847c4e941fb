"""What the platform itself says in a thread: a code, read by each in their own language."""

from datetime import datetime
from enum import StrEnum, unique
from uuid import uuid4

from sqlalchemy.orm import Session

from app.domain.threads.models import Author, Complaint, OrderMessage


@unique
class Said(StrEnum):
    """Everything that the platform says."""

    CERTIFICATE_LATE = "certificate_late"
    COMPLAINT = "complaint"
    ESCALATED = "escalated"
    SOLVED = "solved"
    DECIDED = "decided"
    CERTIFICATE_THERE = "certificate_there"
    ORDER_ENDED = "order_ended"
    BUYER_ERASED = "buyer_erased"


def say(session: Session, complaint: Complaint, said: Said, now: datetime) -> None:
    """Write it into the thread of the complaint's order, in the transaction of what it tells about."""
    session.add(
        OrderMessage(id=uuid4(), order_id=complaint.order_id, author=Author.PLATFORM, text=said.value, at=now)
    )
