"""The closed table of what administrators may change while the platform runs. Everything else is configuration or code.

A default is what the platform does as long as nobody has changed it.
"""

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Kind(StrEnum):
    """What a setting's value is."""

    MINUTES = "minutes"
    DAYS = "days"
    BANK_DAYS = "bank_days"
    COUNT = "count"
    ACTIVITIES = "activities"  # a list of activity references
    NOTICE = "notice"  # see `Notice`
    TEXTS = "texts"  # in every language, by version: see `texts.py`


@dataclass(frozen=True)
class Setting:
    """One setting. Whole numbers have limits; lists and texts have how many and how long."""

    name: str
    kind: Kind
    default: int | None = None
    least: int = 0
    most: int = 0

    @property
    def is_number(self) -> bool:
        """Its value is a whole number from `least` to `most`."""
        return self.default is not None


SETTINGS: dict[str, Setting] = {
    each.name: each
    for each in (
        # A gateway's page closes five minutes before the hold ends, and Stripe keeps one open for 35 at least; orders
        # at PayPal run out after three hours.
        Setting("hold_minutes", Kind.MINUTES, 60, 40, 180),
        Setting("unpaid_orders", Kind.COUNT, 5, 1, 50),
        Setting("choice_days", Kind.DAYS, 14, 3, 60),
        Setting("claim_answer_bank_days", Kind.BANK_DAYS, 3, 1, 10),
        # The provider is reminded two days before.
        Setting("refund_bank_days", Kind.BANK_DAYS, 5, 3, 20),
        Setting("featured_activities", Kind.ACTIVITIES, most=6),
        Setting("notice", Kind.NOTICE, most=300),
        Setting("terms", Kind.TEXTS, most=2000),
        Setting("statements", Kind.TEXTS, most=1000),
    )
}
