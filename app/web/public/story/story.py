"""What an order's page tells: what happened, what happens next, what the buyer can do."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Story:
    """The words of an order's page. `poll`: seconds until the page asks again, None when nothing moves any more."""

    headline: str
    happened: list[str]
    next: list[str] = field(default_factory=list)
    pay: bool = False
    withdraw: bool = False
    choose: bool = False  # between other units and the money
    again: bool = False  # ordering something else is the way on
    entries: list[dict[str, Any]] = field(default_factory=list)
    poll: int | None = None
    moving: bool = False  # the next step needs nothing from the buyer
    fingerprint: str = ""  # changes when the page would
