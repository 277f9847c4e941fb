"""Activities, blocks and mandates as last read from the registry. Nothing here is the platform's own.

Fields and their meaning: `contract/registry-api.yaml`. Quantities are units (1 unit = 1 tonne of CO2
equivalent).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Text,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.base import Base


class Activity(Base):
    """A registered activity."""

    __tablename__ = "activity"

    activity_ref: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    summary: Mapped[str]
    kind: Mapped[str]  # project | programme | component
    host_party: Mapped[str]  # ISO 3166-1 alpha-2
    sectoral_scopes: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    technology: Mapped[str]
    methodologies: Mapped[list[str]] = mapped_column(ARRAY(Text))
    participants: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sdgs: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    crediting_start: Mapped[date | None]
    crediting_end: Mapped[date | None]
    documents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # [{"title", "url"}]
    status: Mapped[str]  # registered | suspended | deregistered
    registry_updated_at: Mapped[datetime]
    read_at: Mapped[datetime]
    # What free-text search looks in: title, summary, reference, participants, the technology's and the
    # host country's names in every language; lower case, without accents. Made when the activity is read.
    search_text: Mapped[str]

    blocks: Mapped[list["Block"]] = relationship(back_populates="activity")

    __table_args__ = (
        Index(
            "ix_activity_search",
            func.to_tsvector(literal_column("'simple'"), literal_column("search_text")),
            postgresql_using="gin",
        ),
    )


class Block(Base):
    """A block of units of one issuance, one vintage, one class."""

    __tablename__ = "block"

    block_id: Mapped[str] = mapped_column(primary_key=True)
    activity_ref: Mapped[str] = mapped_column(ForeignKey("activity.activity_ref"), index=True)
    issuance_ref: Mapped[str]
    monitoring_start: Mapped[date]
    monitoring_end: Mapped[date]
    vintage: Mapped[int]
    unit_class: Mapped[str]  # AER | MCER
    authorization_status: Mapped[str]  # authorized | not_authorized | revoked | unknown
    authorization_uses: Mapped[list[str]] = mapped_column(ARRAY(Text))  # NDC | IMP | OP
    authorization_reference: Mapped[str | None]
    first_transfer: Mapped[str | None]
    first_transferred_at: Mapped[datetime | None]
    serial_prefix: Mapped[str]
    serial_start: Mapped[int] = mapped_column(BigInteger)
    serial_end: Mapped[int] = mapped_column(BigInteger)
    serial_count: Mapped[int] = mapped_column(BigInteger)
    serial_printed: Mapped[str]
    quantity_available: Mapped[int]
    status: Mapped[str]  # active | frozen | moved
    read_at: Mapped[datetime]

    activity: Mapped[Activity] = relationship(back_populates="blocks")


class Mandate(Base):
    """A quantity of one block, earmarked by its holder for cancellation through the platform."""

    __tablename__ = "mandate"

    mandate_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    block_id: Mapped[str] = mapped_column(ForeignKey("block.block_id"), index=True)
    quantity: Mapped[int]
    quantity_remaining: Mapped[int]
    status: Mapped[str]  # active | exhausted | revoked | suspended | expired
    expires_at: Mapped[datetime | None]
    granted_by: Mapped[str]
    registry_updated_at: Mapped[datetime]
    read_at: Mapped[datetime]

    block: Mapped[Block] = relationship()

    __table_args__ = (CheckConstraint("quantity_remaining >= 0", name="remaining"),)


class SyncState(Base):
    """How far the copy of a resource has come, and what happened the last time. One row a resource."""

    __tablename__ = "sync_state"

    resource: Mapped[str] = mapped_column(primary_key=True)  # activities | mandates
    seen_until: Mapped[datetime | None]  # the newest change read so far: where the next read begins
    last_full_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_items: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
