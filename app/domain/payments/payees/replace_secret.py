"""Take over new credentials of an account that have been tried out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.draft_account import Credentials
from app.domain.payments.payees.locked import locked_account
from app.domain.payments.payees.record_probe import record_probe
from app.domain.payments.payees.seals import Seals
from app.domain.payments.payees.tell_people import tell_people
from app.integrations.gateways.interface import AccountReport, Webhook


def replace_secret(
    session: Session,
    account_id: UUID,
    credentials: Credentials,
    report: AccountReport,
    webhook: Webhook,
    person_id: UUID,
    seals: Seals,
    now: datetime,
) -> ProviderPayeeAccount:
    """The new secret in the old one's place, with the webhook that it has registered.

    `report` is what trying the new one has shown; an account that the old one had put out of order is active again.
    """
    account = locked_account(session, account_id)
    sealer = seals.of(account_id)
    account.client_id = credentials.client_id or account.client_id
    account.secret_sealed = sealer.seal(credentials.secret)
    account.secret_changed_at = now
    account.webhook_id = webhook.id
    account.webhook_secret_sealed = sealer.seal(webhook.secret) if webhook.secret else None
    record(
        session,
        Event.PAYEE_ACCOUNT_CHANGED,
        "payee_account",
        account.id,
        now,
        actor="provider",
        person_id=person_id,
        what="secret",
    )
    tell_people(session, account, "payee_account_changed", now.isoformat(), now, what="secret")
    return record_probe(session, account_id, now, report, now)
