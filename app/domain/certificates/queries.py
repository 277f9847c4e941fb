"""Reading certificates."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.certificates.models import Certificate


def certificate_by_code(session: Session, code: str) -> Certificate | None:
    """The certificate whose public page this code opens."""
    return session.execute(select(Certificate).where(Certificate.code == code)).scalar_one_or_none()


def certificate_of(session: Session, order_id: UUID) -> Certificate | None:
    """The newest version of an order's certificate."""
    return session.execute(
        select(Certificate)
        .where(Certificate.order_id == order_id)
        .order_by(Certificate.version.desc())
        .limit(1)
    ).scalar_one_or_none()


def finished_certificate_of(session: Session, order_id: UUID) -> Certificate | None:
    """The same, if its PDF is there."""
    found = certificate_of(session, order_id)
    return found if found is not None and found.pdf_sha256 is not None else None
