"""A provider's person means to take a mandate back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.catalogue.models import Mandate
from app.domain.mandates.locked import locked_act
from app.domain.mandates.models import ActKind, ActState, MandateAct
from app.domain.people.models import Provider


class NotRevocable(Exception):
    """`code`: another_act, or the state that the mandate has ended in: revoked, expired."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask_to_revoke(
    session: Session, key: UUID, provider: Provider, person_id: UUID, mandate: Mandate, now: datetime
) -> MandateAct:
    """Note that a mandate over the provider's own account is to be revoked. The caller commits.

    The same `key` again gives the act that it stands for. A suspended provider may do this too: the units are its own.
    Raises NotRevocable.
    """
    known = locked_act(session, key)
    if known is not None:
        asked = (known.kind, known.provider_id, known.person_id, known.mandate_id)
        if asked != (ActKind.REVOKE, provider.id, person_id, mandate.mandate_id):
            raise NotRevocable("another_act")
        return known
    if mandate.status in ("revoked", "expired"):
        raise NotRevocable(mandate.status)
    act = MandateAct(
        id=key,
        kind=ActKind.REVOKE,
        state=ActState.ASKED,
        provider_id=provider.id,
        person_id=person_id,
        account_id=mandate.account_id,
        block_id=mandate.block_id,
        quantity=mandate.quantity,
        mandate_id=mandate.mandate_id,
        asked_at=now,
    )
    session.add(act)
    record(
        session,
        Event.MANDATE_ACT_STEP,
        "mandate_act",
        key,
        now,
        actor="provider",
        person_id=person_id,
        step="ask",
        kind=act.kind.value,
        account_id=mandate.account_id,
        mandate_id=mandate.mandate_id,
        units_remaining=mandate.quantity_remaining,
    )
    return act
