"""Say, before the registry is called, that it is about to be called."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.cancellations.queries import locked_cancellation
from app.domain.cancellations.states import OPEN
from app.integrations.registry.interface import Beneficiary, CancellationRequest


@dataclass(frozen=True)
class AttemptToCancel:
    """What the shell sends. `asked_before`: the registry may know the reference, so ask for that first."""

    request: CancellationRequest
    key: str
    asked_before: bool
    order_number: str


def begin_attempt(session: Session, cancellation_id: UUID, now: datetime) -> AttemptToCancel | None:
    """The next attempt at a cancellation, or None when there is nothing left to do.

    The caller commits before the call: a crash after that finds `asked_before`.
    """
    cancellation = locked_cancellation(session, cancellation_id)
    if cancellation.state not in OPEN:
        return None
    asked_before = cancellation.attempts > 0
    cancellation.attempts += 1
    cancellation.asked_at = now
    order = cancellation.line.order
    anonymous = order.disclosure == "anonymous"
    return AttemptToCancel(
        request=CancellationRequest(
            mandate_id=cancellation.mandate_id,
            quantity=cancellation.quantity,
            purpose=order.purpose,
            client_reference=cancellation.client_reference,
            beneficiary=Beneficiary(
                type=order.beneficiary_type,
                disclosure=order.disclosure,
                name=None if anonymous else order.beneficiary_name,
                country=order.beneficiary_country,
            ),
            reason=order.reason,
        ),
        key=cancellation.client_reference,
        asked_before=asked_before,
        order_number=order.number,
    )
