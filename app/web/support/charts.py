"""The geometry of charts: whole numbers in a viewBox, so that the template only draws. Each stands beside a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import dates
from flask_babel import get_locale

from app.web.support.filters import month, tonnes

_STEP, _WIDTH, _HEIGHT = 40, 28, 120
_LINE, _ROW, _LONGEST = 10, 32, 320


@dataclass(frozen=True)
class Bar:
    """One column, `y` its top, or one row of a chart; `label` stands below or above it (`middle` is where), `said` is
    what it means.
    """

    x: int
    y: int
    width: int
    height: int
    middle: int
    label: str
    said: str


def columns(months: Sequence[tuple[datetime, int]]) -> list[Bar]:
    """A column for each month with its units, the highest as high as the chart; what is not nothing is at least a line."""
    most = max((units for _, units in months), default=0)
    made = []
    for place, (first_day, units) in enumerate(months):
        height = max(units * _HEIGHT // most, 2) if units else 0
        x = place * _STEP + (_STEP - _WIDTH) // 2
        label = dates.format_date(first_day, "LLLLL", locale=get_locale())
        said = f"{month(first_day)}: {tonnes(units)}"
        made.append(Bar(x, _HEIGHT - height, _WIDTH, height, x + _WIDTH // 2, label, said))
    return made


def rows(shares: Sequence[tuple[str, int]]) -> list[Bar]:
    """A row for each name with its units, the longest as long as the chart."""
    most = max((units for _, units in shares), default=0)
    made = []
    for place, (name, units) in enumerate(shares):
        length = max(units * _LONGEST // most, 2) if units else 0
        y = place * _ROW + _ROW - _LINE - 4
        made.append(Bar(0, y, length, _LINE, y - 5, name, f"{name}: {tonnes(units)}"))
    return made
