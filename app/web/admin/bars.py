"""A column chart's geometry: whole numbers in a viewBox, so that the template only draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import dates
from flask_babel import get_locale

from app.domain.statistics.overview import Month

_STEP, _WIDTH, _HEIGHT = 40, 28, 120


@dataclass(frozen=True)
class Bar:
    """One column; `y` is its top."""

    x: int
    y: int
    width: int
    height: int
    middle: int
    label: str
    month: datetime
    units: int


def bars(months: Sequence[Month]) -> list[Bar]:
    """A column for each month, the highest as high as the chart; what is not nothing is at least a line."""
    most = max((month.units for month in months), default=0)
    made = []
    for place, month in enumerate(months):
        height = max(month.units * _HEIGHT // most, 2) if month.units else 0
        x = place * _STEP + (_STEP - _WIDTH) // 2
        label = dates.format_date(month.first_day, "LLLLL", locale=get_locale())
        made.append(
            Bar(x, _HEIGHT - height, _WIDTH, height, x + _WIDTH // 2, label, month.first_day, month.units)
        )
    return made
