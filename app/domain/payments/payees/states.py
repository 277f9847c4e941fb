"""The steps of a payee account (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.payments.models import AccountState as S
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.states import take_step

IN_USE = frozenset({S.ACTIVE, S.DEGRADED})

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "submit": (frozenset({S.DRAFT}), S.VERIFYING),
    "probe_ok": (frozenset({S.VERIFYING, S.DEGRADED}), S.ACTIVE),
    "payee_problem": (frozenset({S.ACTIVE}), S.DEGRADED),
    "revoke": (frozenset({S.DRAFT, S.VERIFYING, S.ACTIVE, S.DEGRADED}), S.REVOKED),
    "reconnect": (frozenset({S.REVOKED}), S.VERIFYING),
}


def step(session: Session, account: ProviderPayeeAccount, name: str, now: datetime, **payload: Any) -> None:
    """Take one step of an account; IllegalStep where there is none. A `code` given stays as its reason."""
    take_step(session, account, name, STEPS, Event.PAYEE_ACCOUNT_STEP, now, order_id=None, **payload)
    account.state_reason = payload.get("code")
