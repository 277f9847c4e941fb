"""A list of orders as rows: each once, with what happened to it, and written into the trail."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.sales import export_orders
from app.domain.sales.export_orders import COLUMNS, export_batch
from app.domain.sales.note_export import note_export
from app.domain.sales.wanted import Show, Wanted
from app.money import Money
from tests.domain.payments.attempts import enter, make_payment
from tests.domain.people.samples import make_sign_in
from tests.factories import (
    NOW,
    make_details,
    make_mandate,
    make_offer,
    make_order,
    make_orders,
    make_provider,
)


def test_a_row_says_what_happened(session: Session):
    provider = make_provider(session)
    cheap, dear = (
        make_offer(session, provider=provider, price=price, vintage=year)
        for price, year in (("11.20", 2024), ("15.00", 2025))
    )
    [order] = make_orders(session, {cheap: 2, dear: 1}).orders
    payment = make_payment(session, order)
    enter(session, payment, receipt=37_40, refund=5_00)
    session.expire_all()
    batch = export_batch(session, Wanted(provider_id=provider.id), NOW)
    assert batch.last is None
    [row] = [dict(zip(COLUMNS, row, strict=True)) for row in batch.rows]
    assert row == {
        "number": order.number,
        "provider": provider.legal_name,
        "placed_at": NOW,
        "paid_at": None,
        "completed_at": None,
        "state": "awaiting_payment",
        "method": "paypal",
        "trial": "no",
        "quantity": 3,
        "currency": "USD",
        "total": Money(37_40, "USD"),
        "unit_price": None,
        "received": Money(37_40, "USD"),
        "given_back": Money(5_00, "USD"),
        "beneficiary_type": "organisation",
        "beneficiary_country": "DE",
        "activities": row["activities"],
        "vintages": row["vintages"],
        "serial_ranges": "",
        "certificate": None,
        "cancellations": "",
    }
    assert set(str(row["activities"]).split("; ")) == {
        each.mandate.block.activity_ref for each in (cheap, dear)
    }
    assert sorted(str(row["vintages"]).split("; ")) == ["2024", "2025"]
    assert not {order.email, order.token, order.beneficiary_name} & set(map(str, row.values()))


def test_every_order_is_read_once_batch_by_batch(session: Session, monkeypatch):
    monkeypatch.setattr(export_orders, "BATCH", 2)
    provider = make_provider(session)
    offer = make_offer(session, provider=provider, mandate=make_mandate(session, provider))
    due = []
    for number in range(5):
        buyer, at = make_details(email=f"buyer-{number}@example.org"), NOW - timedelta(hours=number)
        due.append(make_order(session, offer, 1, details=buyer, now=at).number)
    make_order(session)
    wanted, read, last = Wanted(provider_id=provider.id), [], None
    for _ in range(3):
        batch = export_batch(session, wanted, NOW, last)
        assert len(batch.rows) <= 2
        read += [row[0] for row in batch.rows]
        last = batch.last
    assert read == due
    assert last is None


def test_the_trail_knows_who_took_how_many(session: Session):
    order = make_order(session)
    person = make_sign_in(session).person
    wanted = Wanted(provider_id=order.provider_id, show=Show.OVERDUE, currency="USD")
    assert note_export(session, wanted, "csv", person.id, NOW + timedelta(days=30), actor="provider") == 1
    assert note_export(session, Wanted(provider_id=uuid4()), "csv", person.id, NOW, actor="provider") == 0
    session.flush()
    event = session.scalars(select(AuditEvent).where(AuditEvent.event == "orders.exported")).first()
    assert event is not None
    assert event.actor_person_id == person.id
    assert event.entity_id == str(order.provider_id)
    assert event.payload == {
        "format": "csv",
        "rows": 1,
        "filters": {"show": "overdue", "currency": "USD"},
    }
