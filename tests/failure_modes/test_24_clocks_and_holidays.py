"""Due dates over clock changes, and ends of holds over days on which no bank works."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.orders.models import OrderState
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import ProviderPayeeAccount
from tests.failure_modes.bench import Bench
from tests.traces import timed_jobs


@dataclass(frozen=True)
class Case:
    """An order placed at a moment of a zone; what the buyer is told, and the last day whose end the units see."""

    zone: str
    currency: str
    placed: datetime  # where the provider is
    due_on: date
    held_through: date


CASES = {
    # The hour from two to three comes twice on 25 October; 30 October is a Friday.
    "autumn in Berlin": Case(
        "Europe/Berlin", "EUR", datetime(2026, 10, 20, 23, 30), date(2026, 10, 30), date(2026, 11, 4)
    ),
    # TARGET is closed on Good Friday and Easter Monday; the clocks go forward on Easter Sunday.
    "Easter in Berlin": Case(
        "Europe/Berlin", "EUR", datetime(2027, 3, 15, 0, 30), date(2027, 3, 25), date(2027, 4, 1)
    ),
    # In dollars TARGET means nothing: Good Friday and Easter Monday count.
    "Easter in dollars": Case(
        "America/Santiago", "USD", datetime(2027, 3, 15, 0, 30), date(2027, 3, 25), date(2027, 3, 30)
    ),
    # On 6 September there is no midnight: the day begins at one.
    "spring in Santiago": Case(
        "America/Santiago", "USD", datetime(2026, 8, 27, 22, 0), date(2026, 9, 6), date(2026, 9, 9)
    ),
    # 25 and 26 December and 1 January, and a weekend between.
    "the turn of the year": Case(
        "Europe/Berlin", "EUR", datetime(2026, 12, 14, 12, 0), date(2026, 12, 24), date(2026, 12, 30)
    ),
    # Where it is tomorrow already.
    "ahead of Greenwich": Case(
        "Asia/Ho_Chi_Minh", "EUR", datetime(2026, 4, 24, 0, 15), date(2026, 5, 4), date(2026, 5, 7)
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_failure_mode_24_dates_are_the_providers_days(bench: Bench, case: Case) -> None:
    zone = ZoneInfo(case.zone)
    offer = bench.offer("bank", case.currency)
    with bench.works.sessions.begin() as session:
        account = (
            session.query(ProviderPayeeAccount).filter_by(provider_id=offer.provider_id, gateway="bank").one()
        )
        bank = session.get_one(BankAccount, account.id)
        bank.zone, bank.hold_days = case.zone, 10
    bench.clock = case.placed.replace(tzinfo=zone).astimezone(UTC)
    order = bench.place("bank", offer)
    transfer = bench.transfer(order)
    assert transfer.due_on == case.due_on
    last_moment = datetime.combine(case.held_through + timedelta(days=1), time(), zone)
    assert transfer.release_at == last_moment
    with bench.session() as session:
        reminders = [at for _, at in timed_jobs(session, "remind_of_transfer") if at is not None]
    mornings = [at.astimezone(zone) for at in reminders]
    assert {at.time() for at in mornings} == {time(9)}, "the clocks may change, the morning does not"
    assert sorted((case.due_on - at.date()).days for at in mornings) == [1, 3]
    bench.clock = transfer.release_at - timedelta(seconds=1)
    bench.run()
    assert bench.order(order).state == OrderState.AWAITING_PAYMENT
    bench.wait(seconds=1)
    bench.run()
    assert bench.order(order).state == OrderState.EXPIRED


def test_failure_mode_24_money_of_the_last_day_pays_though_it_is_seen_later(bench: Bench) -> None:
    """Sent on Maundy Thursday, booked on the Tuesday after Easter: still in time."""
    offer = bench.offer("bank", "EUR")
    bench.clock = datetime(2027, 3, 15, 12, tzinfo=UTC)
    order = bench.place("bank", offer)
    assert bench.transfer(order).due_on == date(2027, 3, 25)
    bench.clock = datetime(2027, 3, 30, 12, tzinfo=UTC)
    bench.run()
    assert dict(bench.bring(order, bench.movement(order))) == {"exact": 1}
    bench.run()
    assert bench.order(order).state == OrderState.COMPLETED
