"""A provider's mandates and what it has asked for, always by whose they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, selectinload

from app.domain.catalogue.models import Block, Mandate
from app.domain.mandates.models import ActState, MandateAct
from app.domain.offers.models import Offer
from app.domain.offers.offerable import why_not_sellable
from app.domain.offers.states import ENDED
from app.domain.people.models import RegistryAccount


@dataclass(frozen=True)
class OwnMandate:
    """A mandate with what stands on it."""

    mandate: Mandate
    held: int  # units of orders that are neither finished nor given up
    offered: bool  # an offer stands on it

    @property
    def free(self) -> int:
        """Units of which an offer could be made."""
        return 0 if self.offered or self.mandate.status != "active" else _free(self.mandate, self.held)


def own_mandates(
    session: Session, provider_id: UUID, accounts: Collection[str], mandate_id: str | None = None
) -> list[OwnMandate]:
    """Mandates over those of the person's accounts that belong to the provider, the newest change first.

    With `mandate_id` only that one; nothing for anybody else's, as for one that is not there.
    """
    live = func.count(Offer.id).filter(Offer.state.not_in(ENDED))
    wanted = (
        select(Mandate, func.coalesce(func.sum(Offer.held), 0), live)
        .join(RegistryAccount, RegistryAccount.account_id == Mandate.account_id)
        .outerjoin(Offer, Offer.mandate_id == Mandate.mandate_id)
        .where(RegistryAccount.provider_id == provider_id, Mandate.account_id.in_(accounts))
        .options(selectinload(Mandate.block).joinedload(Block.activity))
        .group_by(Mandate.mandate_id)
        .order_by(Mandate.registry_updated_at.desc(), Mandate.mandate_id)
    )
    if mandate_id is not None:
        wanted = wanted.where(Mandate.mandate_id == mandate_id)
    return [OwnMandate(mandate, int(held), bool(offers)) for mandate, held, offers in session.execute(wanted)]


def locked_mandate(session: Session, mandate_id: str) -> Mandate:
    """The mandate as last read, and nobody else's to offer until the transaction ends."""
    return session.scalars(
        select(Mandate)
        .where(Mandate.mandate_id == mandate_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def live_offer_on(session: Session, mandate_id: str) -> bool:
    """Does an offer stand on the mandate that has not ended?"""
    return bool(
        session.scalar(select(exists().where(Offer.mandate_id == mandate_id, Offer.state.not_in(ENDED))))
    )


def why_not_free(session: Session, mandate: Mandate, now: datetime) -> tuple[str | None, int]:
    """A code for why no offer can be made of a mandate's units, or None; and how many there are.

    `offered`: one stands on it. `mandate_ended`: it is not in force, or nothing is left. Else those of
    `why_not_sellable`.
    """
    if live_offer_on(session, mandate.mandate_id):
        return "offered", 0
    held = session.scalar(
        select(func.coalesce(func.sum(Offer.held), 0)).where(Offer.mandate_id == mandate.mandate_id)
    )
    free = _free(mandate, int(held or 0))
    over = mandate.status != "active" or (mandate.expires_at is not None and mandate.expires_at <= now)
    return ("mandate_ended" if over or free < 1 else why_not_sellable(mandate.block)), free


def _free(mandate: Mandate, held: int) -> int:
    """Units that nobody has cancelled or holds: buyers may still hold some of an offer that has ended."""
    return max(mandate.quantity_remaining - held, 0)


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
