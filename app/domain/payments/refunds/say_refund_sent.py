"""The provider has sent the money back by themselves, and shows how."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.mails.queue_mail import queue_mail
from app.domain.payments.proofs import ProofFile, add_proof
from app.domain.payments.refund_models import ProofKind, Refund
from app.domain.payments.refunds.finish_by_word import finish_by_word
from app.domain.payments.refunds.queries import SILENCE, locked_refund
from app.domain.payments.refunds.states import TO_SEND, step

NOTE_MAX = 500


class NothingToGiveBack(Exception):
    """The refund is not the provider's to send (any more)."""


def say_refund_sent(
    session: Session,
    refund_id: UUID,
    sent_on: date,
    note: str,
    proof: ProofFile | None,
    person_id: UUID | None,
    now: datetime,
) -> Refund:
    """Keep the day, what the provider says about it and the proof; the buyer is asked whether it came.

    Of a trial, where the provider is the buyer, the word is enough: `proof` is None, and the refund is done.
    NothingToGiveBack; ProofRefused. The caller commits.
    """
    refund = locked_refund(session, refund_id)
    if refund.state not in TO_SEND:
        raise NothingToGiveBack
    order = refund.order
    if proof is not None:
        add_proof(
            session,
            order,
            ProofKind.REFUND,
            proof,
            now,
            refund_id=refund.id,
            person_id=person_id,
            actor="provider",
        )
    refund.sent_on, refund.note, refund.person_id = sent_on, note[:NOTE_MAX] or None, person_id
    refund.answered_at = refund.escalated_at = None
    step(session, refund, "send", now, actor="provider", person_id=person_id, sent_on=sent_on.isoformat())
    if order.trial:
        finish_by_word(session, refund, "confirmed", now, actor="provider")
        return refund
    defer(session, "mind_refund", at=now + SILENCE, refund_id=refund.id)
    if order.email:
        queue_mail(
            session,
            "refund_sent",
            once=f"refund_sent:{refund.id}:{now.isoformat()}",
            to=order.email,
            language=order.language,
            now=now,
            order_id=order.id,
            context={"refund_id": str(refund.id)},
        )
    return refund
