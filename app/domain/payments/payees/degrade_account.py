"""A provider's account cannot receive: it is offered to no further buyer until it can again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.payments.models import AccountState
from app.domain.payments.payees.locked import locked_account
from app.domain.payments.payees.states import IN_USE, step
from app.domain.payments.payees.tell_buyers import tell_buyers
from app.domain.payments.payees.tell_people import tell_people

# The provider has taken back, at the gateway itself, what the platform was allowed to do there.
TAKEN_BACK = frozenset({"consent_revoked"})


def degrade_account(session: Session, account_id: UUID, code: str, now: datetime) -> None:
    """Take the account out of the checkout; tell the provider why, and the buyers who were about to use it.

    `code` is that of a PayeeProblem. Where it says that the provider has ended it there, the account is revoked.
    Nothing happens when it is out already.
    """
    account = locked_account(session, account_id)
    gone = code in TAKEN_BACK and account.state in IN_USE
    if not gone and account.state != AccountState.ACTIVE:
        return
    step(session, account, "revoke" if gone else "payee_problem", now, code=code)
    tell_people(session, account, "payee_account_degraded", now.isoformat(), now, code=code, revoked=gone)
    tell_buyers(session, account, now)
