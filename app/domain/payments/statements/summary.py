"""What committing a statement would do, as it is shown: counts, and the lines that concern somebody here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.payments.statements.match import Judgement, Verdict
from app.money import Money

# A statement has thousands of lines that concern nobody here; of those that do, so many are shown.
MOST_SHOWN = 500


@dataclass(frozen=True)
class ShownLine:
    """One line with what it would do. `shares`: order number and minor units of each order in it."""

    booked_on: date
    amount: Money
    payer: str
    text: str
    verdict: str
    state: str | None
    shares: Sequence[tuple[str, int]]
    two_persons: bool


@dataclass(frozen=True)
class Summary:
    """`counts`: how many lines got which verdict, in the order of the verdicts; `to_book`: lines that committing takes."""

    counts: Sequence[tuple[str, int]]
    to_book: int
    shown: Sequence[ShownLine]
    hidden: int

    def as_json(self) -> dict[str, Any]:
        """To be kept until the file is committed."""
        return {
            "counts": [list(each) for each in self.counts],
            "to_book": self.to_book,
            "hidden": self.hidden,
            "shown": [
                {
                    "booked_on": each.booked_on.isoformat(),
                    "minor": each.amount.minor,
                    "currency": each.amount.currency,
                    "payer": each.payer,
                    "text": each.text,
                    "verdict": each.verdict,
                    "state": each.state,
                    "shares": [list(share) for share in each.shares],
                    "two_persons": each.two_persons,
                }
                for each in self.shown
            ],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Summary":
        """As kept by `as_json`."""
        return cls(
            counts=[(code, number) for code, number in kept["counts"]],
            to_book=kept["to_book"],
            hidden=kept["hidden"],
            shown=[
                ShownLine(
                    booked_on=date.fromisoformat(each["booked_on"]),
                    amount=Money(each["minor"], each["currency"]),
                    payer=each["payer"],
                    text=each["text"],
                    verdict=each["verdict"],
                    state=each["state"],
                    shares=[(number, minor) for number, minor in each["shares"]],
                    two_persons=each["two_persons"],
                )
                for each in kept["shown"]
            ],
        )


def summary_of(judged: Iterable[Judgement]) -> Summary:
    """The whole statement in short; what is `already` known is shown, too, so that nobody misses it."""
    counts: Counter[Verdict] = Counter()
    shown: list[ShownLine] = []
    to_book = of_interest = 0
    for each in judged:
        counts[each.verdict] += 1
        to_book += each.state is not None
        if each.state is None and each.verdict != Verdict.ALREADY:
            continue
        of_interest += 1
        if len(shown) < MOST_SHOWN:
            shown.append(_shown(each))
    return Summary(
        counts=[(verdict.value, counts[verdict]) for verdict in Verdict if counts[verdict]],
        to_book=to_book,
        shown=shown,
        hidden=of_interest - len(shown),
    )


def _shown(judged: Judgement) -> ShownLine:
    line = judged.line
    return ShownLine(
        booked_on=line.booked_on,
        amount=line.amount,
        payer=line.payer,
        text=line.text,
        verdict=judged.verdict.value,
        state=judged.state.value if judged.state is not None else None,
        shares=judged.shares,
        two_persons=judged.two_persons,
    )
