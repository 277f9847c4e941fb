"""Begin a payee account at a gateway; nothing is asked there yet, and no buyer sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.seals import Seals


class AccountTaken(Exception):
    """This account at the gateway is on the platform already, the provider's own or somebody else's."""


@dataclass(frozen=True)
class Credentials:
    """What a provider types in of their account at a gateway; "" for what its mode does not need."""

    external_id: str = ""
    client_id: str = ""
    secret: str = field(default="", repr=False)
    livemode: bool = True


def draft_account(
    session: Session,
    provider_id: UUID,
    gateway: str,
    mode: str,
    credentials: Credentials,
    currencies: Sequence[str],
    person_id: UUID,
    seals: Seals,
    now: datetime,
) -> ProviderPayeeAccount:
    """A draft with its secret sealed. AccountTaken. `gateway` and `mode`: a row of METHODS and one of its modes."""
    check_free(session, gateway, credentials.external_id)
    account_id = uuid4()
    account = ProviderPayeeAccount(
        id=account_id,
        provider_id=provider_id,
        gateway=gateway,
        mode=mode,
        external_id=credentials.external_id,
        client_id=credentials.client_id,
        secret_sealed=seals.of(account_id).seal(credentials.secret),
        livemode=credentials.livemode,
        currencies=sorted(set(currencies)),
        state=AccountState.DRAFT,
        created_at=now,
        submitted_by=person_id,
        secret_changed_at=now if credentials.secret else None,
    )
    session.add(account)
    session.flush()
    record(
        session,
        Event.PAYEE_ACCOUNT_CHANGED,
        "payee_account",
        account.id,
        now,
        actor="provider",
        person_id=person_id,
        what="draft",
        gateway=gateway,
        mode=mode,
        currencies=account.currencies,
    )
    return account


def check_free(session: Session, gateway: str, external_id: str, *, but: UUID | None = None) -> None:
    """AccountTaken where another row than `but` has this name at the gateway."""
    if not external_id:
        return
    wanted = select(ProviderPayeeAccount.id).where(
        ProviderPayeeAccount.gateway == gateway, ProviderPayeeAccount.external_id == external_id
    )
    if but is not None:
        wanted = wanted.where(ProviderPayeeAccount.id != but)
    if session.execute(wanted).first() is not None:
        raise AccountTaken
