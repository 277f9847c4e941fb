"""Which order a line of a statement pays, decided by rules that anyone can follow. Nothing here writes anything.

Every line gets one verdict of a closed list; the words for each are in `web/support/bank_words.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rapidfuzz.distance import OSA

from app.domain.orders.models import OrderState
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import LineState
from app.domain.payments.bank.reference import LENGTH, find_numbers, find_references, squeeze
from app.domain.payments.statements.lines import StatementLine, fingerprints
from app.money import Money


class Verdict(StrEnum):
    """What a line is."""

    # Money for an order: goes into the ledger.
    EXACT = "exact"
    REST = "rest"  # the rest of what came before
    TOLERATED = "tolerated"  # short by no more than the provider lets pass
    SHORT = "short"
    OVER = "over"
    EXTRA = "extra"  # the order is paid already
    JOINT = "joint"  # one transfer for several orders, and the sums agree
    LATE = "late"  # for an order that has been given up
    REFUND = "refund"  # money that went back to the buyer
    PROOF = "proof"  # of money, in or out, that a person has confirmed before
    # Somebody has to decide.
    JOINT_UNCLEAR = "joint_unclear"
    OTHER_CURRENCY = "other_currency"
    BY_NUMBER = "by_number"  # only the order number fits, and the amount does not
    MAYBE_TWICE = "maybe_twice"  # another kind of statement told of the same day, amount and order
    RETURNED = "returned"  # a refund that came back
    LOOKS_LIKE = "looks_like"  # a reference with a typing error, or none but the right amount
    # Not kept.
    ALREADY = "already"
    NOT_BOOKED = "not_booked"
    NOTHING = "nothing"  # an amount of zero
    OTHER_ACCOUNT = "other_account"
    OUTGOING = "outgoing"
    UNKNOWN = "unknown"


V = Verdict
BOOKS = frozenset({V.EXACT, V.REST, V.TOLERATED, V.SHORT, V.OVER, V.EXTRA, V.JOINT, V.LATE, V.REFUND})
OPENS = frozenset({V.JOINT_UNCLEAR, V.OTHER_CURRENCY, V.BY_NUMBER, V.MAYBE_TWICE, V.RETURNED, V.LOOKS_LIKE})
_GIVEN_UP = frozenset({OrderState.EXPIRED, OrderState.WITHDRAWN})
# A reference of ours with so many slips in its 14 characters is still told from every other.
_MOST_SLIPS = 3
_LIKELY = re.compile(r"(?=(RF[0-9A-Z]{12}|[0-9A-Z]{4}VC[0-9A-Z]{8}))")


@dataclass(frozen=True)
class Payable:
    """An order as the desk needs to know it. Amounts in minor units."""

    number: str
    reference: str
    currency: str
    total: int
    net: int  # what came before, less what went back
    tolerance: int
    state: OrderState

    @property
    def remaining(self) -> int:
        return self.total - self.net


@dataclass
class Desk:
    """What a statement is compared with: one account's orders, and what is known of earlier statements."""

    details: BankDetails
    kind: str
    orders: dict[str, Payable]  # by reference
    known: frozenset[str] = frozenset()  # fingerprints
    told: Mapping[tuple[date, int, str], str] = field(default_factory=dict)  # day, amount, number → kind
    # Number, amount (negative: sent back) → how often confirmed by a person and shown by no statement yet.
    by_hand: dict[tuple[str, int], int] = field(default_factory=dict)
    two_persons_from: int | None = None
    formerly: tuple[BankDetails, ...] = ()  # what buyers were told before the details were changed


@dataclass(frozen=True)
class Judgement:
    """What a line is, for which orders (number, amount in minor units), and what follows."""

    line: StatementLine
    fingerprint: str
    verdict: Verdict
    shares: tuple[tuple[str, int], ...] = ()
    two_persons: bool = False

    @property
    def state(self) -> LineState | None:
        """Where the line goes when it is committed; None: nowhere."""
        if self.verdict in BOOKS:
            return LineState.WAITING if self.two_persons else LineState.BOOKED
        if self.verdict == V.PROOF:
            return LineState.BOOKED
        return LineState.OPEN if self.verdict in OPENS else None


def judge(lines: Sequence[StatementLine], desk: Desk, prints: Sequence[str] | None = None) -> list[Judgement]:
    """A verdict for each line, as if those before it in the file had been booked.

    `prints`: the lines' fingerprints, where they have been found among more lines than these.
    """
    return list(judge_each(lines, desk, prints))


def judge_each(
    lines: Sequence[StatementLine], desk: Desk, prints: Sequence[str] | None = None
) -> Iterator[Judgement]:
    """The same, one by one: a long statement takes a while."""
    orders = _Orders(desk.orders)
    by_hand = dict(desk.by_hand)
    for line, fingerprint in zip(lines, prints or fingerprints(lines), strict=True):
        verdict, shares = _judge(line, fingerprint, desk, orders, by_hand)
        large = desk.two_persons_from is not None and abs(line.amount.minor) >= desk.two_persons_from
        judgement = Judgement(line, fingerprint, verdict, shares, large and verdict in BOOKS)
        if verdict == V.PROOF:
            by_hand[shares[0]] -= 1
        if judgement.state is LineState.BOOKED and verdict in BOOKS:
            orders.pay(shares)
        yield judgement


def same_account(stated: str, details: BankDetails) -> bool:
    """Is the account that a statement names this one? An unnamed one has to be trusted: CSV files name none."""
    said = squeeze(stated)
    if not said:
        return True
    if details.iban:
        number = re.split(r"[/ ]", stated.strip())[-1].lstrip("0").upper()
        return (
            said == details.iban
            or said.startswith(details.iban)
            or (
                len(number) >= 5 and not stated[:2].isalpha() and details.iban.endswith(squeeze(number)[-10:])
            )
        )
    own = squeeze(list(details.local.values())[-1]).lstrip("0")
    return said.lstrip("0").endswith(own) or own in said


Found = tuple[Verdict, tuple[tuple[str, int], ...]]


class _Orders(dict[str, Payable]):
    """The orders by reference, as they stand after the lines before; also found by what they still wait for."""

    def __init__(self, orders: Mapping[str, Payable]) -> None:
        super().__init__(orders)
        self._references = {order.number: reference for reference, order in orders.items()}
        self._waiting: dict[tuple[int, str], dict[str, None]] = {}
        for order in orders.values():
            self._wait(order)

    def pay(self, shares: Iterable[tuple[str, int]]) -> None:
        """Money comes for these orders."""
        for number, amount in shares:
            reference = self._references[number]
            order = self[reference]
            self._waiting.get((order.remaining, order.currency), {}).pop(reference, None)
            self[reference] = _with_more(order, amount)
            self._wait(self[reference])

    def that_wait_for(self, amount: Money) -> list[Payable]:
        """Those whose whole rest is this amount."""
        return [self[each] for each in self._waiting.get((amount.minor, amount.currency), ())]

    def _wait(self, order: Payable) -> None:
        if order.state == OrderState.AWAITING_PAYMENT:
            self._waiting.setdefault((order.remaining, order.currency), {})[order.reference] = None


def _judge(
    line: StatementLine,
    fingerprint: str,
    desk: Desk,
    orders: _Orders,
    by_hand: dict[tuple[str, int], int],
) -> Found:
    if (dropped := _dropped(line, fingerprint, desk)) is not None:
        return dropped, ()
    named = [orders[each] for each in find_references(line.texts) if each in orders]
    if line.amount.minor < 0:
        return _outgoing(line, named, desk, by_hand)
    if line.reversal:
        return (V.RETURNED, _alone(line, named[0])) if named else (V.UNKNOWN, ())
    numbered = [orders[each] for each in find_numbers(line.texts) if each in orders] if not named else []
    if len(named) + len(numbered) > 1:
        return _joint(line, named or numbered)
    if not named and not numbered:
        return _nameless(line, orders)
    [order] = named or numbered
    if order.currency != line.amount.currency:
        return V.OTHER_CURRENCY, _alone(line, order)
    if by_hand.get((order.number, line.amount.minor), 0) > 0:
        return V.PROOF, _alone(line, order)
    if desk.told.get((line.booked_on, line.amount.minor, order.number), desk.kind) != desk.kind:
        return V.MAYBE_TWICE, _alone(line, order)
    if numbered and line.amount.minor != order.remaining:
        return V.BY_NUMBER, _alone(line, order)
    return _for_order(line, order), _alone(line, order)


def _dropped(line: StatementLine, fingerprint: str, desk: Desk) -> Verdict | None:
    """Why the line is not looked at any further, if so."""
    if line.amount.minor == 0:
        return V.NOTHING
    if not line.booked:
        return V.NOT_BOOKED
    if not any(same_account(line.account, each) for each in (desk.details, *desk.formerly)):
        return V.OTHER_ACCOUNT
    return V.ALREADY if fingerprint in desk.known else None


def _for_order(line: StatementLine, order: Payable) -> Verdict:
    amount, remaining = line.amount.minor, order.remaining
    if order.state in _GIVEN_UP:
        return V.LATE
    if order.state != OrderState.AWAITING_PAYMENT or remaining <= order.tolerance:
        return V.EXTRA
    if amount > remaining:
        return V.OVER
    if amount == remaining:
        return V.REST if order.net else V.EXACT
    return V.TOLERATED if remaining - amount <= order.tolerance else V.SHORT


def _outgoing(
    line: StatementLine, named: Sequence[Payable], desk: Desk, by_hand: Mapping[tuple[str, int], int]
) -> Found:
    if len(named) == 1 and named[0].currency == line.amount.currency:
        order, amount = named[0], line.amount.minor
        if by_hand.get((order.number, amount), 0) > 0:
            return V.PROOF, _alone(line, order)
        if desk.told.get((line.booked_on, amount, order.number), desk.kind) != desk.kind:
            return V.MAYBE_TWICE, _alone(line, order)
        return V.REFUND, _alone(line, order)
    if named:
        return V.JOINT_UNCLEAR, tuple((order.number, 0) for order in named)
    return V.OUTGOING, ()


def _joint(line: StatementLine, orders: Sequence[Payable]) -> Found:
    one_currency = all(order.currency == line.amount.currency for order in orders)
    payable = all(order.remaining > 0 for order in orders)
    if one_currency and payable and sum(order.remaining for order in orders) == line.amount.minor:
        return V.JOINT, tuple((order.number, order.remaining) for order in orders)
    return V.JOINT_UNCLEAR, tuple((order.number, 0) for order in orders)


def _nameless(line: StatementLine, orders: _Orders) -> Found:
    """Never booked by itself: at most a suggestion, for a person."""
    candidates = {match[1] for text in line.texts for match in _LIKELY.finditer(squeeze(text))}
    for order in orders.values() if candidates else ():
        if order.remaining > 0 and any(
            OSA.distance(each[:LENGTH], order.reference) <= _MOST_SLIPS for each in candidates
        ):
            return V.LOOKS_LIKE, _alone(line, order)
    fitting = orders.that_wait_for(line.amount)
    # The right amount alone says little; of several orders with it, nothing.
    return (V.LOOKS_LIKE, _alone(line, fitting[0])) if len(fitting) == 1 else (V.UNKNOWN, ())


def _with_more(order: Payable, amount: int) -> Payable:
    net = order.net + amount
    state = order.state
    if state == OrderState.AWAITING_PAYMENT and order.total - net <= order.tolerance:
        state = OrderState.PAID
    return Payable(order.number, order.reference, order.currency, order.total, net, order.tolerance, state)


def _alone(line: StatementLine, order: Payable) -> tuple[tuple[str, int], ...]:
    return ((order.number, line.amount.minor),)
