"""Keep what trying an account out has shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.degrade_account import TAKEN_BACK, degrade_account
from app.domain.payments.payees.draft_account import AccountTaken, check_free
from app.domain.payments.payees.locked import locked_account
from app.domain.payments.payees.states import step
from app.integrations.gateways.interface import AccountReport, PayeeProblem


def record_probe(
    session: Session,
    account_id: UUID,
    tried: datetime | None,
    found: AccountReport | PayeeProblem,
    now: datetime,
    *,
    trial: bool = False,
) -> ProviderPayeeAccount:
    """An account that could be paid becomes active, one that could not is taken out of the checkout.

    `trial`: on this platform an account for trying out will do.
    `tried`: `secret_changed_at` of the credentials that were tried; what is said of older ones counts for nothing.
    """
    account = locked_account(session, account_id)
    if account.secret_changed_at != tried or account.state in {AccountState.DRAFT, AccountState.REVOKED}:
        return account
    account.probed_at = now
    if trial and account.state == AccountState.VERIFYING and isinstance(found, AccountReport):
        account.livemode = found.livemode
    problem = found if isinstance(found, PayeeProblem) else _against(session, account, found)
    if problem is not None:
        if account.state == AccountState.ACTIVE or problem.code in TAKEN_BACK:
            degrade_account(session, account_id, problem.code, now)
        account.state_reason = problem.code
        return account
    assert isinstance(found, AccountReport)  # noqa: S101 (for the type checker)
    account.external_id = account.external_id or found.external_id
    account.statement_text = found.statement_text or account.statement_text
    if account.state in {AccountState.VERIFYING, AccountState.DEGRADED}:
        step(session, account, "probe_ok", now)
    return account


def _against(session: Session, account: ProviderPayeeAccount, report: AccountReport) -> PayeeProblem | None:
    """Is it another account than the one we have, for trying out, or on the platform already?"""
    if not report.external_id or (account.external_id and report.external_id != account.external_id):
        return PayeeProblem("wrong_account", "the credentials open another account")
    if report.livemode is not account.livemode:
        return PayeeProblem("wrong_mode", "a key for trying out, or not")
    try:
        check_free(session, account.gateway, report.external_id, but=account.id)
    except AccountTaken:
        return PayeeProblem("account_taken", "on the platform already")
    return None
