"""A payment that waits for its payee: only the provider can do something, at the gateway."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.mails.queue_mail import queue_mail
from app.domain.payments.models import Payment


def tell_payee(session: Session, payment: Payment, now: datetime) -> None:
    """Write to the provider, once a payment, that the gateway holds its money back. The caller commits."""
    provider = payment.account.provider
    queue_mail(
        session,
        "payment_waits_for_payee",
        once=f"payment_waits_for_payee:{payment.id}",
        to=provider.contact_email,
        language="en",
        now=now,
        order_id=payment.order_id,
        context={"gateway": payment.gateway},
    )
