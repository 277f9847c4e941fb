"""Keep a verified notification and ask for a look at what it is about, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.payments.models import Notification, ProviderPayeeAccount
from app.domain.payments.payees.degrade_account import degrade_account
from app.domain.payments.queries import payments_by_mention
from app.integrations.gateways.interface import Hint


def keep_payment_notification(
    session: Session, account_id: UUID, gateway: str, hint: Hint, raw: bytes, now: datetime
) -> bool:
    """Keep a gateway's notification; False when it was here before. The payments it mentions are looked at.

    One that says why the account can be paid no more takes the account out of the checkout.

    One that mentions no payment of ours is kept as `unmatched`: the gateway may be quicker than our
    own commit, and the sweeper asks about every open payment anyway.
    """
    payments = payments_by_mention(session, account_id, hint.references, hint.external_ids)
    subjects = [*hint.references, *hint.external_ids]
    if not _keep(
        session, gateway, account_id, hint.event_id, hint.event_type, subjects, raw, bool(payments), now
    ):
        return False
    session.execute(
        update(ProviderPayeeAccount).where(ProviderPayeeAccount.id == account_id).values(notified_at=now)
    )
    if hint.about_account:
        defer(session, "probe_account", account_id=account_id)
    if hint.account_problem:
        degrade_account(session, account_id, hint.account_problem, now)
    for payment in payments:
        defer(session, "look_at_payment", payment_id=payment.id)
    return True


def keep_registry_event(
    session: Session, event_id: str, event_type: str, resource_id: str, raw: bytes, now: datetime
) -> bool:
    """Keep an event of the registry; False when it was here before. The resource is read again."""
    if not _keep(session, "registry", None, event_id, event_type, [resource_id], raw, True, now):
        return False
    defer(session, "read_resource", kind=event_type.partition(".")[0], resource_id=resource_id)
    return True


def _keep(
    session: Session,
    source: str,
    account_id: UUID | None,
    event_id: str,
    event_type: str,
    subjects: Sequence[str],
    raw: bytes,
    matched: bool,
    now: datetime,
) -> bool:
    added = session.execute(
        insert(Notification)
        .values(
            id=uuid4(),
            source=source,
            account_id=account_id,
            event_id=event_id,
            event_type=event_type,
            subjects=list(subjects),
            raw=raw,
            received_at=now,
            outcome="looked" if matched else "unmatched",
        )
        .on_conflict_do_nothing()
        .returning(Notification.id)
    ).scalar_one_or_none()
    return added is not None
