"""A provider's mandates and what it has asked for, always by whose they are."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.domain.catalogue.models import Block, Mandate
from app.domain.mandates.models import ActState, MandateAct
from app.domain.offers.models import Offer, OfferState
from app.domain.people.models import RegistryAccount


@dataclass(frozen=True)
class OwnMandate:
    """A mandate with what stands on it."""

    mandate: Mandate
    held: int  # units of orders that are neither finished nor given up


def own_mandates(
    session: Session, provider_id: UUID, accounts: Collection[str], mandate_id: str | None = None
) -> list[OwnMandate]:
    """Mandates over those of the person's accounts that belong to the provider, the newest change first.

    With `mandate_id` only that one; nothing for anybody else's, as for one that is not there.
    """
    wanted = (
        select(Mandate, func.coalesce(func.sum(Offer.held), 0))
        .join(RegistryAccount, RegistryAccount.account_id == Mandate.account_id)
        .outerjoin(Offer, (Offer.mandate_id == Mandate.mandate_id) & (Offer.state != OfferState.WITHDRAWN))
        .where(RegistryAccount.provider_id == provider_id, Mandate.account_id.in_(accounts))
        .options(selectinload(Mandate.block).joinedload(Block.activity))
        .group_by(Mandate.mandate_id)
        .order_by(Mandate.registry_updated_at.desc(), Mandate.mandate_id)
    )
    if mandate_id is not None:
        wanted = wanted.where(Mandate.mandate_id == mandate_id)
    return [OwnMandate(mandate, int(held)) for mandate, held in session.execute(wanted)]


def open_acts(session: Session, provider_id: UUID, person_id: UUID) -> list[MandateAct]:
    """What the person has asked for and nobody knows the end of, oldest first."""
    return list(
        session.scalars(
            select(MandateAct)
            .where(
                MandateAct.provider_id == provider_id,
                MandateAct.person_id == person_id,
                MandateAct.state == ActState.ASKED,
            )
            .order_by(MandateAct.asked_at, MandateAct.id)
        )
    )


def own_act(session: Session, provider_id: UUID, person_id: UUID, key: UUID) -> MandateAct | None:
    """One act of the person for the provider; None for anybody else's."""
    return session.scalars(
        select(MandateAct).where(
            MandateAct.id == key, MandateAct.provider_id == provider_id, MandateAct.person_id == person_id
        )
    ).one_or_none()
