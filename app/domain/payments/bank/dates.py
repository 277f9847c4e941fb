"""The two dates of a bank transfer: until when the buyer is asked to pay, and when the units really go free.

Days are days in the provider's own zone, so that no clock change moves a due date. Between the two lie bank
days, because money sent on the last day is still under way.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FEWEST_DAYS = 3
MOST_DAYS = 30
DEFAULT_DAYS = 10
GRACE_BANK_DAYS = 3


@dataclass(frozen=True)
class TransferDates:
    """`due_on` is told to the buyer; `release_at` (UTC) is when the hold ends."""

    due_on: date
    release_at: datetime


def transfer_dates(placed_at: datetime, days: int, zone: str, currency: str) -> TransferDates:
    """Both dates of an order placed at `placed_at`. `days`: calendar days, the provider's choice.

    The units are held to the end of the third bank day after the due date.
    """
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise ValueError(f"{days} days; it must be {FEWEST_DAYS} to {MOST_DAYS}")
    place = ZoneInfo(zone)
    due_on = placed_at.astimezone(place).date() + timedelta(days=days)
    last = add_bank_days(due_on, GRACE_BANK_DAYS, currency)
    # Midnight after the last day; where that hour does not exist, the zone's rules give the next that does.
    end = datetime.combine(last + timedelta(days=1), time(), place)
    return TransferDates(due_on, end.astimezone(UTC))


def add_bank_days(start: date, count: int, currency: str) -> date:
    """The `count`-th bank day after `start`."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        if is_bank_day(day, currency):
            count -= 1
    return day


def bank_days_between(start: date, end: date, currency: str) -> int:
    """How many bank days after `start` the day `end` is: 0 on the same day, 1 from Friday to Monday."""
    days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(is_bank_day(day, currency) for day in days)


def is_bank_day(day: date, currency: str) -> bool:
    """Monday to Friday; for EUR without the days on which TARGET is closed.

    National holidays are left out for other currencies: a hold that ends a day early costs the buyer nothing,
    as money that comes later is accepted at the frozen price while there are units.
    """
    return day.weekday() < 5 and not (currency == "EUR" and _target_is_closed(day))


def _target_is_closed(day: date) -> bool:
    """The six closing days of TARGET. Source: ECB, TARGET long-term calendar of closing days since 2002."""
    if (day.month, day.day) in {(1, 1), (5, 1), (12, 25), (12, 26)}:
        return True
    sunday = easter(day.year)
    return day in {sunday - timedelta(days=2), sunday + timedelta(days=1)}


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    leap, century_rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * century_rest + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)
