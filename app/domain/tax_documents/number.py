"""The next number of a provider's series: none is left out, and none given twice."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.tax_documents.models import TaxSeries


def next_number(session: Session, provider_id: UUID, prefix: str, year: int) -> str:
    """Take it, such as SAMPLE-2026-000001. Others of the provider wait until the transaction has ended.

    The document is to be inserted in the same transaction: when that is rolled back, so is the number.
    """
    session.execute(
        insert(TaxSeries).values(provider_id=provider_id, year=year, last=0).on_conflict_do_nothing()
    )
    series = session.execute(
        select(TaxSeries)
        .where(TaxSeries.provider_id == provider_id, TaxSeries.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    series.last += 1
    return f"{prefix}-{year}-{series.last:06d}"
