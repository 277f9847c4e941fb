"""A provider's sales and service, from what happened."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.refund_models import RefundState
from app.domain.payments.statements.book import confirm_received
from app.domain.people.models import Provider
from app.domain.sales.figures import sales_figures
from app.domain.sales.service_record import ServiceRecord, confirmation_days, service_record
from app.domain.threads.models import Complaint, ComplaintKind, ComplaintState
from app.money import Money
from tests.bank import make_bank_provider, make_transfer
from tests.domain.payments.attempts import make_payment
from tests.domain.payments.refunds.books import make_refund
from tests.factories import NOW, make_details, make_offer, make_order, make_provider

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def sell(session: Session, offer: Offer, units: int, at: datetime, country: str = "DE", **fields) -> Order:
    order = make_order(session, offer, units, details=make_details(beneficiary_country=country))
    order.state, order.completed_at = OrderState.COMPLETED, at
    for name, value in fields.items():
        setattr(order, name, value)
    session.flush()
    return order


def test_figures_count_what_was_cancelled_in_twelve_months(session: Session):
    provider = make_provider(session)
    dollars = make_offer(session, provider=provider, price="10.00")
    euros = make_offer(session, provider=provider, price="8.00", currency="EUR")
    sell(session, dollars, 5, NOW)
    sell(session, dollars, 2, datetime(2026, 11, 1, tzinfo=UTC), "FR", method="bank")
    sell(session, euros, 3, datetime(2025, 12, 1, tzinfo=UTC), "FR", beneficiary_type="individual")
    sell(session, dollars, 7, datetime(2025, 11, 30, 23, 59, tzinfo=UTC))
    sell(session, dollars, 7, NOW, trial=True)
    sell(session, dollars, 7, NOW, state=OrderState.PAID)
    sell(session, make_offer(session), 7, NOW)
    figures = sales_figures(session, provider.id, NOW)
    assert [share.key.month for share in figures.months] == [12, *range(1, 12)]
    first, *between, last = figures.months
    assert (first.units, first.orders, first.money) == (3, 1, [Money(24_00, "EUR")])
    assert (last.units, last.orders, last.money) == (7, 2, [Money(70_00, "USD")])
    assert all(share.units == share.orders == len(share.money) == 0 for share in between)
    assert [(share.key, share.units) for share in figures.countries] == [("DE", 5), ("FR", 5)]
    assert figures.countries[1].money == [Money(24_00, "EUR"), Money(20_00, "USD")]
    assert [(share.key, share.units) for share in figures.buyers] == [("organisation", 7), ("individual", 3)]
    assert [(share.key, share.units) for share in figures.methods] == [("paypal", 8), ("bank", 2)]


def confirm(
    session: Session,
    provider: Provider,
    arrived: date,
    at: datetime,
    said: date | None = None,
    kind: str = "hand",
) -> None:
    transfer = make_transfer(
        session, provider, details=make_details(email=f"{arrived}-{at:%d%H}@example.org"), now=MONDAY
    )
    transfer.said_sent_on = said
    order, account = transfer.order, transfer.account_id
    line = confirm_received(session, account, order.number, order.total, arrived, 0, None, at)
    line.kind = kind
    session.flush()


def test_the_service_record_is_computed(session: Session):
    provider, other = make_bank_provider(session, zone="Europe/Berlin"), make_bank_provider(session)
    assert service_record(session, provider.id, NOW) == ServiceRecord()
    monday, friday = MONDAY.date(), MONDAY.date() + timedelta(days=4)
    confirm(session, provider, monday, MONDAY)  # 0 days
    confirm(session, provider, friday, MONDAY + timedelta(days=7))  # 1: a weekend between
    # What the buyer says counts where only the provider says when it came: 4 days.
    confirm(session, provider, friday, MONDAY + timedelta(days=4), said=monday)
    # Half past eleven at night in UTC is the next day in Berlin, and a statement has the bank's own day: 2 days.
    night = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)
    confirm(session, provider, monday, night, said=monday + timedelta(days=1), kind="camt")
    confirm(session, other, monday, MONDAY)
    assert service_record(session, provider.id, NOW).days == Decimal("1.5")
    assert confirmation_days(session, [provider.id, other.id], NOW) == {}
    confirm(session, provider, monday, MONDAY + timedelta(days=10))  # 8 days
    assert confirmation_days(session, [provider.id, other.id], NOW) == {provider.id: Decimal(2)}
    assert service_record(session, provider.id, NOW).transfers == 5
    assert service_record(session, provider.id, NOW + timedelta(days=100)).transfers == 0


def test_refunds_in_time_and_open_complaints(session: Session):
    provider = make_provider(session)
    offer = make_offer(session, provider=provider)
    cases = [
        (RefundState.DONE, -1, False),
        (RefundState.SENT, 3, False),
        (RefundState.BY_HAND, 3, False),  # there is time
        (RefundState.BY_HAND, -1, True),
        (RefundState.SENT, -1, True),
        (RefundState.DONE, -91, False),  # long ago
        (RefundState.WITHDRAWN, -1, False),
    ]
    for number, (state, days, late) in enumerate(cases):
        order = sell(session, offer, 1, NOW)
        payment = make_payment(session, order)
        make_refund(
            session,
            order,
            payment,
            receipt_id=str(number),
            state=state,
            due_at=NOW + timedelta(days=days),
            escalated_at=NOW if late else None,
        )
    for state in ComplaintState:
        session.add(
            Complaint(
                order_id=sell(session, offer, 1, NOW).id,
                kind=ComplaintKind.BUYER,
                state=state,
                opened_at=NOW,
                due_at=NOW,
            )
        )
    session.flush()
    record = service_record(session, provider.id, NOW)
    assert (record.refunds, record.in_time, record.complaints) == (4, 2, 2)
    assert service_record(session, make_provider(session).id, NOW) == ServiceRecord()
