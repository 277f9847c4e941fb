"""An administrator ends a complaint, and tells both sides how."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.queries import locked_order
from app.domain.people.reasons import given_reason
from app.domain.threads import states
from app.domain.threads.add_message import add_message
from app.domain.threads.models import Author
from app.domain.threads.queries import locked_complaint, standing_complaint
from app.domain.threads.say import Said, say
from app.domain.threads.solve_complaint import NothingStands
from app.domain.threads.tell import tell_of_message


def decide_complaint(
    session: Session, order_id: UUID, outcome: str, administrator_id: UUID, now: datetime
) -> None:
    """Close the complaint that stands about the order. `outcome` is the reason, and is written to both sides.

    ReasonMissing, NothingStands. The caller commits.
    """
    said = given_reason(outcome)
    order = locked_order(session, order_id)
    found = standing_complaint(session, order_id)
    if found is None:
        raise NothingStands
    complaint = locked_complaint(session, found.id)
    states.step(
        session, complaint, "decide", now, actor="administrator", person_id=administrator_id, reason=said
    )
    complaint.closed_by, complaint.outcome = administrator_id, said
    message = add_message(session, order, Author.ADMINISTRATOR, said, complaint.id, administrator_id, now)
    say(session, complaint, Said.DECIDED, now)
    if message is not None:
        tell_of_message(session, order, message, now)
