"""Numbers of a provider's documents: none is left out and none given twice, whoever asks at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.domain.audit.models import AuditEvent
from app.domain.orders.models import OrderState
from app.domain.people.models import Provider
from app.domain.tax_documents.make_tax_document import make_tax_document
from app.domain.tax_documents.models import TaxDocument
from app.domain.tax_documents.set_series import SeriesRefused, set_series
from tests.domain.people.samples import make_buyer
from tests.factories import NOW, make_offer, make_order, make_provider

DETAILS = {"street": "Sample Road 1", "town": "Zomba", "tax_id": "MW-1234"}
SERIES = {"invoice_prefix": "SAMPLE", "invoice_note": "Not subject to VAT.", **DETAILS}


@pytest.fixture
def orders(sessions: sessionmaker[Session]) -> list[UUID]:
    """Three paid orders of one provider, committed."""
    with sessions.begin() as session:
        provider = make_provider(session, **SERIES)
        offer = make_offer(session, provider=provider)
        made = [make_order(session, offer, 1) for _ in range(3)]
        for order in made:
            order.state, order.paid_at = OrderState.COMPLETED, NOW
        return [order.id for order in made]


def numbers(sessions: sessionmaker[Session]) -> list[str | None]:
    with sessions() as session:
        return list(session.scalars(select(TaxDocument.number).order_by(TaxDocument.number)))


def make(sessions: sessionmaker[Session], order_id: UUID) -> str | None:
    with sessions.begin() as session:
        return make_tax_document(session, order_id, None, None, NOW).number


def waits(session: Session) -> bool:
    """Does some transaction of this database wait for another?"""
    found = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(session.execute(text(found)).scalar_one())


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_who_comes_second_waits_and_takes_the_next_number_or_the_one_given_back(
    sessions: sessionmaker[Session], orders: list[UUID], end: str
):
    with ThreadPoolExecutor(1) as others, sessions() as first, sessions() as watcher:
        assert make_tax_document(first, orders[0], None, None, NOW).number == "SAMPLE-2026-000001"
        second = others.submit(make, sessions, orders[1])
        while not waits(watcher):
            watcher.rollback()
            assert not second.done()
        getattr(first, end)()
        taken = second.result(30)
    assert taken == ("SAMPLE-2026-000002" if end == "commit" else "SAMPLE-2026-000001")
    make(sessions, orders[2])
    assert numbers(sessions) == [f"SAMPLE-2026-{each:06d}" for each in range(1, 4 if end == "commit" else 3)]


def test_every_year_and_every_provider_counts_by_itself(sessions: sessionmaker[Session], orders: list[UUID]):
    with sessions.begin() as session:
        other = make_order(session, make_offer(session, provider=make_provider(session, **SERIES)))
        other.state, other.paid_at = OrderState.PAID, NOW
        later = datetime(2027, 1, 1, tzinfo=UTC)
        made = [
            make_tax_document(session, *each).number
            for each in (
                (orders[0], None, None, NOW),
                (other.id, None, None, NOW),
                (orders[1], None, None, later),
            )
        ]
    assert made == ["SAMPLE-2026-000001", "SAMPLE-2026-000001", "SAMPLE-2027-000001"]


# Choosing it.


def choose(session: Session, provider: Provider, prefix: str = "ab-1", note: str = "No VAT.") -> None:
    person = make_buyer(session)
    set_series(session, provider.id, prefix, note, automatic=True, person_id=person.id, now=NOW)


def test_a_provider_chooses_a_series_and_gives_it_up(session: Session):
    provider = make_provider(session, **DETAILS)
    choose(session, provider)
    assert (provider.invoice_prefix, provider.invoice_note, provider.invoice_automatic) == (
        "AB-1",
        "No VAT.",
        True,
    )
    choose(session, provider, "", "No VAT.")
    assert (provider.invoice_prefix, provider.invoice_automatic) == (None, False)
    session.flush()
    rows = session.scalars(select(AuditEvent).where(AuditEvent.event == "provider.changed")).all()
    assert [(row.actor, row.payload["prefix"]) for row in rows] == [("provider", "AB-1"), ("provider", None)]


@pytest.mark.parametrize(
    ("missing", "prefix", "note", "field"),
    [
        ("", "-A", "No VAT.", "prefix"),
        ("", "ÄRGER", "No VAT.", "prefix"),
        ("", "A234567890123", "No VAT.", "prefix"),
        ("", "A", " ", "note"),
        ("", "A", "a" * 501, "note"),
        ("tax_id", "A", "No VAT.", "details"),
        ("street", "A", "No VAT.", "details"),
    ],
)
def test_what_no_document_can_be_made_of_is_refused(
    session: Session, missing: str, prefix: str, note: str, field: str
):
    provider = make_provider(session, **{name: each for name, each in DETAILS.items() if name != missing})
    with pytest.raises(SeriesRefused) as refused:
        choose(session, provider, prefix, note)
    assert (refused.value.field, provider.invoice_prefix) == (field, None)
