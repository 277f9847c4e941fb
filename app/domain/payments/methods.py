"""Every way to pay, a row each: what the rules need to know of a gateway before they talk to it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Finality(StrEnum):
    """Whether money that has come can be taken back by somebody else than the provider."""

    FINAL = "final"  # a booked credit transfer
    DISPUTABLE = "disputable"  # a captured card or wallet payment: by a dispute, for months


@dataclass(frozen=True)
class Method:
    """A way to pay. `may_come_back`: for how long a dispute can be opened; zero where the money is final."""

    code: str  # what an order's `method` and a payee account's `gateway` carry
    modes: tuple[str, ...]  # how a provider's account there is reached; the first is the usual one
    finality: Finality
    may_come_back: timedelta


_ROWS = (
    Method("bank", ("own_account",), Finality.FINAL, timedelta(0)),
    Method("paypal", ("own_app", "payee", "partner"), Finality.DISPUTABLE, timedelta(days=180)),
    Method("stripe", ("own_key", "connect"), Finality.DISPUTABLE, timedelta(days=120)),
)
METHODS = {row.code: row for row in _ROWS}
