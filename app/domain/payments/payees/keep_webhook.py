"""Keep where a gateway notifies us about an account, and what it signs that with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.payees.locked import locked_account
from app.domain.payments.payees.seals import Seals
from app.integrations.gateways.interface import Webhook


def keep_webhook(
    session: Session, account_id: UUID, tried: datetime | None, webhook: Webhook, seals: Seals
) -> None:
    """`tried`: `secret_changed_at` of the credentials with which it was registered; older ones count for nothing."""
    account = locked_account(session, account_id)
    if account.secret_changed_at == tried:
        account.webhook_id = webhook.id
        account.webhook_secret_sealed = seals.of(account_id).seal(webhook.secret) if webhook.secret else None
