"""Whatever somebody has in hand leads to the order, and to no other."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation, CancellationState, CancelledRange
from app.domain.certificates.models import Certificate
from app.domain.payments.bank.models import BankLine, LineState
from app.domain.payments.bank.reference import grouped, reference_of
from app.domain.payments.models import PaymentEntry
from app.domain.sales.find_orders import find_orders
from tests.bank import make_bank_account
from tests.domain.payments.attempts import enter, make_payment
from tests.domain.payments.refunds.books import make_refund
from tests.factories import NOW, make_details, make_order

PREFIX = "MW-1042-2025-64"


def found(session: Session, typed: str) -> list[str]:
    return [order.number for order in find_orders(session, typed)]


def test_an_order_is_found_by_anything(session: Session):
    details = make_details(email="Ana.Lima@example.org", beneficiary_name="Gießerei_100% Nord")
    order, other = make_order(session, details=details), make_order(session)
    payment = make_payment(session, order)
    enter(session, payment, receipt=order.total_minor)
    refund = make_refund(session, order, payment=payment)
    entry = session.scalars(select(PaymentEntry).where(PaymentEntry.payment_id == payment.id)).one()
    bank = make_bank_account(session, order.provider)
    session.add(
        BankLine(
            id=uuid4(),
            account_id=bank.account_id,
            kind="camt",
            fingerprint="x",
            booked_on=NOW.date(),
            amount_minor=1,
            currency="EUR",
            payer="",
            text="",
            bank_reference="2026-BANK/77",
            verdict="exact",
            state=LineState.BOOKED,
            shares=[[order.number, 1]],
            recorded_at=NOW,
        )
    )
    for each, start in ((order, 1001), (other, 1026)):
        cancellation = Cancellation(
            id=uuid4(),
            order_line_id=each.lines[0].id,
            mandate_id=each.lines[0].offer.mandate_id,
            quantity=25,
            state=CancellationState.COMPLETED,
            opened_at=NOW,
            registry_id=f"CANCELLATION-{start}",
        )
        cancellation.serial_ranges = [
            CancelledRange(
                prefix=PREFIX,
                start=start,
                end=start + 24,
                count=25,
                printed=f"{PREFIX}-{start:06d}-{start + 24:06d}",
            )
        ]
        session.add(cancellation)
    certificate = Certificate(
        id=uuid4(),
        order_id=order.id,
        number="VC000123/2026",
        code="7K3M-H9QD-7K3M-H9QD-7K3M",
        language="en",
        issued_at=NOW,
        json_twin=b"{}",
        json_sha256="",
    )
    session.add(certificate)
    session.flush()
    cancelled = session.scalars(
        select(Cancellation.id).where(Cancellation.order_line_id == order.lines[0].id)
    ).one()
    reference = reference_of(order.number)
    hands = [
        order.number,
        order.number.lower().replace("-", " "),
        reference,
        f"  {grouped(reference)} ",
        str(order.id),
        str(payment.id),
        str(refund.id),
        str(cancelled).upper(),
        payment.external_id or "",
        entry.external_id,
        "2026-BANK/77",
        "CANCELLATION-1001",
        certificate.number,
        "vc-000123-2026",
        certificate.code,
        certificate.code.replace("-", "").lower(),
        "1001",
        "1025",
        f"{PREFIX}-001001-001025",
        f"{PREFIX}-1013",
        "ana.lima@EXAMPLE.org",
        "ana.lima@exa",
        "Ana.Lima",
        "gießerei_100%",
    ]
    missed = {typed: numbers for typed in hands if (numbers := found(session, typed)) != [order.number]}
    assert missed == {}
    nothing = [
        "",
        "\0",
        "ana",
        "an",
        "%",
        "gi_",
        "1051",
        "999",
        f"{PREFIX}-001051",
        "OTHER-001001",
        "VC000124/2026",
    ]
    assert [typed for typed in nothing if found(session, typed)] == []
    assert found(session, "1026") == [other.number]


def test_several_are_all_found(session: Session):
    orders = [make_order(session), make_order(session)]
    assert set(found(session, "buyer@example.org")) == {order.number for order in orders}
    assert set(found(session, "Sample Buy")) == {order.number for order in orders}
