"""Replace the credentials of an account without a moment in which it cannot be paid."""

from dataclasses import replace
from uuid import UUID

from app.domain.payments.facts import account_of
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.draft_account import Credentials
from app.domain.payments.payees.replace_secret import replace_secret
from app.integrations.gateways.interface import PayeeProblem
from app.shells.probe_account import try_out
from app.shells.works import Works


def rotate_secret(
    works: Works, account_id: UUID, client_id: str, secret: str, person_id: UUID
) -> AccountState:
    """Try the new secret out, then let go of the old one. The account's state now.

    PayeeProblem (the new one does not open this account), TryAgain, OutcomeUnknown: the old one stays.
    """
    with works.sessions() as session:
        row = session.get_one(ProviderPayeeAccount, account_id)
        kept = account_of(row, works.sealer)
    candidate = replace(kept, client_id=client_id or kept.client_id, secret=secret)
    report, webhook = try_out(works, candidate)
    if kept.external_id and report.external_id != kept.external_id:
        raise PayeeProblem("wrong_account", "the new credentials open another account")
    if report.livemode is not kept.livemode:
        raise PayeeProblem("wrong_mode", "a key for trying out, or not")
    with works.sessions.begin() as session:
        return replace_secret(
            session,
            account_id,
            Credentials(kept.external_id, candidate.client_id, secret, kept.livemode),
            report,
            webhook,
            person_id,
            works.sealer,
            works.now(),
        ).state
