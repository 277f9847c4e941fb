"""Whatever the order of buyers, payments, expiries, repeats, faults and crashes: the books are right."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from tests.databases import Database
from tests.simulation import World
from tests.thorough import THOROUGH

_order_number = st.integers(0, 3)
_acts = st.one_of(
    st.tuples(
        st.just("order"), st.dictionaries(st.integers(0, 1), st.integers(1, 7), min_size=1, max_size=2)
    ),
    st.tuples(st.just("start"), _order_number),
    st.tuples(
        st.just("approve"),
        _order_number,
        st.sampled_from(["approve", "approve", "approve", "decline", "pending", "denied"]),
    ),
    st.tuples(st.just("gateway_moves"), _order_number, st.sampled_from(["reverse", "settle", "deny"])),
    st.tuples(st.just("notify"), _order_number),
    st.tuples(st.just("withdraw"), _order_number),
    st.tuples(
        st.just("fault"),
        st.sampled_from(["start", "fetch", "capture", "cancel", "mandate", "refund"]),
        st.sampled_from(["unknown", "away"]),
        st.booleans(),
    ),
    st.tuples(st.just("refuse_cancellation")),
    st.tuples(st.just("policy"), st.sampled_from(["at_once", "delay", "review"])),
    st.tuples(st.just("decide"), _order_number, st.sampled_from(["release", "refuse"])),
    st.tuples(st.just("choose"), _order_number, st.sampled_from(["units", "money"])),
    st.tuples(st.just("take_back"), _order_number),
    st.tuples(st.just("complete_accepted")),
    st.tuples(st.just("accept_next")),
    st.tuples(st.just("pass_time"), st.sampled_from([1, 5, 31, 150, 1500])),
    st.tuples(st.just("run_jobs"), st.integers(1, 8)),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("crash"), st.integers(1, 12)),
)
# Most sequences should get as far as money and cancellations: a buyer who simply buys, cut into pieces.
_buys = st.builds(
    lambda units, number, outcome: [
        ("order", {0: units}),
        ("start", number),
        ("approve", number, outcome),
        ("notify", number),
        ("run_jobs", 3),
    ],
    st.integers(1, 7),
    _order_number,
    st.sampled_from(["approve", "approve", "pending"]),
)
_histories = st.lists(st.one_of(_acts.map(lambda act: [act]), _buys), min_size=3, max_size=14).map(
    lambda parts: [act for part in parts for act in part]
)


@pytest.mark.timeout(600)
@settings(
    max_examples=120 if THOROUGH else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=_histories)
def test_books_are_right_after_any_history(
    database: Database, sessions: sessionmaker[Session], settings: Settings, history: list[tuple]
) -> None:
    # What earlier histories left is neither looked at again nor swept up again.
    assert database.restore()
    world = World(sessions=_own(sessions), settings=settings)
    world.open(10, 12)
    for name, *arguments in history:
        if name == "crash":
            world.crash_after = arguments[0]
        elif name == "accept_next":
            world.registry.accept_next()
        else:
            getattr(world, name)(*arguments)
        crash_after, world.crash_after = world.crash_after, None
        world.check_always()
        world.crash_after = crash_after
    world.come_to_rest()
    world.check_always()
    world.check_at_rest()


def _own(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """A maker of one's own, so that one history's crashes do not listen in on the next."""
    return sessionmaker(sessions.kw["bind"], expire_on_commit=False)
