"""Offers: what a provider puts on sale."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.catalogue.models import Mandate
from app.domain.people.models import Provider
from app.money import Money


class OfferState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    SOLD_OUT = "sold_out"
    SUSPENDED = "suspended"  # by an administrator, for a time
    DELISTED = "delisted"  # by an administrator, for good


class Offer(Base):
    """A quantity of one mandate at a price per tonne, by one provider.

    `held` are units of orders that are neither finished nor given up; `cancelled` are units that the
    registry has confirmed as cancelled. The database itself refuses to hold or sell more than there is.
    """

    __tablename__ = "offer"

    id: Mapped[UUID] = new_id()
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)
    mandate_id: Mapped[str] = mapped_column(ForeignKey("mandate.mandate_id"))
    price_minor: Mapped[int]  # per tonne, in minor units of `currency`
    currency: Mapped[str]
    quantity: Mapped[int]
    min_quantity: Mapped[int] = mapped_column(default=1)
    max_quantity: Mapped[int | None]  # per order; None: as many as there are
    held: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    state: Mapped[OfferState] = state_column(OfferState)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    on_sale_from: Mapped[datetime | None]  # an embargo: published, and not sold before
    on_sale_until: Mapped[datetime | None]  # published, and not sold any more from then on
    state_reason: Mapped[str | None]  # what an administrator said when the offer came into its state
    # More units of the same block, added later to another offer: its terms change together with that one's.
    added_to: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)

    provider: Mapped[Provider] = relationship()
    mandate: Mapped[Mandate] = relationship()
    tiers: Mapped[list["OfferTier"]] = relationship(
        order_by="OfferTier.from_quantity", cascade="all, delete-orphan"
    )
    texts: Mapped[list["OfferText"]] = relationship(
        order_by="OfferText.language", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("held >= 0 AND cancelled >= 0 AND held + cancelled <= quantity", name="stock"),
        CheckConstraint("price_minor > 0", name="price"),
        CheckConstraint(
            "min_quantity >= 1 AND (max_quantity IS NULL OR max_quantity >= min_quantity)", name="limits"
        ),
        # One mandate stands behind one offer at a time, so that its units cannot be offered twice.
        Index(
            "uq_offer_mandate",
            "mandate_id",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'delisted')"),
        ),
        CheckConstraint("on_sale_until > on_sale_from", name="dates"),
    )

    @hybrid_property
    def left(self) -> int:
        """Units of the offer that nobody holds and nobody has cancelled."""
        return self.quantity - self.held - self.cancelled

    @property
    def price(self) -> Money:
        """Price of one tonne where an order takes one; `price_for` says what more of them cost."""
        return Money(self.price_minor, self.currency)


class OfferTier(Base):
    """From this many units of the offer in one order on, each of them costs this."""

    __tablename__ = "offer_tier"

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    from_quantity: Mapped[int] = mapped_column(primary_key=True)
    price_minor: Mapped[int]  # per tonne, in the offer's currency

    __table_args__ = (
        CheckConstraint("from_quantity >= 2", name="from"),
        CheckConstraint("price_minor > 0", name="price"),
    )


class OfferText(Base):
    """An offer's description in one language."""

    __tablename__ = "offer_text"

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
