"""Write the audit trail: a closed list of events."""

from datetime import datetime
from enum import StrEnum, unique
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent


@unique
class Event(StrEnum):
    """Everything that the trail can hold. A state change is `<entity>.<step>`."""

    ORDER_STEP = "order.step"
    PAYMENT_STEP = "payment.step"
    PAYMENT_MISMATCH = "payment.mismatch"
    PAYMENT_ENTRY = "payment.entry"
    PAYMENT_EXCESS = "payment.excess"
    CANCELLATION_STEP = "cancellation.step"
    CERTIFICATE_ISSUED = "certificate.issued"
    PAYEE_ACCOUNT_STEP = "payee_account.step"
    PROVIDER_IMPORTED = "provider.imported"
    PROVIDER_STEP = "provider.step"
    OFFER_IMPORTED = "offer.imported"
    MANDATE_ACT_STEP = "mandate_act.step"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    PERSON_SIGNED_OUT = "person.signed_out"
    LINKS_SENT = "links.sent"
    SIGNED_IN = "person.signed_in"
    SIGN_IN_ENDED = "person.sign_in_ended"
    ROLES_CHANGED = "person.roles_changed"
    ELEVATED = "person.elevated"


def record(
    session: Session,
    event: Event,
    entity: str,
    entity_id: UUID | str,
    now: datetime,
    *,
    order_id: UUID | None = None,
    actor: str = "platform",
    person_id: UUID | None = None,
    **payload: Any,
) -> None:
    """Add one row, in the transaction of what it tells about. Payload values are JSON, never secrets.

    `person_id`: who did it, where somebody was signed in.
    """
    session.add(
        AuditEvent(
            at=now,
            event=event.value,
            actor=actor,
            actor_person_id=person_id,
            entity=entity,
            entity_id=str(entity_id),
            order_id=order_id,
            payload=payload,
        )
    )
