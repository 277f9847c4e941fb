"""SIGKILL at every place of the worker's part of the line: the order ends right after a restart."""

import asyncio
import itertools
from uuid import UUID

import pytest
from procrastinate import App, PsycopgConnector
from sqlalchemy import func, select

from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.models import Certificate
from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.models import OrderState
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.straight_line.dying import dies, work_until
from tests.town import Town, fresh, place, run_until_quiet


def big_offer(works: Works) -> UUID:
    """An offer with units enough for every crash."""
    with works.sessions() as session:
        best = select(Offer.id).where(Offer.min_quantity == 1).order_by(Offer.quantity.desc()).limit(1)
        return session.execute(best).scalar_one()


def free_jobs_of_the_dead(works: Works) -> None:
    """What the worker does every few seconds, once the dead one has been silent for long enough."""

    async def free() -> None:
        address = works.settings.database_url or ""
        queue = App(connector=PsycopgConnector(conninfo=address, min_size=1))
        async with queue.open_async():
            for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=0):
                await queue.job_manager.retry_job(job)

    asyncio.run(free())


def assert_ended_right(works: Works, town: Town, order_id: UUID, payment_id: UUID, units: int) -> None:
    """Charged once, cancelled once, certified once."""
    captures = town.captures(payment_id)
    assert [capture["status"] for capture in captures] == ["COMPLETED"]
    with works.sessions() as session:
        (cancellation,) = cancellations_of(session, order_id)
        at_registry = [
            each
            for each in town.ledger(cancellation.mandate_id)["cancellations"]
            if each["client_reference"] == cancellation.client_reference
        ]
        assert [each["status"] for each in at_registry] == ["completed"]
        assert sum(span["count"] for span in at_registry[0]["serial_ranges"]) == units
        ours = [(span.printed, span.count) for span in cancellation.serial_ranges]
        assert sorted(ours) == sorted(
            (span["printed"], span["count"]) for span in at_registry[0]["serial_ranges"]
        )
        certificates = select(func.count()).where(Certificate.order_id == order_id)
        assert session.execute(certificates).scalar_one() == 1
        assert cancellation.line.offer.held == 0


@pytest.mark.timeout(600)
def test_a_worker_killed_anywhere_cancels_once_and_charges_once(shop: Works, town: Town) -> None:
    offer_id = big_offer(shop)
    places = 0
    for die_at in itertools.count(1):
        order = place(shop, {offer_id: 2}).orders[0]
        payment = start_checkout(shop, order.id)
        town.approve(payment, "no_webhook")
        with shop.sessions.begin() as session:
            defer(session, "look_at_payment", payment_id=payment.id)
        died = dies(work_until, shop.settings, die_at)
        if died:
            free_jobs_of_the_dead(shop)
            run_until_quiet(shop)
        assert fresh(shop, order).state == OrderState.COMPLETED, f"killed at place {die_at}"
        assert_ended_right(shop, town, order.id, payment.id, 2)
        if not died:
            break
        places = die_at
    # Seven calls and as many commits, before and after each: fewer places would mean that some are not seen.
    assert places >= 28
