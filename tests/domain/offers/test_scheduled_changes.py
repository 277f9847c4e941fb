"""What is scheduled for an offer happens once, at its time, or is dropped with a reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from app.domain.offers.apply_offer_change import apply_offer_change
from app.domain.offers.ask_offer_change import LATEST, WAITING_MAX, ChangeRefused, ask_offer_change
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.planned_changes import changes_past_due
from app.domain.offers.put_terms import TermsImpossible
from app.domain.offers.queries import planned_changes
from app.domain.offers.series import NoSuchOffer
from app.domain.offers.terms_models import ChangeKind, OfferChange, OfferChangeState
from app.domain.offers.withdraw_offer import withdraw_offer
from app.domain.offers.withdraw_offer_change import withdraw_offer_change
from app.domain.people.models import Person
from app.domain.states import IllegalStep
from tests.domain.offers.people import make_person
from tests.factories import NOW, make_offer, make_provider
from tests.traces import payloads, steps, timed_jobs

LATER = NOW + timedelta(days=3)


@pytest.fixture
def person(session: Session) -> Person:
    return make_person(session)


@pytest.fixture
def offer(session: Session) -> Offer:
    return make_offer(session, price="11.20", tiers={10: "10.00"})


def ask(session, offer, person, kind=ChangeKind.PRICE, price=1250, due_at=LATER) -> OfferChange:
    price = price if kind == ChangeKind.PRICE else None
    return ask_offer_change(session, offer.provider_id, offer.id, kind, price, due_at, person.id, NOW)


def test_a_price_changes_at_its_time_and_once(session, offer, person):
    change = ask(session, offer, person)
    assert timed_jobs(session, "apply_offer_change") == [({"change_id": str(change.id)}, LATER)]
    assert apply_offer_change(session, change.id, LATER - timedelta(seconds=1)).state == "waiting"
    assert offer.price_minor == 1120
    for _ in range(2):
        apply_offer_change(session, change.id, LATER)
    session.flush()
    assert (offer.price_minor, change.state, change.settled_at) == (1250, OfferChangeState.APPLIED, LATER)
    [said] = payloads(session, offer.id, "offer.changed")
    assert (said["change_id"], said["after"]) == (str(change.id), {"price": "12.50 USD"})
    assert steps(session, change.id) == ["apply"]


def test_the_sale_is_paused_and_resumed_by_itself(session, offer, person):
    pause = ask(session, offer, person, ChangeKind.PAUSE)
    resume = ask(session, offer, person, ChangeKind.RESUME, due_at=LATER + timedelta(days=1))
    apply_offer_change(session, pause.id, LATER)
    assert offer.state == OfferState.PAUSED
    apply_offer_change(session, resume.id, LATER + timedelta(days=1))
    assert offer.state == OfferState.PUBLISHED
    session.flush()
    assert [said["change_id"] for said in payloads(session, offer.id, "offer.step")] == [
        str(pause.id),
        str(resume.id),
    ]


@pytest.mark.parametrize(
    "kind, state",
    [
        (ChangeKind.RESUME, OfferState.PUBLISHED),
        (ChangeKind.PAUSE, OfferState.SUSPENDED),
        (ChangeKind.PRICE, OfferState.DELISTED),
    ],
)
def test_what_does_not_fit_the_state_is_dropped_with_a_reason(session, offer, person, kind, state):
    change = ask(session, offer, person, kind)
    offer.state = state
    session.flush()
    apply_offer_change(session, change.id, LATER)
    session.flush()
    assert (offer.state, offer.price_minor) == (state, 1120)
    assert (change.state, change.problem) == (OfferChangeState.DROPPED, "state")
    [said] = payloads(session, change.id, "offer_change.settled")
    assert said["why"] == "state"


def test_a_price_below_those_for_larger_orders_is_refused_and_dropped(session, offer, person):
    with pytest.raises(TermsImpossible):
        ask(session, offer, person, price=1000)
    change = ask(session, offer, person, price=1100)
    offer.tiers[0].price_minor = 1110
    session.flush()
    apply_offer_change(session, change.id, LATER)
    session.flush()
    assert (change.problem, offer.price_minor) == ("terms", 1120)


@pytest.mark.parametrize("due_at, code", [(NOW, "past"), (NOW + LATEST + timedelta(1), "too_late")])
def test_a_time_that_cannot_be(session, offer, person, due_at, code):
    with pytest.raises(ChangeRefused) as refused:
        ask(session, offer, person, due_at=due_at)
    assert refused.value.code == code


def test_there_is_an_end_to_scheduling(session, offer, person):
    for _ in range(WAITING_MAX):
        ask(session, offer, person)
    with pytest.raises(ChangeRefused, match="too_many"):
        ask(session, offer, person)
    offer.state = OfferState.WITHDRAWN
    session.flush()
    with pytest.raises(ChangeRefused, match="ended"):
        ask(session, offer, person)


def test_a_change_is_withdrawn_by_its_own_provider_before_its_time(session, offer, person):
    change = ask(session, offer, person)
    with pytest.raises(NoSuchOffer):
        withdraw_offer_change(session, make_provider(session).id, change.id, person.id, NOW)
    withdraw_offer_change(session, offer.provider_id, change.id, person.id, NOW)
    with pytest.raises(IllegalStep):
        withdraw_offer_change(session, offer.provider_id, change.id, person.id, NOW)
    apply_offer_change(session, change.id, LATER)
    session.flush()
    assert (offer.price_minor, change.state) == (1120, OfferChangeState.WITHDRAWN)


def test_nothing_is_to_come_for_an_offer_that_was_withdrawn(session, offer, person):
    change = ask(session, offer, person)
    withdraw_offer(session, uuid4(), offer.provider, offer.id, person.id, [], NOW)
    assert change.state == OfferChangeState.WITHDRAWN


def test_what_no_job_looks_after_is_found(session, offer, person):
    change = ask(session, offer, person)
    assert changes_past_due(session, LATER) == []
    assert changes_past_due(session, LATER + timedelta(minutes=6)) == [change.id]
    apply_offer_change(session, change.id, LATER)
    session.flush()
    assert changes_past_due(session, LATER + timedelta(minutes=6)) == []
    assert planned_changes(session, offer.id) == [], "the trail of the offer tells of it"
