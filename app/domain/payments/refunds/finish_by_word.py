"""A refund by hand is taken as done, though nobody's statement has shown it yet."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.payments.ledger import add_entry
from app.domain.payments.refund_models import Refund
from app.domain.payments.refunds.balance import net_by_payment
from app.domain.payments.refunds.follow_entries import finish
from app.domain.payments.refunds.queries import BY_WORD
from app.domain.payments.refunds.settle_refunds import settle_refunds
from app.integrations.gateways.interface import Entry
from app.money import Money


def finish_by_word(
    session: Session, refund: Refund, how: str, now: datetime, *, actor: str = "platform"
) -> None:
    """Write the movement into the ledger and close the refund. `how`: confirmed | silence.

    No more than is there: a statement may have shown a part of it. The caller holds the order's lock.
    """
    there = net_by_payment(session, refund.order_id)[refund.payment_id, refund.currency]
    external_id = f"{BY_WORD}{refund.id}"
    minor = min(refund.amount_minor, there)
    if minor > 0:
        entry = Entry("refund", external_id, Money(minor, refund.currency), now)
        add_entry(session, refund.payment, entry, now)
    finish(session, refund, external_id, how, now, actor=actor)
    settle_refunds(session, refund.order, now)
