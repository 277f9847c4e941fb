"""Try a payee account out, and have its gateway notify us about it."""

from uuid import UUID

import structlog

from app.domain.payments.facts import account_of
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.keep_webhook import keep_webhook
from app.domain.payments.payees.record_probe import record_probe
from app.integrations.errors import Refused
from app.integrations.gateways.interface import AccountReport, PayeeAccount, PayeeProblem, Webhook
from app.links import notification_url
from app.shells.works import Works

log = structlog.get_logger(__name__)

_NOT_TRIED = frozenset({AccountState.DRAFT, AccountState.REVOKED})


def probe_account(works: Works, account_id: UUID) -> AccountState:
    """The account's state after it was tried out with the credentials that are kept. Safe to repeat.

    TryAgain and OutcomeUnknown leave everything as it is.
    """
    with works.sessions() as session:
        row = session.get_one(ProviderPayeeAccount, account_id)
        if row.state in _NOT_TRIED or row.gateway == "bank":
            return row.state
        account, tried = account_of(row, works.sealer), row.secret_changed_at
    found: AccountReport | PayeeProblem
    webhook: Webhook | None = None
    try:
        found, webhook = try_out(works, account)
    except PayeeProblem as problem:
        found = problem
    with works.sessions.begin() as session:
        if webhook is not None:
            keep_webhook(session, account_id, tried, webhook, works.sealer)
        return record_probe(session, account_id, tried, found, works.now(), trial=works.settings.trial).state


def try_out(works: Works, account: PayeeAccount) -> tuple[AccountReport, Webhook]:
    """What the gateway says of the account, and its webhook with us, made where there was none.

    PayeeProblem, TryAgain, OutcomeUnknown. Where it is our own settings that are wrong the sweeper does without
    notifications, and the log says so.
    """
    gateway = works.neighbours.gateways[account.gateway]
    report = gateway.probe(account, key=f"{account.id}:probe:{works.now():%Y%m%d%H%M}")
    url = notification_url(works.settings.public_url, account.gateway, account.receiver)
    try:
        return report, gateway.ensure_webhook(account, url)
    except PayeeProblem:
        raise
    except Refused as refused:
        log.warning("no notifications", gateway=account.gateway, account=account.id, code=refused.code)
        return report, Webhook(account.webhook_id, account.webhook_secret)
