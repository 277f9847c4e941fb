"""Ask every gateway to notify the platform about every payee account."""

from sqlalchemy import select

from app.domain.payments.facts import account_of
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.states import IN_USE
from app.links import notification_url
from app.shells.works import Works


def register_notifications(works: Works) -> int:
    """Make sure that each account's notifications come to this platform; how many accounts there are.

    Raises TryAgain or Refused for the first account that cannot be registered.
    """
    with works.sessions() as session:
        rows = session.execute(
            select(ProviderPayeeAccount).where(ProviderPayeeAccount.state.in_(IN_USE))
        ).scalars()
        accounts = [(row.id, account_of(row, works.sealer)) for row in rows]
    for account_id, account in accounts:
        address = notification_url(works.settings.public_url, account.gateway, account.receiver)
        webhook = works.neighbours.gateways[account.gateway].ensure_webhook(account, address)
        with works.sessions.begin() as session:
            row = session.get_one(ProviderPayeeAccount, account_id)
            row.webhook_id = webhook.id
            row.webhook_secret_sealed = (
                works.sealer.of(account_id).seal(webhook.secret) if webhook.secret else None
            )
    return len(accounts)
