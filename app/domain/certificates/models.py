"""Certificates: what an order's buyer can show, and anybody can verify."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.base import Base, new_id, state_column
from app.domain.orders.models import Order


class CertificateState(StrEnum):
    ISSUED = "issued"
    SUPERSEDED = "superseded"


class Certificate(Base):
    """One version of an order's certificate. The JSON twin is frozen first; the PDF is made from it."""

    __tablename__ = "certificate"

    id: Mapped[UUID] = new_id()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("order.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[CertificateState] = state_column(CertificateState, default=CertificateState.ISSUED)
    number: Mapped[str]  # VC000123/2026; the versions of a certificate share it
    code: Mapped[str] = mapped_column(unique=True)  # opens the public page; cannot be guessed
    language: Mapped[str]
    issued_at: Mapped[datetime]
    json_twin: Mapped[bytes] = mapped_column(LargeBinary)
    json_sha256: Mapped[str]
    pdf: Mapped[bytes | None] = deferred(
        mapped_column(LargeBinary)
    )  # None until rendered; then never changed
    pdf_sha256: Mapped[str | None]

    order: Mapped[Order] = relationship()

    __table_args__ = (UniqueConstraint("order_id", "version"), UniqueConstraint("number", "version"))

    @property
    def filename(self) -> str:
        """What the PDF is called when it is kept: certificate-VC000123-2026.pdf, later versions …-v2.pdf."""
        version = f"-v{self.version}" if self.version > 1 else ""
        return f"certificate-{self.number.replace('/', '-')}{version}.pdf"


class CertificateCounter(Base):
    """The last certificate number of a year. Locked while one is taken, so the numbers have no gaps."""

    __tablename__ = "certificate_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
