"""A provider's account cannot receive: it is offered to no further buyer until somebody has looked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.mails.queue_mail import queue_mail
from app.domain.payments.models import AccountState, ProviderPayeeAccount


def degrade_account(session: Session, account_id: UUID, code: str, now: datetime) -> None:
    """Take the account out of the checkout and write to the provider. Nothing happens when it is out already."""
    account = session.execute(
        select(ProviderPayeeAccount).where(ProviderPayeeAccount.id == account_id).with_for_update()
    ).scalar_one()
    if account.state != AccountState.ACTIVE:
        return
    account.state = AccountState.DEGRADED
    account.state_reason = code
    record(
        session,
        Event.PAYEE_ACCOUNT_STEP,
        "payee_account",
        account.id,
        now,
        step="degrade",
        before=AccountState.ACTIVE.value,
        after=AccountState.DEGRADED.value,
        code=code,
    )
    queue_mail(
        session,
        "payee_account_degraded",
        once=f"payee_account_degraded:{account.id}:{now.isoformat()}",
        to=account.provider.contact_email,
        language="en",
        now=now,
        context={"gateway": account.gateway, "code": code, "provider": account.provider.legal_name},
    )
