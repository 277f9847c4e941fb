"""Two dates, in the provider's days and in bank days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments.bank.dates import add_bank_days, easter, is_bank_day, transfer_dates


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2000, (4, 23)), (2008, (3, 23)), (2024, (3, 31)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25))],
)
def test_easter(year: int, sunday: tuple[int, int]) -> None:
    assert easter(year) == date(year, *sunday)


def test_failure_mode_24_bank_holidays_do_not_count() -> None:
    closed = [date(2026, 12, 25), date(2027, 1, 1), date(2027, 3, 26), date(2027, 3, 29), date(2028, 5, 1)]
    assert not any(is_bank_day(day, "EUR") for day in closed)
    assert all(is_bank_day(day, "USD") for day in closed)
    assert not is_bank_day(date(2026, 11, 28), "USD")  # a Saturday
    assert add_bank_days(date(2026, 12, 23), 2, "EUR") == date(2026, 12, 28)


def test_failure_mode_24_a_due_date_is_a_day_where_the_provider_is() -> None:
    late_in_utc = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert transfer_dates(late_in_utc, 10, "UTC", "USD").due_on == date(2026, 12, 3)
    assert transfer_dates(late_in_utc, 10, "Asia/Tokyo", "USD").due_on == date(2026, 12, 4)


def test_failure_mode_24_a_clock_change_moves_no_date() -> None:
    dates = transfer_dates(datetime(2026, 3, 20, 12, tzinfo=UTC), 6, "Europe/Berlin", "EUR")
    assert dates.due_on == date(2026, 3, 26)
    # Friday, Monday, Tuesday; the clocks went forward on Sunday, so midnight is 22:00 UTC.
    assert dates.release_at == datetime(2026, 3, 31, 22, tzinfo=UTC)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.integers(3, 30),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Kiritimati"]),
    st.sampled_from(["EUR", "USD"]),
)
def test_the_release_is_always_three_bank_days_after_the_due_date(
    placed_at: datetime, days: int, zone: str, currency: str
) -> None:
    dates = transfer_dates(placed_at, days, zone, currency)
    assert dates.due_on - placed_at.astimezone(ZoneInfo(zone)).date() == timedelta(days=days)
    last = (dates.release_at.astimezone(ZoneInfo(zone)) - timedelta(hours=2)).date()
    between = [dates.due_on + timedelta(days=each + 1) for each in range((last - dates.due_on).days)]
    assert sum(is_bank_day(day, currency) for day in between) == 3
    assert is_bank_day(last, currency)


@pytest.mark.parametrize("days", [2, 31])
def test_only_three_to_thirty_days(days: int) -> None:
    with pytest.raises(ValueError, match="3 to 30"):
        transfer_dates(datetime(2026, 11, 23, tzinfo=UTC), days, "UTC", "EUR")
