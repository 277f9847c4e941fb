"""Write the audit trail: a closed list of events."""

from datetime import datetime
from enum import StrEnum, unique
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.audit.payloads import check_payload


@unique
class Event(StrEnum):
    """Everything that the trail can hold; `payloads.py` says what each event says. A state change is `<entity>.step`."""

    ORDER_STEP = "order.step"
    PAYMENT_STEP = "payment.step"
    PAYMENT_MISMATCH = "payment.mismatch"
    PAYMENT_ENTRY = "payment.entry"
    PAYMENT_EXCESS = "payment.excess"
    PAYMENT_SHORT = "payment.short"
    TRANSFER_SAID_SENT = "bank_transfer.said_sent"
    BANK_STATEMENT_COMMITTED = "bank_statement.committed"
    BANK_LINE_DECIDED = "bank_line.decided"
    CANCELLATION_STEP = "cancellation.step"
    CERTIFICATE_ISSUED = "certificate.issued"
    PAYEE_ACCOUNT_STEP = "payee_account.step"
    PAYEE_ACCOUNT_CHANGED = "payee_account.changed"
    PAYEE_CHANGE_STEP = "payee_change.step"
    RELEASE_POLICY_CHANGED = "release_policy.changed"
    REFUND_STEP = "refund.step"
    REFUND_SHRUNK = "refund.shrunk"
    REFUND_ESCALATED = "refund.escalated"
    PROOF_ADDED = "payment_proof.added"
    PAYMENT_CLAIMED = "payment_claim.opened"
    PAYMENT_CLAIM_ANSWERED = "payment_claim.answered"
    PAYMENT_CLAIM_ESCALATED = "payment_claim.escalated"
    METHOD_CHANGED = "order.method_changed"
    ORDER_RELEASED = "order.released"
    LINE_SUBSTITUTED = "order.line_substituted"
    PROVIDER_IMPORTED = "provider.imported"
    PROVIDER_STEP = "provider.step"
    OFFER_IMPORTED = "offer.imported"
    OFFER_CREATED = "offer.created"
    MANDATE_ACT_STEP = "mandate_act.step"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    PERSON_SIGNED_OUT = "person.signed_out"
    LINKS_SENT = "links.sent"
    SIGNED_IN = "person.signed_in"
    SIGN_IN_ENDED = "person.sign_in_ended"
    ROLES_CHANGED = "person.roles_changed"
    ELEVATED = "person.elevated"
    PROFILE_CHANGED = "person.profile_changed"
    PERSON_EXPORTED = "person.exported"
    PERSON_ERASED = "person.erased"
    ORDER_CLAIMED = "order.claimed"
    ORGANISATION_CREATED = "organisation.created"
    ORGANISATION_CHANGED = "organisation.changed"
    MEMBER_INVITED = "organisation.member_invited"
    INVITATION_WITHDRAWN = "organisation.invitation_withdrawn"
    INVITATION_ACCEPTED = "organisation.invitation_accepted"
    MEMBER_CHANGED = "organisation.member_changed"
    MEMBER_REMOVED = "organisation.member_removed"
    MEMBER_LEFT = "organisation.member_left"
    PROVIDER_OPENED = "provider.opened"
    PROVIDER_CHANGED = "provider.changed"
    PROVIDER_TERMS_ACCEPTED = "provider.terms_accepted"
    PAYEE_ACCOUNT_TESTED = "payee_account.tested"
    TEAM_CHANGED = "team_member.changed"
    OFFER_STEP = "offer.step"
    OFFER_CHANGED = "offer.changed"
    OFFER_CHANGE_ASKED = "offer_change.asked"
    OFFER_CHANGE_SETTLED = "offer_change.settled"
    CONTENT_ADDED = "activity_content.added"
    CONTENT_STEP = "activity_content.step"
    TEXT_STOPPED = "moderated_text.stopped"
    TEXT_DECIDED = "moderated_text.decided"
    MESSAGE_WRITTEN = "order_message.written"
    COMPLAINT_OPENED = "complaint.opened"
    COMPLAINT_STEP = "complaint.step"
    TAX_DOCUMENT_ADDED = "tax_document.added"
    PROPOSAL_STEP = "proposal.step"
    RECONCILIATION_ASKED = "reconciliation_run.asked"
    RECONCILIATION_ENDED = "reconciliation_run.ended"
    DIFFERENCE_STEP = "difference.step"
    MAIL_SENT_AGAIN = "mail.sent_again"
    JOB_RETRIED = "job.retried"
    SETTING_CHANGED = "setting.changed"
    ORDERS_EXPORTED = "orders.exported"
    TRAIL_EXPORTED = "audit_event.exported"
    TRAIL_VERIFIED = "audit_event.verified"


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

    `person_id`: who did it, where somebody was signed in. Raises WrongPayload unless the payload's names are the event's.
    """
    check_payload(event.value, payload)
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
