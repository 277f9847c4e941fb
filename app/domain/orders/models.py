"""Baskets, order groups, orders and their lines."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.offers.models import Offer
from app.domain.people.models import Provider
from app.money import Money


class Basket(Base):
    """What a visitor means to buy, and the certificate form as far as it is filled in.

    The visitor's cookie carries the id. Once placed, a basket points at its order group, so that a
    second click on the same button finds the first one's result.
    """

    __tablename__ = "basket"

    id: Mapped[UUID] = new_id()
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # certificate details as typed and accepted
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_group.id"))
    # For whom somebody who is signed in means to buy; whether they may is asked when the order is placed.
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))

    items: Mapped[list["BasketItem"]] = relationship(
        back_populates="basket",
        cascade="all, delete-orphan",
        order_by="BasketItem.added_at, BasketItem.offer_id",
    )


class BasketItem(Base):
    __tablename__ = "basket_item"

    basket_id: Mapped[UUID] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"), primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    quantity: Mapped[int]
    added_at: Mapped[datetime]

    basket: Mapped[Basket] = relationship(back_populates="items")
    offer: Mapped[Offer] = relationship()

    __table_args__ = (CheckConstraint("quantity >= 1", name="quantity"),)


class OrderGroup(Base):
    """The orders that one basket became: one for each provider, each paid on its own."""

    __tablename__ = "order_group"

    id: Mapped[UUID] = new_id()
    token: Mapped[str] = mapped_column(unique=True)
    placed_at: Mapped[datetime]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))

    orders: Mapped[list["Order"]] = relationship(back_populates="group", order_by="Order.number")
    consents: Mapped[list["Consent"]] = relationship(back_populates="group")


class OrderState(StrEnum):
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    FULFILMENT_FAILED = "fulfilment_failed"
    NEEDS_ATTENTION = "needs_attention"


# What the ledger says of an order, as `app/domain/sales/wanted.py` asks for it.
_PART_PAID = "state = 'awaiting_payment' AND received_minor - given_back_minor - disputed_minor > 0"
_OVERPAID = "received_minor - given_back_minor > total_minor"
_DISPUTED = "disputed_minor > 0"
_NEWEST = (text("placed_at DESC"), "id")
_FILTERS = ("method", "currency")
_BEGINNINGS = {"low": "text_pattern_ops"}


class Order(Base):
    """One buyer, one provider, one payment, one certificate. Prices and details are frozen when placed."""

    __tablename__ = "order"

    id: Mapped[UUID] = new_id()
    group_id: Mapped[UUID] = mapped_column(ForeignKey("order_group.id"), index=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # who bought, if not as a guest
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisation.id")
    )  # for which they bought
    number: Mapped[str] = mapped_column(unique=True)  # VC-7K3M-H9QD, for reading aloud
    token: Mapped[str] = mapped_column(unique=True)  # opens the order page; cannot be guessed
    state: Mapped[OrderState] = state_column(OrderState)
    state_reason: Mapped[str | None]  # why, where the state alone does not say: a key of `web/support/words`
    currency: Mapped[str]
    total_minor: Mapped[int]
    method: Mapped[str]  # a code of METHODS
    language: Mapped[str]  # of the buyer's pages and mails
    email: Mapped[str] = mapped_column(index=True)
    beneficiary_type: Mapped[str]  # individual | organisation
    beneficiary_name: Mapped[str | None]
    beneficiary_country: Mapped[str]
    disclosure: Mapped[str]  # public | anonymous
    purpose: Mapped[str]
    reason: Mapped[str | None]
    certificate_language: Mapped[str]
    placed_at: Mapped[datetime]
    hold_until: Mapped[datetime]  # until then the units are held for the payment
    paid_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    # Paid, and cancellation waits: until then, or for somebody at the provider.
    release_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answer_by: Mapped[datetime | None]  # fulfilment failed: until when the buyer chooses
    asked_at: Mapped[datetime | None]  # since when a message of the buyer waits for the provider's answer
    # A provider tries out being paid: nothing is cancelled, and the money goes back.
    trial: Mapped[bool] = mapped_column(default=False, server_default="false")
    # Sums of the ledger in the order's currency, for lists: added up by the database itself (see migrations). Acts
    # read the ledger, because an object of the session does not see what the database has added since.
    received_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    given_back_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    disputed_minor: Mapped[int] = mapped_column(default=0, server_default="0")

    group: Mapped[OrderGroup] = relationship(back_populates="orders")
    provider: Mapped[Provider] = relationship()
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order", order_by="OrderLine.position")

    __table_args__ = (
        CheckConstraint("total_minor > 0", name="total"),
        Index("ix_order_state_hold_until", "state", "hold_until"),
        # Lists, newest first: `orders_page`. The columns after the id are filters that need no look at the row.
        Index("ix_order_placed", *_NEWEST, *_FILTERS),
        Index("ix_order_provider_placed", "provider_id", *_NEWEST, *_FILTERS),
        Index("ix_order_state_placed", "state", *_NEWEST, *_FILTERS),
        Index("ix_order_provider_state", "provider_id", "state", *_NEWEST, *_FILTERS),
        Index("ix_order_part_paid", *_NEWEST, "provider_id", postgresql_where=text(_PART_PAID)),
        Index("ix_order_overpaid", *_NEWEST, "provider_id", postgresql_where=text(_OVERPAID)),
        Index("ix_order_disputed", *_NEWEST, "provider_id", postgresql_where=text(_DISPUTED)),
        Index("ix_order_trial", *_NEWEST, "provider_id", postgresql_where=text("trial")),
        Index("ix_order_asked", "provider_id", "asked_at", postgresql_where=text("asked_at IS NOT NULL")),
        Index("ix_order_person_id", "person_id", "placed_at", "id"),
        Index("ix_order_organisation_id", "organisation_id", "placed_at", "id"),
        # Whole addresses and beginnings of them; likewise names.
        Index("ix_order_lower_email", func.lower(text("email")).label("low"), postgresql_ops=_BEGINNINGS),
        Index(
            "ix_order_beneficiary",
            func.lower(text("beneficiary_name")).label("low"),
            postgresql_ops=_BEGINNINGS,
        ),
        # Guests' orders that somebody with the same address may claim.
        Index("ix_order_guest_email", func.lower(text("email")), postgresql_where=text("person_id IS NULL")),
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def quantity(self) -> int:
        """Units over all lines."""
        return sum(line.quantity for line in self.lines)


class OrderLine(Base):
    __tablename__ = "order_line"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), index=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    position: Mapped[int]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int]

    order: Mapped[Order] = relationship(back_populates="lines")
    offer: Mapped[Offer] = relationship()

    __table_args__ = (
        UniqueConstraint("order_id", "offer_id"),
        CheckConstraint("quantity >= 1", name="quantity"),
    )

    @property
    def price(self) -> Money:
        return Money(self.unit_price_minor, self.order.currency)

    @property
    def total(self) -> Money:
        return self.price * self.quantity


class Consent(Base):
    """A box that the buyer ticked: which text, in which version and language, and when."""

    __tablename__ = "consent"

    id: Mapped[UUID] = new_id()
    group_id: Mapped[UUID] = mapped_column(ForeignKey("order_group.id"), index=True)
    kind: Mapped[str]  # terms | immediate
    text_version: Mapped[str]
    language: Mapped[str]
    text_sha256: Mapped[str]  # of the very words shown, so that a later edit of the text can be told
    given_at: Mapped[datetime]

    group: Mapped[OrderGroup] = relationship(back_populates="consents")
