"""Whatever happens in whatever order: nothing goes back twice, and never more than came."""

from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment
from app.domain.payments.proofs import check_proof
from app.domain.payments.queries import locked_order, net_paid
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.answer_refund import NothingToAnswer, answer_refund
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.begin_refund import (
    begin_refund,
    is_too_old,
    record_accepted,
    record_refusal,
)
from app.domain.payments.refunds.mind_refund import mind_refund
from app.domain.payments.refunds.request_refunds import request_refunds
from app.domain.payments.refunds.say_refund_sent import NothingToGiveBack, say_refund_sent
from app.domain.payments.refunds.settle_refunds import settle_refunds
from app.domain.payments.refunds.states import OPEN
from app.integrations.gateways.interface import Entry, PayState
from app.money import Money
from tests.domain.payments.attempts import make_payment, snapshot
from tests.factories import NOW

_PROOF = check_proof(b"%PDF-1.7 sample", "advice.pdf")
# The gateway has not been asked for these, and the provider has not said that they were sent.
_NOT_GONE = {RefundState.REQUESTED, RefundState.BY_HAND, RefundState.FAILED}
_nth = st.integers(0, 4)
_acts = st.one_of(
    st.tuples(st.just("comes"), st.sampled_from([28000, 28000, 10000, 500])),
    st.tuples(st.just("leaves_outside"), st.sampled_from([28000, 10000, 500])),
    st.tuples(st.just("is_charged_back"), st.sampled_from([28000, 500])),
    st.tuples(st.just("comes_back"), _nth),
    st.tuples(st.just("falls_due")),
    st.tuples(
        st.just("asks"), _nth, st.sampled_from(["done", "done", "later", "refused", "unknown", "lost"])
    ),
    st.tuples(st.just("asks"), _nth, st.sampled_from(["done", "later", "refused"])),
    st.tuples(st.just("gateway_finishes")),
    st.tuples(st.just("told_again")),
    st.tuples(st.just("sends"), _nth),
    st.tuples(st.just("answers"), _nth, st.booleans()),
    st.tuples(st.just("waits"), st.sampled_from([1, 5, 15])),
    st.tuples(st.just("settles")),
)


class World:
    """One payment at a gateway that knows our keys, and what the provider sends by hand."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.payment: Payment = make_payment(session)
        self.order: Order = self.payment.order
        self.now: datetime = NOW + timedelta(minutes=5)
        self.there: list[Entry] = []  # at the gateway
        self.waiting: list[Entry] = []
        self.by_key: dict[str, Entry] = {}
        self.by_hand: dict[Any, int] = {}  # refund → what the provider has sent and the buyer has
        self.number = 0

    def entry(self, kind: str, minor: int) -> Entry:
        self.number += 1
        return Entry(kind, f"{kind}-{self.number}", Money(minor, "USD"), self.now)

    def left(self) -> int:
        """What the gateway could give back."""
        came = sum(each.amount.minor for each in self.there if each.kind in {"receipt", "refund_failed"})
        gone = sum(each.amount.minor for each in self.there if each.kind in {"refund", "chargeback"})
        return came - gone - sum(each.amount.minor for each in self.waiting)

    def tell(self) -> None:
        told = snapshot(self.payment, PayState.CAPTURED, *self.there, in_parts=True)
        record_snapshot(self.session, self.payment.id, told, self.now)
        self.session.flush()

    def sent_by_hand(self) -> int:
        """What the provider has sent past the gateway, which does not know of it."""
        told = sum(entry.amount_minor for entry in self._entries() if entry.external_id.startswith("refund:"))
        sent = [each for each in refunds_of(self.session, self.order.id) if each.state == RefundState.SENT]
        return told + sum(each.amount_minor for each in sent)

    def nth(self, number: int, *states: RefundState) -> Refund | None:
        found = [each for each in refunds_of(self.session, self.order.id) if each.state in states]
        return found[number % len(found)] if found else None

    # What happens.

    def comes(self, minor: int) -> None:
        self.there.append(self.entry("receipt", minor))
        self.tell()

    def leaves_outside(self, minor: int) -> None:
        """On the gateway's own pages. Nobody gives back there what they have sent by hand."""
        if minor <= min(self.left(), self.left() - self.sent_by_hand()):
            self.there.append(self.entry("refund", minor))
            self.tell()

    def is_charged_back(self, minor: int) -> None:
        if minor <= min(self.left(), self.left() - self.sent_by_hand()):
            self.there.append(self.entry("chargeback", minor))
            self.tell()

    def comes_back(self, number: int) -> None:
        failed = {each.external_id for each in self.there if each.kind == "refund_failed"}
        done = [each for each in self.there if each.kind == "refund" and each.external_id not in failed]
        if done:
            one = done[number % len(done)]
            self.there.append(Entry("refund_failed", one.external_id, one.amount, self.now))
            self.tell()

    def falls_due(self) -> None:
        if self.order.state in {OrderState.PAID, OrderState.CANCELLING, OrderState.EXPIRED}:
            self.order.state = OrderState.REFUND_DUE
            request_refunds(self.session, self.order, "refused", self.now)

    def asks(self, number: int, outcome: str) -> None:
        refund = self.nth(number, RefundState.REQUESTED, RefundState.SUBMITTED, RefundState.IN_TRANSIT)
        row = begin_refund(self.session, refund.id, self.now) if refund is not None else None
        if row is None or outcome == "lost":
            return  # the process died before the call
        if is_too_old(row, self.now):
            self.tell()
            record_refusal(self.session, row.id, "never_finished", self.now)
            return
        key = str(row.id)
        if key not in self.by_key:
            if outcome == "refused" or row.amount_minor > self.left():
                record_refusal(self.session, row.id, "refund_amount_exceeded", self.now)
                return
            self.by_key[key] = self.entry("refund", row.amount_minor)
            (self.waiting if outcome == "later" else self.there).append(self.by_key[key])
        if outcome == "unknown":
            return  # it died before the answer was recorded
        self.tell()
        record_accepted(self.session, row.id, self.now)

    def gateway_finishes(self) -> None:
        self.there += self.waiting
        self.waiting = []
        self.tell()

    def told_again(self) -> None:
        self.tell()

    def sends(self, number: int) -> None:
        refund = self.nth(number, RefundState.BY_HAND, RefundState.FAILED)
        if refund is not None and refund.problem == "never_finished":
            self.gateway_finishes()  # the provider looks there first
        if refund is not None:
            say_refund_sent(self.session, refund.id, self.now.date(), "", _PROOF, None, self.now)

    def answers(self, number: int, came: bool) -> None:
        refund = self.nth(number, RefundState.SENT)
        if refund is not None:
            answer_refund(self.session, refund.id, came, self.now)

    def waits(self, days: int) -> None:
        self.now += timedelta(days=days)
        for refund in refunds_of(self.session, self.order.id):
            mind_refund(self.session, refund.id, self.now)

    def settles(self) -> None:
        settle_refunds(self.session, locked_order(self.session, self.order.id), self.now)

    # What must be so.

    def check(self) -> None:
        self.session.flush()
        refunds = refunds_of(self.session, self.order.id)
        net = net_paid(self.session, self.order)
        by_word = sum(
            entry.amount_minor for entry in self._entries() if entry.external_id.startswith("refund:")
        )
        came = sum(each.amount.minor for each in self.there if each.kind in {"receipt", "refund_failed"})
        gone = sum(each.amount.minor for each in self.there if each.kind in {"refund", "chargeback"})
        assert came - gone - by_word <= net, "the ledger says that something left which is still there"
        assert self.left() >= 0, "the gateway gave back what it had not"
        assert net >= 0, "more went back than had come"
        to_ask = sum(each.amount_minor for each in refunds if each.state in _NOT_GONE)
        gone_out = sum(each.amount_minor for each in refunds if each.state in OPEN - _NOT_GONE)
        keeps = self.order.state in {OrderState.CANCELLING, OrderState.PAID, OrderState.COMPLETED}
        there = net - (self.order.total_minor if keeps else 0)
        assert to_ask <= max(there - gone_out, 0), "more is to go back than is there"
        if self.order.state == OrderState.REFUNDED:
            assert (net, to_ask + gone_out) == (0, 0)
        if self.order.state == OrderState.REFUND_DUE:
            assert to_ask + gone_out >= net, "nothing is forgotten"

    def _entries(self):
        self.session.expire(self.payment, ["entries"])
        return self.payment.entries


# Most histories should get as far as a refund; half of those as far as the provider's task.
_begins = st.sampled_from(
    [
        [],
        [("comes", 500)],
        [("falls_due",)],
        [("falls_due",), ("asks", 0, "later")],
        [("falls_due",), ("asks", 0, "refused")],
        [("falls_due",), ("asks", 0, "refused"), ("sends", 0)],
    ]
)
_histories = st.builds(lambda begin, rest: begin + rest, _begins, st.lists(_acts, min_size=1, max_size=10))


@pytest.mark.timeout(600)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=_histories)
def test_books_are_right_after_any_history(session: Session, history: list[tuple[Any, ...]]) -> None:
    world = World(session)
    world.comes(28000)
    for name, *arguments in history:
        try:
            getattr(world, name)(*arguments)
        except (NothingToAnswer, NothingToGiveBack):
            continue
        world.check()
    world.gateway_finishes()
    world.check()
    session.expunge_all()
