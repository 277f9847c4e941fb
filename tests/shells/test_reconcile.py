"""Comparing with the registry: equal books show nothing, every planted difference shows, and what is healed goes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.catalogue.models import Mandate
from app.domain.orders.models import Order
from app.domain.people.reasons import ReasonMissing
from app.domain.reconciliation.begin_run import begin_run
from app.domain.reconciliation.explain_difference import explain_difference
from app.domain.reconciliation.models import Difference, DifferenceState, ReconciliationRun
from app.domain.reconciliation.queries import registry_standing
from app.domain.states import IllegalStep
from app.integrations.errors import TryAgain
from app.settings import Settings
from app.shells.reconcile import begin_nightly_run, reconcile
from tests.domain.people.samples import make_administrator
from tests.journey import Journey
from tests.traces import jobs

LATER = timedelta(hours=2)  # nothing is on its way any more


@pytest.fixture
def journey(settings: Settings, engine: Engine) -> Journey:
    return Journey(settings, engine)


def compare(journey: Journey) -> ReconciliationRun:
    with journey.sessions.begin() as session:
        run = begin_run(session, journey.now)
    reconcile(journey.works, run.id)
    with journey.sessions() as session:
        return session.get_one(ReconciliationRun, run.id)


def standing(journey: Journey) -> dict[str, Difference]:
    with journey.sessions() as session:
        found = session.scalars(select(Difference).where(Difference.state != DifferenceState.GONE))
        return {each.kind: each for each in found}


def cancellation_of(session: Session, order: Order) -> Cancellation:
    return session.scalars(
        select(Cancellation).where(Cancellation.line.has(order_id=order.id)).limit(1)
    ).one()


def test_equal_books_show_nothing(journey: Journey):
    done, under_way = journey.place(20, 5), journey.place(7)
    journey.complete(done)
    journey.pay(under_way)
    run = compare(journey)
    assert (run.cancellations, run.mandates, run.found, run.problem) == (2, 3, 0, None)
    assert standing(journey) == {}


def lost_there(journey: Journey, order: Order) -> None:
    """The registry has forgotten what it said."""
    journey.registry._cancellations.clear()


def unknown_here(journey: Journey, order: Order) -> None:
    [known, *_] = journey.registry._cancellations.values()
    journey.registry._keep(replace(known, cancellation_id="CAN-X", client_reference="somebody-elses"))


def other_state(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        cancellation_of(session, order).state = CancellationState.REFUSED


def other_serials(journey: Journey, order: Order) -> None:
    [known, *_] = journey.registry._cancellations.values()
    first, *rest = known.serial_ranges
    other = (replace(first, printed=f"{first.printed}-X"), *rest)
    journey.registry._keep(replace(known, serial_ranges=other))


def another_mandate_here(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        known = session.get_one(Mandate, journey.mandate_of(order))
        session.execute(
            text(
                "INSERT INTO mandate (mandate_id, account_id, block_id, quantity, quantity_remaining, status, granted_by,"
                " registry_updated_at, read_at) SELECT 'MND-NOWHERE', account_id, block_id, 1, 1, status, granted_by,"
                " registry_updated_at, read_at FROM mandate WHERE mandate_id = :known"
            ),
            {"known": known.mandate_id},
        )


def used_otherwise(journey: Journey, order: Order) -> None:
    mandate = journey.registry.mandate(journey.mandate_of(order))
    journey.registry.change_mandate(mandate.mandate_id, quantity_remaining=mandate.quantity_remaining - 1)


def miscounted_offer(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        session.get_one(Order, order.id).lines[0].offer.cancelled -= 1


def held_beyond(journey: Journey, order: Order) -> None:
    with journey.sessions.begin() as session:
        offer = session.get_one(Order, order.id).lines[0].offer
        offer.held = 2
    journey.registry.change_mandate(journey.mandate_of(order), quantity_remaining=1)


PLANTED: list[tuple[Callable[[Journey, Order], None], str]] = [
    (lost_there, "cancellation_only_here"),
    (unknown_here, "cancellation_only_there"),
    (other_state, "cancellation_state"),
    (other_serials, "cancellation_content"),
    (another_mandate_here, "mandate_only_here"),
    (used_otherwise, "mandate_cancelled"),
    (miscounted_offer, "offer_cancelled"),
    (held_beyond, "offer_held"),
]


@pytest.mark.parametrize("plant, kind", PLANTED, ids=[kind for _, kind in PLANTED])
def test_a_planted_difference_is_found_once_and_goes_when_it_is_healed(
    journey: Journey, plant: Callable[[Journey, Order], None], kind: str
):
    order = journey.place(20)
    journey.complete(order)
    journey.passed += LATER
    plant(journey, order)
    run = compare(journey)
    found = standing(journey)
    assert kind in found
    assert run.found == len(found)
    compare(journey)
    assert {each: row.id for each, row in standing(journey).items()} == {
        each: row.id for each, row in found.items()
    }, "the same difference is the same row"


def test_what_is_healed_goes_and_the_number_with_it(journey: Journey):
    order = journey.place(20)
    journey.complete(order)
    journey.passed += LATER
    miscounted_offer(journey, order)
    compare(journey)
    with journey.sessions() as session:
        assert (registry_standing(session).open, registry_standing(session).cancellations) == (1, 1)
    with journey.sessions.begin() as session:
        session.get_one(Order, order.id).lines[0].offer.cancelled += 1
    assert compare(journey).found == 0
    with journey.sessions() as session:
        [gone] = session.scalars(select(Difference))
        assert (gone.state, registry_standing(session).open) == (DifferenceState.GONE, 0)


@pytest.mark.parametrize("status", ["revoked", "expired"])
def test_what_an_ended_mandate_gave_back_is_no_difference(journey: Journey, status: str):
    order = journey.place(20)
    journey.complete(order)
    journey.passed += LATER
    ends(journey, order, status, remaining=0)
    assert compare(journey).found == 0
    ends(journey, order, status, remaining=journey.registry.mandate(journey.mandate_of(order)).quantity)
    compare(journey)
    assert set(standing(journey)) == {"mandate_cancelled"}, "less than we have had cancelled"


def ends(journey: Journey, order: Order, status: str, remaining: int) -> None:
    """Both sides say so."""
    journey.registry.change_mandate(journey.mandate_of(order), status=status, quantity_remaining=remaining)
    with journey.sessions.begin() as session:
        known = session.get_one(Mandate, journey.mandate_of(order))
        known.status, known.quantity_remaining = status, remaining


def test_what_is_on_its_way_is_no_difference(journey: Journey):
    order = journey.place(20)
    journey.complete(order)
    with journey.sessions.begin() as session:
        cancellation_of(session, order).state = CancellationState.UNKNOWN
    compare(journey)
    assert "cancellation_state" not in standing(journey)
    journey.passed += LATER
    compare(journey)
    assert "cancellation_state" in standing(journey)


def test_an_explained_difference_counts_no_more_until_a_side_changes(journey: Journey):
    order = journey.place(20)
    journey.complete(order)
    journey.passed += LATER
    unknown_here(journey, order)
    compare(journey)
    difference = standing(journey)["cancellation_only_there"]
    with journey.sessions.begin() as session:
        ada = make_administrator(session, "ada@example.org")
        with pytest.raises(ReasonMissing):
            explain_difference(session, difference.id, " ", ada.id, journey.now)
        explain_difference(session, difference.id, "A trial of the registry's.", ada.id, journey.now)
        with pytest.raises(IllegalStep):
            explain_difference(session, difference.id, "Again.", ada.id, journey.now)
    assert compare(journey).found == 0
    with journey.sessions() as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.event == "difference.step")).one()
        assert (row.actor_person_id, row.payload["reason"]) == (ada.id, "A trial of the registry's.")
    other = replace(journey.registry._cancellations["CAN-X"], quantity=3)
    journey.registry._keep(other)
    assert compare(journey).found == 1


def test_a_registry_that_breaks_off_lets_nothing_go(journey: Journey):
    order = journey.place(20)
    journey.complete(order)
    journey.passed += LATER
    miscounted_offer(journey, order)
    compare(journey)
    journey.registry.fail_next("cancellations", TryAgain("registry_unavailable"))
    run = compare(journey)
    assert (run.ended_at is not None, run.problem) == (True, "TryAgain: registry_unavailable")
    assert set(standing(journey)) == {"offer_cancelled"}


def test_one_comparison_at_a_time_and_a_finished_one_is_not_made_again(journey: Journey):
    begin_nightly_run(journey.works)
    with journey.sessions.begin() as session:
        [asked] = jobs(session, "reconcile")
        assert str(begin_run(session, journey.now).id) == asked["run_id"]
        assert len(jobs(session, "reconcile")) == 1
    run = compare(journey)
    calls = len(journey.registry.calls)
    reconcile(journey.works, run.id)
    assert len(journey.registry.calls) == calls
