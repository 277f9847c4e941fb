"""A worker that dies anywhere while an order that waited is released, or gets other units: cancelled once, charged once."""

import itertools
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.domain.cancellations.models import CancellationState
from app.domain.cancellations.queries import cancellations_of
from app.domain.orders.models import Order, OrderState
from app.settings import Settings
from tests.simulation import World

_DAY = 24 * 60 + 1
_JOBS = 3  # releasing, and asking the registry; what comes after is killed in test_crashes.py


def delayed(world: World) -> None:
    """Paid, and the wait is just over."""
    world.policy("delay")
    _buy(world)
    world.pass_time(_DAY)


def released(world: World) -> None:
    """Paid, and somebody at the provider has just said that the units may be cancelled."""
    world.policy("review")
    _buy(world)
    world.decide(0, "release")


def substituted(world: World) -> None:
    """Paid, refused by the registry, and the buyer has just chosen other units."""
    world.refuse_cancellation()
    _buy(world)
    world.choose(0, "units")


def _buy(world: World) -> None:
    world.order({0: 3})
    world.start(0)
    world.approve(0, "approve")
    world.notify(0)
    world.run_jobs(20)


@pytest.mark.parametrize("bring", [delayed, released, substituted])
def test_a_worker_that_dies_anywhere_cancels_once(
    sessions: sessionmaker[Session], settings: Settings, bring: Callable[[World], None]
) -> None:
    places = 0
    for die_at in itertools.count(1):
        own = sessionmaker(sessions.kw["bind"], expire_on_commit=False)
        world = World(sessions=own, settings=settings)
        world.open(10, 12)
        bring(world)
        world.crash_after = die_at
        world.run_jobs(_JOBS)
        died = world.crash_after is None
        world.crash_after = None
        world.run_jobs(30)
        world.check_always()
        with own() as session:
            order = session.get_one(Order, world.orders[0])
            assert order.state == OrderState.COMPLETED, f"died at place {die_at}"
            [cancellation] = cancellations_of(session, order.id)
            assert cancellation.state == CancellationState.COMPLETED
        assert len(list(world.registry.cancellations())) == 1
        if not died:
            break
        places = die_at
    # Around a call and two commits at the least: fewer would mean that some are not seen.
    assert places >= 6
