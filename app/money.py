"""Money: integer minor units and an ISO 4217 code. No float ever touches it."""

import re
from dataclasses import dataclass
from decimal import Decimal

# ISO 4217 minor units that are not two (amendment 179 of the standard's list one).
EXPONENTS = dict.fromkeys(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ],
    0,
) | dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)

_AMOUNT = re.compile(r"(-?[0-9]{1,18})(?:\.([0-9]{1,18}))?")


def exponent(currency: str) -> int:
    """Decimals of a currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, order=False)
class Money:
    """An amount. `minor` is in minor units (cents for EUR); may be zero or negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("Money is made of whole minor units")
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read "12.50" as the neighbours write it. ValueError if it has more decimals than the currency."""
        parts = _AMOUNT.fullmatch(text)
        whole, decimals = parts.groups(default="") if parts else ("", "")
        places = exponent(currency)
        if not whole or decimals[places:].strip("0"):
            raise ValueError(f"{text!r} is no amount of {currency}")
        return cls(int(whole + decimals[:places].ljust(places, "0")), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact: Decimal("12.50")."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are not added")
        return Money(self.minor + other.minor, self.currency)

    def __mul__(self, factor: int) -> "Money":
        return Money(self.minor * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"
