"""Look through what a buyer has written on an order: the name and the reason that its certificate shows in public."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.moderation.models import TextKind
from app.domain.moderation.stop_or_show import stop_or_show
from app.domain.orders.models import Order


def screen_order(session: Session, order: Order, now: datetime) -> None:
    """What meets a rule waits for an administrator before it is shown. What the registry is told does not change.

    The caller has just placed the order, and commits.
    """
    for kind, text in public_texts(order).items():
        stop_or_show(
            session,
            kind,
            str(order.id),
            text,
            now,
            language=order.certificate_language,
            order_id=order.id,
            provider_id=order.provider_id,
        )


def public_texts(order: Order) -> dict[TextKind, str]:
    """What of the buyer's words the public reads; nothing of a beneficiary who stays anonymous."""
    name = order.beneficiary_name if order.disclosure == "public" else None
    texts = {TextKind.BENEFICIARY_NAME: name, TextKind.REASON: order.reason}
    return {kind: text for kind, text in texts.items() if text}
