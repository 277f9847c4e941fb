"""An order by bank transfer: frozen instructions, a long hold, reminders, and what the buyer says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import OrderState
from app.domain.payments.bank.models import BankAccount, BankTransfer
from app.domain.payments.bank.open_transfer import open_transfer
from app.domain.payments.bank.queries import tolerated_shortfall, transfer_of
from app.domain.payments.bank.reference import reference_of
from app.domain.payments.bank.remind import remind_of_transfer
from app.domain.payments.bank.say_sent import NothingToSend, say_sent
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from tests.bank import make_bank_provider, make_transfer
from tests.factories import HOLD, NOW, make_offer, make_orders


def mails(session: Session, transfer: BankTransfer) -> list[str]:
    return list(
        session.scalars(select(Mail.kind).where(Mail.order_id == transfer.order_id).order_by(Mail.created_at))
    )


def jobs(session: Session, name: str, transfer: BankTransfer) -> list[datetime]:
    rows = session.execute(
        text(
            "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = :name AND args ->> 'order_id' = :id "
            "ORDER BY scheduled_at"
        ),
        {"name": name, "id": str(transfer.order_id)},
    )
    return [row.scheduled_at for row in rows]


def test_placing_freezes_how_to_pay_and_holds_until_the_release(session: Session) -> None:
    transfer = make_transfer(session)
    order = transfer.order
    assert transfer.reference == reference_of(order.number)
    assert transfer.due_on == date(2026, 12, 3)
    assert transfer.release_at == datetime(2026, 12, 9, tzinfo=UTC)  # Friday, Monday, Tuesday to its end
    assert order.hold_until == transfer.release_at
    assert jobs(session, "expire_order", transfer) == [transfer.release_at]
    assert mails(session, transfer) == ["transfer_instructions"]


def test_a_changed_account_leaves_placed_orders_alone(session: Session) -> None:
    transfer = make_transfer(session)
    bank = session.get_one(BankAccount, transfer.account_id)
    bank.details = {**bank.details, "iban": "DE00"}
    session.flush()
    session.refresh(transfer)
    assert transfer.details["iban"] == "DE89370400440532013000"


def test_opening_again_gives_the_same(session: Session) -> None:
    transfer = make_transfer(session)
    assert open_transfer(session, transfer.order, NOW + timedelta(days=1)) is transfer


def test_the_provider_chooses_the_days(session: Session) -> None:
    transfer = make_transfer(session, make_bank_provider(session, hold_days=3))
    assert transfer.due_on == date(2026, 11, 26)


def test_without_a_usable_account_the_hold_is_the_short_one(session: Session) -> None:
    provider = make_bank_provider(session)
    account = session.scalars(
        select(ProviderPayeeAccount).where(
            ProviderPayeeAccount.provider_id == provider.id, ProviderPayeeAccount.gateway == "bank"
        )
    ).one()
    account.state = AccountState.DEGRADED
    offer = make_offer(session, provider=provider, currency="EUR")
    [order] = make_orders(session, {offer: 2}, method="bank").orders
    assert transfer_of(session, order.id) is None
    assert order.hold_until == NOW + HOLD


def test_two_reminders_before_the_due_date(session: Session) -> None:
    transfer = make_transfer(session)
    assert jobs(session, "remind_of_transfer", transfer) == [
        datetime(2026, 11, 30, 9, tzinfo=UTC),
        datetime(2026, 12, 2, 9, tzinfo=UTC),
    ]


def test_no_reminder_on_the_day_of_the_order(session: Session) -> None:
    transfer = make_transfer(session, make_bank_provider(session, hold_days=3))
    assert jobs(session, "remind_of_transfer", transfer) == [datetime(2026, 11, 25, 9, tzinfo=UTC)]


def test_a_reminder_is_sent_once_a_day(session: Session) -> None:
    transfer = make_transfer(session)
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert remind_of_transfer(session, transfer.order_id, at)
    assert remind_of_transfer(session, transfer.order_id, at)
    assert mails(session, transfer) == ["transfer_instructions", "transfer_reminder"]


def test_who_has_sent_it_is_not_reminded(session: Session) -> None:
    transfer = make_transfer(session)
    say_sent(session, transfer.order_id, date(2026, 11, 24), NOW + timedelta(days=1))
    assert not remind_of_transfer(session, transfer.order_id, datetime(2026, 11, 30, 9, tzinfo=UTC))
    assert transfer.said_sent_on == date(2026, 11, 24)


def test_saying_so_holds_nothing_longer(session: Session) -> None:
    transfer = make_transfer(session)
    say_sent(session, transfer.order_id, date(2026, 12, 3), NOW + timedelta(days=10))
    assert not expire_order(session, transfer.order_id, transfer.release_at - timedelta(seconds=1))
    assert expire_order(session, transfer.order_id, transfer.release_at)
    assert transfer.order.state == OrderState.EXPIRED
    with pytest.raises(NothingToSend):
        say_sent(session, transfer.order_id, date(2026, 12, 3), transfer.release_at)


def test_after_the_due_date_nobody_is_reminded(session: Session) -> None:
    transfer = make_transfer(session)
    assert not remind_of_transfer(session, transfer.order_id, datetime(2026, 12, 4, 9, tzinfo=UTC))


def test_the_tolerance_is_that_of_the_order(session: Session) -> None:
    transfer = make_transfer(session, make_bank_provider(session, tolerance_minor=300))
    assert tolerated_shortfall(session, transfer.order_id) == 300
    offer = make_offer(session)
    [other] = make_orders(session, {offer: 2}).orders
    assert tolerated_shortfall(session, other.id) == 0
