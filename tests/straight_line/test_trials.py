"""Whatever happens to a trial, and wherever the process dies: nothing is held or cancelled, and all its money goes back."""

from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.cancellations.models import Cancellation
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderLine, OrderState
from app.domain.payments.models import PaymentState, ProviderPayeeAccount
from app.domain.payments.queries import net_paid
from app.domain.payments.trials.open_trial import open_trial
from app.settings import Settings
from app.shells.start_checkout import start_checkout
from tests.databases import Database
from tests.simulation import World
from tests.thorough import THOROUGH
from tests.traces import payloads, steps

_number = st.integers(0, 2)
_acts = st.one_of(
    st.tuples(st.just("try_out")),
    st.tuples(st.just("start"), _number),
    st.tuples(
        st.just("approve"), _number, st.sampled_from(["approve", "approve", "decline", "pending", "denied"])
    ),
    st.tuples(st.just("gateway_moves"), _number, st.sampled_from(["reverse", "settle", "deny"])),
    st.tuples(st.just("notify"), _number),
    st.tuples(
        st.just("fault"),
        st.sampled_from(["start", "fetch", "capture", "refund"]),
        st.sampled_from(["unknown", "away"]),
        st.booleans(),
    ),
    st.tuples(st.just("policy"), st.sampled_from(["at_once", "delay", "review"])),
    st.tuples(st.just("decide"), _number, st.sampled_from(["release", "refuse"])),
    st.tuples(st.just("choose"), _number, st.sampled_from(["units", "money"])),
    st.tuples(st.just("pass_time"), st.sampled_from([1, 5, 31, 150, 1500])),
    st.tuples(st.just("run_jobs"), st.integers(1, 8)),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("crash"), st.integers(1, 12)),
)
# A provider who simply tries its account out, and a crash somewhere in it.
_tries = st.builds(
    lambda crash, outcome: [
        ("try_out",),
        ("approve", 0, outcome),
        ("notify", 0),
        *([("crash", crash)] if crash else []),
        ("run_jobs", 4),
    ],
    st.integers(0, 12),
    st.sampled_from(["approve", "approve", "pending"]),
)
_histories = st.lists(st.one_of(_acts.map(lambda act: [act]), _tries), min_size=2, max_size=10).map(
    lambda parts: [act for part in parts for act in part]
)


@dataclass
class Trials(World):
    """A provider with units on offer and an account that nobody has tried out yet."""

    def open(self, *quantities: int) -> None:
        super().open(*quantities)
        with self.sessions.begin() as session:
            account = session.scalars(select(ProviderPayeeAccount)).one()
            account.tested_at, self.account = None, account.id

    def try_out(self) -> None:
        def act() -> None:
            with self.sessions.begin() as session:
                order_id = open_trial(session, self.account, self.person, "en", self.clock).id
            if order_id not in self.orders:
                self.orders.append(order_id)
            start_checkout(self.works, order_id)

        self.survive(act)

    def check_nothing_is_touched(self) -> None:
        """At every moment, in the database and at the registry."""
        with self.sessions() as session:
            assert session.scalar(select(func.count(OrderLine.id))) == 0
            assert session.scalar(select(func.count(Cancellation.id))) == 0
            assert session.scalar(select(func.sum(Offer.held + Offer.cancelled))) == 0
        assert list(self.registry.cancellations()) == []

    def check_money_is_back(self) -> None:
        """At rest. Tested is what has once been paid in full, and nothing else."""
        with self.sessions() as session:
            orders = session.scalars(select(Order)).all()
            assert all(order.trial for order in orders)
            for order in orders:
                assert order.state in {OrderState.EXPIRED, OrderState.REFUNDED}, order.state
                assert net_paid(session, order) == 0
                captured = any(
                    payment.state == PaymentState.CAPTURED for payment in self._payments_of(session, order.id)
                )
                assert ("end_trial" in steps(session, order.id)) == captured
                assert captured == (order.state == OrderState.REFUNDED)
            tested = session.get_one(ProviderPayeeAccount, self.account).tested_at
            ended = [order for order in orders if order.state == OrderState.REFUNDED]
            assert (tested is not None) == bool(ended)
            assert len(payloads(session, self.account, "payee_account.tested")) == len(ended)


@pytest.mark.timeout(600)
@settings(
    max_examples=60 if THOROUGH else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=_histories)
def test_a_trial_touches_no_unit_and_gives_its_money_back(
    database: Database, sessions: sessionmaker[Session], settings: Settings, history: list[tuple]
) -> None:
    assert database.restore()
    world = Trials(sessions=sessionmaker(sessions.kw["bind"], expire_on_commit=False), settings=settings)
    world.open(10, 12)
    for name, *arguments in history:
        if name == "crash":
            world.crash_after = arguments[0]
        else:
            getattr(world, name)(*arguments)
        crash_after, world.crash_after = world.crash_after, None
        world.check_nothing_is_touched()
        world.crash_after = crash_after
    world.come_to_rest()
    world.check_nothing_is_touched()
    world.check_money_is_back()
