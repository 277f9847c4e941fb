"""Every way to pay, a row each: what rules and pages need to know of a gateway before they talk to it.

A row here, the adapter and its line in `app/wiring.py` are all that a new one takes: docs/add-a-payment-method.md.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Finality(StrEnum):
    """Whether money that has come can be taken back by somebody else than the provider."""

    FINAL = "final"  # a booked credit transfer
    DISPUTABLE = "disputable"  # a captured card or wallet payment: by a dispute, for months


class Way(StrEnum):
    """What paying is like for the buyer; pages and mails have their words by it."""

    TRANSFER = "transfer"  # at the buyer's own bank, by instructions of ours: no service stands between
    WALLET = "wallet"  # approved on a page of the service, with an account there or a card
    CARD = "card"  # a card, typed on a page of the service


@dataclass(frozen=True)
class Method:
    """A way to pay. `may_come_back`: for how long a dispute can be opened; zero where the money is final."""

    code: str  # what an order's `method` and a payee account's `gateway` carry
    service: str  # how the service writes its name; "" where there is none
    way: Way
    modes: tuple[str, ...]  # how a provider's account there is reached; the first is the usual one
    finality: Finality
    may_come_back: timedelta
    on_statement: bool = False  # buyers find the service's name on their statement, beside the provider's
    api_url: str = (
        ""  # where its API is unless the setting <CODE>_API_URL says otherwise; "": that must say it
    )

    @property
    def by_service(self) -> bool:
        """A service takes the payment: it can be asked, told to give money back, and tells us of both."""
        return self.way is not Way.TRANSFER


_ROWS = (
    Method("bank", "", Way.TRANSFER, ("own_account",), Finality.FINAL, timedelta(0)),
    Method(
        "paypal",
        "PayPal",
        Way.WALLET,
        ("own_app", "payee", "partner"),
        Finality.DISPUTABLE,
        timedelta(days=180),
        on_statement=True,
    ),
    Method(
        "stripe",
        "Stripe",
        Way.CARD,
        ("own_key", "connect"),
        Finality.DISPUTABLE,
        timedelta(days=120),
        api_url="https://api.stripe.com",
    ),
    Method(
        "mollie",
        "Mollie",
        Way.CARD,
        ("own_key",),
        Finality.DISPUTABLE,
        timedelta(days=180),
        api_url="https://api.mollie.com",
    ),
)
METHODS = {row.code: row for row in _ROWS}
BY_SERVICE = frozenset(row.code for row in _ROWS if row.by_service)
