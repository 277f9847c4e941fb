"""How long the provider has, in one place: for the certificate, for an answer, for putting right what is late."""

from datetime import datetime, timedelta

from app.domain.orders.models import Order, OrderState

# From the payment in full until the platform complains by itself.
CERTIFICATE_WITHIN = timedelta(hours=72)
# From a complaint, or what the buyer says to an answer, until administrators mediate.
ANSWER_WITHIN = timedelta(hours=72)
# What has only just begun is not late: the buyer was told of a longer wait before paying, or chose other units.
JUST_BEGUN = timedelta(hours=1)

# Paid, and on the way to the certificate. Not while the buyer chooses between other units and the money.
ON_THE_WAY = frozenset(
    {OrderState.PAID, OrderState.CANCELLING, OrderState.COMPLETED, OrderState.NEEDS_ATTENTION}
)


def certificate_due(order: Order) -> datetime | None:
    """Until when the certificate has to be there; None while no clock runs. The PDF may be there already."""
    if order.paid_at is None or order.trial or order.state not in ON_THE_WAY:
        return None
    due = order.paid_at + CERTIFICATE_WITHIN
    waits = order.state == OrderState.PAID and order.release_at is not None
    return max(due, order.release_at + JUST_BEGUN) if waits and order.release_at is not None else due
