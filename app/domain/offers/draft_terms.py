"""The terms of an offer, read from what was typed into its form: all that is wrong with them at once."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.domain.orders.details import plain_line
from app.money import Money, exponent

NUMBERS = ("quantity", "min_quantity", "max_quantity")
FIELDS = (*NUMBERS, "price", "currency", "on_sale_from", "on_sale_until")
TEXT_FIELD = re.compile("text-([a-z]{2})")  # a description's, by its language
TEXT_MAX = 2000  # characters of a description

_WHOLE = re.compile("[0-9]{1,9}")
_PRICE = re.compile(r"[0-9]{1,9}(?:\.([0-9]{1,3}))?")
_DAY = re.compile("20[0-9]{2}-[0-9]{2}-[0-9]{2}")


class TermsRefused(Exception):
    """`problems`: a code for each field that is wrong.

    `missing`, `whole`, `too_few`, `too_many` (than are free), `over_quantity`, `under_min`, `price`, `currency`,
    `day`, `past`, `no_day` (the last day is before the first), `long`.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class OfferTerms:
    """What is put on sale, at what price, when and to whom."""

    quantity: int  # units
    price: Money  # per tonne
    min_quantity: int  # per order
    max_quantity: int | None
    on_sale_from: datetime | None
    on_sale_until: datetime | None  # not sold any more from then on
    texts: Mapping[str, str]  # language → description


def read_terms(
    typed: Mapping[str, str],
    free: int,
    currencies: Collection[str],
    now: datetime,
    *,
    all_of_it: bool = False,
) -> OfferTerms:
    """Read fields as `save_draft` keeps them: whole numbers, prices like 11.20, days like 2026-11-23, which are UTC's.

    `free` units are there, all of which are offered with `all_of_it`. `currencies` are those in which the provider can
    be paid. Raises TermsRefused.
    """
    problems: dict[str, str] = {}
    numbers = {name: _whole(typed, name, problems) for name in NUMBERS}
    quantity = free if all_of_it else numbers["quantity"]
    if all_of_it:
        problems.pop("quantity", None)
    elif quantity is None:
        problems.setdefault("quantity", "missing")
    elif not 1 <= quantity <= free:
        problems["quantity"] = "too_few" if quantity < 1 else "too_many"
    fewest, most = numbers["min_quantity"] or 1, numbers["max_quantity"]
    if quantity and fewest > quantity:
        problems["min_quantity"] = "over_quantity"
    if most is not None and most < fewest:
        problems["max_quantity"] = "under_min"
    price = _price(typed, currencies, problems)
    first, last = _day(typed, "on_sale_from", problems), _day(typed, "on_sale_until", problems)
    until = last + timedelta(days=1) if last else None
    if until and until <= now:
        problems["on_sale_until"] = "past"
    elif until and first and until <= first:
        problems["on_sale_until"] = "no_day"
    texts = {found[1]: text for name, text in typed.items() if text and (found := TEXT_FIELD.fullmatch(name))}
    problems |= {f"text-{code}": "long" for code, text in texts.items() if len(text) > TEXT_MAX}
    if problems or quantity is None or price is None:
        raise TermsRefused(problems)
    return OfferTerms(quantity, price, fewest, most, first, until, texts)


def plain_text(text: str) -> str:
    """Lines of plain text, each as `plain_line` has it, with one empty line at most between two of them."""
    lines = "\n".join(plain_line(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _whole(typed: Mapping[str, str], name: str, problems: dict[str, str]) -> int | None:
    text = typed.get(name, "")
    if text and not _WHOLE.fullmatch(text):
        problems[name] = "whole"
        return None
    return int(text) if text else None


def _price(typed: Mapping[str, str], currencies: Collection[str], problems: dict[str, str]) -> Money | None:
    currency, found = typed.get("currency", ""), _PRICE.fullmatch(typed.get("price", ""))
    if currency not in currencies:
        problems["currency"] = "currency"
    elif found is None or len(found[1] or "") > exponent(currency):
        # Also "1,234" of a currency with two decimals, which is no 1.23.
        problems["price"] = "price"
    elif (price := Money.parse(found[0], currency)).minor < 1:
        problems["price"] = "price"
    else:
        return price
    return None


def _day(typed: Mapping[str, str], name: str, problems: dict[str, str]) -> datetime | None:
    text = typed.get(name, "")
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        problems[name] = "day"
        return None
