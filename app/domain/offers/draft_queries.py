"""A provider's offers in the making, always by whose they are and over which accounts."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.domain.mandates.models import ActKind, MandateAct
from app.domain.offers.terms_models import OfferDraft
from app.domain.payments.models import AccountState, ProviderPayeeAccount

_AT_MOST = 100  # drafts on a page


def own_drafts(session: Session, provider_id: UUID, accounts: Collection[str]) -> Sequence[OfferDraft]:
    """Drafts over these accounts of the provider of which nothing has come yet, the latest change first."""
    return session.scalars(
        select(OfferDraft)
        .where(
            OfferDraft.provider_id == provider_id,
            OfferDraft.account_id.in_(accounts),
            OfferDraft.offer_id.is_(None),
            OfferDraft.thrown_away_at.is_(None),
        )
        .options(joinedload(OfferDraft.act), joinedload(OfferDraft.person))
        .order_by(OfferDraft.changed_at.desc(), OfferDraft.id)
        .limit(_AT_MOST)
    ).all()


def own_draft(
    session: Session, provider_id: UUID, accounts: Collection[str], draft_id: UUID
) -> OfferDraft | None:
    """One draft, whatever became of it; None for anybody else's, and for one that was thrown away."""
    return session.scalars(
        select(OfferDraft).where(
            OfferDraft.id == draft_id,
            OfferDraft.provider_id == provider_id,
            OfferDraft.account_id.in_(accounts),
            OfferDraft.thrown_away_at.is_(None),
        )
    ).one_or_none()


def draft_of_act(session: Session, act_id: UUID) -> OfferDraft | None:
    """The draft whose units were asked for by this act, if that was for an offer."""
    return session.scalars(select(OfferDraft).where(OfferDraft.act_id == act_id)).one_or_none()


def draft_of_mandate(session: Session, mandate_id: str) -> OfferDraft | None:
    """The draft, under its lock, that waits for this mandate, which was granted for it, to be read."""
    return session.scalars(
        select(OfferDraft)
        .join(MandateAct, OfferDraft.act_id == MandateAct.id)
        .where(
            MandateAct.kind == ActKind.GRANT,
            MandateAct.mandate_id == mandate_id,
            OfferDraft.offer_id.is_(None),
        )
        .with_for_update(of=OfferDraft)
        .execution_options(populate_existing=True)
    ).one_or_none()


def locked_draft(session: Session, draft_id: UUID) -> OfferDraft | None:
    """The draft as it is now, and nobody else's until the transaction ends. Locked before its act and its mandate."""
    return session.scalars(
        select(OfferDraft)
        .where(OfferDraft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def currencies_taken(session: Session, provider_id: UUID) -> list[str]:
    """The currencies in which the provider can be paid at present, in alphabetical order."""
    taken = func.unnest(ProviderPayeeAccount.currencies)
    return sorted(
        session.scalars(
            select(taken)
            .distinct()
            .where(
                ProviderPayeeAccount.provider_id == provider_id,
                ProviderPayeeAccount.state == AccountState.ACTIVE,
                ProviderPayeeAccount.tested_at.is_not(None),
            )
        )
    )
