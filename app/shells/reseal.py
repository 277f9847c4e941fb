"""Seal the secrets of all payee accounts anew, with today's SECRET_KEY and a key for each account."""

from sqlalchemy import select

from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.locked import locked_account
from app.sealing import SealBroken
from app.shells.works import Works


def reseal(works: Works) -> tuple[int, list[str]]:
    """How many accounts were sealed anew, and those whose secrets no key of ours opens. Account by account."""
    with works.sessions() as session:
        ids = session.scalars(select(ProviderPayeeAccount.id).order_by(ProviderPayeeAccount.id)).all()
    broken = []
    for account_id in ids:
        sealer = works.sealer.of(account_id)
        try:
            with works.sessions.begin() as session:
                account = locked_account(session, account_id)
                account.secret_sealed = sealer.seal(sealer.open(account.secret_sealed))
                if account.webhook_secret_sealed is not None:
                    account.webhook_secret_sealed = sealer.seal(sealer.open(account.webhook_secret_sealed))
        except SealBroken:
            broken.append(str(account_id))
    return len(ids) - len(broken), broken
