"""PayPal's events about accounts that are paid through the platform's own application: one address for all."""

from uuid import UUID

import structlog
from flask import Response, request

from app.domain.payments.queries import account_told_of, shared_webhook_id
from app.extensions import database, limiter
from app.integrations.gateways.paypal.events import UnreadableEvent, read_event
from app.web.webhooks.blueprint import blueprint
from app.web.webhooks.payment_notification import receive

log = structlog.get_logger(__name__)


@blueprint.post("/paypal/platform")
@limiter.limit("6000 per minute", key_func=lambda: "paypal/platform")
def receive_platform_notification() -> tuple[Response, int]:
    """Whose it is stands in the event, or in what it is about; only then is it verified, and for that account."""
    try:
        event = read_event(request.get_data())
        names = {name for payee in event.payees for name in payee if name}
        row = account_told_of(
            database(), "paypal", names, _id(event.tracking_id), event.references, event.external_ids
        )
    except UnreadableEvent:
        row = None
    if row is None:
        log.warning("notification refused", gateway="paypal", account="platform", code="account")
        return Response(status=400), 400
    # The webhook is one for all, and somebody who has only just agreed has not been told it.
    return receive(row, shared_webhook_id(database(), "paypal"))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
