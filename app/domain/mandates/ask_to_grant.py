"""A provider's person means to earmark units: what is asked is written down before anybody is called."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.mandates.locked import locked_act
from app.domain.mandates.models import ActKind, ActState, MandateAct
from app.domain.offers.offerable import why_not_offerable
from app.domain.people.models import Provider, ProviderState
from app.integrations.registry.interface import Block


class NotGrantable(Exception):
    """`code`: one of `why_not_offerable`, the state of a provider that is not active, or too_few, too_many, another_act.

    `most`: units that are free.
    """

    def __init__(self, code: str, most: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.most = most


def ask_to_grant(
    session: Session,
    key: UUID,
    provider: Provider,
    person_id: UUID,
    account_id: str,
    block: Block,
    quantity: int,
    now: datetime,
) -> MandateAct:
    """Note that `quantity` units of a block, as just read from the registry, are to be earmarked. The caller commits.

    `account_id` is one of the provider's own. The same `key` again gives the act that it stands for, whatever became
    of it. Raises NotGrantable.
    """
    known = locked_act(session, key)
    if known is not None:
        asked = (known.kind, known.provider_id, known.person_id, known.block_id, known.quantity)
        if asked != (ActKind.GRANT, provider.id, person_id, block.block_id, quantity):
            raise NotGrantable("another_act")
        return known
    if provider.state != ProviderState.ACTIVE:
        raise NotGrantable(provider.state.value)
    against = why_not_offerable(block)
    if against is not None:
        raise NotGrantable(against)
    if quantity < 1:
        raise NotGrantable("too_few", block.quantity_available)
    if quantity > block.quantity_available:
        raise NotGrantable("too_many", block.quantity_available)
    act = MandateAct(
        id=key,
        kind=ActKind.GRANT,
        state=ActState.ASKED,
        provider_id=provider.id,
        person_id=person_id,
        account_id=account_id,
        block_id=block.block_id,
        quantity=quantity,
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
        account_id=account_id,
        block_id=block.block_id,
        units=quantity,
    )
    return act
