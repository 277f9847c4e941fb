"""What its provider does to an offer that is on sale, and to all that was added to it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.catalogue.models import Mandate
from app.domain.mandates.models import ActState
from app.domain.offers.change_offer import change_offer
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.own_offers import own_offers_page, read_series
from app.domain.offers.pause_offer import pause_offer
from app.domain.offers.put_terms import Terms, TermsImpossible, check_terms, terms_of
from app.domain.offers.resume_offer import resume_offer
from app.domain.offers.series import NoSuchOffer
from app.domain.offers.submit_offer import submit_offer
from app.domain.offers.take_back_units import take_back_units
from app.domain.offers.withdraw_offer import withdraw_offer
from app.domain.orders.hold import NotAvailable, hold_units, release_units, spend_units
from app.domain.people.models import Person, Provider
from app.domain.states import IllegalStep
from tests.domain.offers.people import make_person
from tests.factories import NOW, make_mandate, make_offer, make_order, make_provider
from tests.traces import payloads, steps

DAY = timedelta(days=1)


@pytest.fixture
def person(session: Session) -> Person:
    return make_person(session)


@pytest.fixture
def provider(session: Session) -> Provider:
    return make_provider(session)


def make_series(session: Session, provider: Provider, **fields: object) -> tuple[Offer, Offer]:
    """An offer of 100 tonnes, and 40 that were added to it later."""
    head = make_offer(session, provider=provider, quantity=100, **fields)  # type: ignore[arg-type]
    part = make_offer(
        session,
        provider=provider,
        mandate=make_mandate(session, provider, quantity=40, activity=head.mandate.block.activity),
        quantity=40,
        added_to=head.id,
        created_at=NOW + DAY,
    )
    return head, part


def accounts(provider: Provider) -> list[str]:
    return [each.account_id for each in provider.registry_accounts]


def withdraw(session: Session, offer: Offer, person: Person, key: UUID | None = None) -> list[str]:
    """The mandates that the registry is to be asked for."""
    acts = withdraw_offer(
        session, key or uuid4(), offer.provider, offer.id, person.id, accounts(offer.provider), NOW
    )
    session.flush()
    assert {act.state for act in acts} <= {ActState.ASKED}
    return [act.mandate_id or "" for act in acts]


# Terms.


def test_terms_hold_for_the_whole_series_and_the_trail_says_what_changed(session, provider, person):
    head, part = make_series(session, provider, price="11.20")
    order = make_order(session, head, 10)
    terms = Terms(1250, 5, 60, NOW, NOW + DAY, ((10, 1100), (50, 1000)), {"en": "From the hills.", "fr": ""})
    assert change_offer(session, provider.id, part.id, terms, person.id, NOW)
    session.flush()
    session.expire_all()
    for offer in (head, part):
        assert terms_of(offer) == replace(terms, texts={"en": "From the hills."})
    assert order.lines[0].price.minor == 1120, "an order keeps its price"
    [said] = payloads(session, head.id, "offer.changed")
    assert said["before"] == {
        "price": "11.20 USD",
        "min_quantity": 1,
        "max_quantity": None,
        "on_sale_from": None,
        "on_sale_until": None,
        "tiers": [],
        "texts": {},
    }
    assert said["after"]["tiers"] == [[10, "11.00 USD"], [50, "10.00 USD"]]
    assert not change_offer(session, provider.id, head.id, terms, person.id, NOW), "nothing was new"
    assert len(payloads(session, head.id, "offer.changed")) == 1
    # Lines of prices go and come as they are wanted.
    fewer = replace(terms, tiers=((50, 900),), texts={})
    assert change_offer(session, provider.id, head.id, fewer, person.id, NOW)
    session.flush()
    session.expire_all()
    assert terms_of(part) == fewer


@pytest.mark.parametrize(
    "changes, field, code",
    [
        ({"price_minor": 0}, "price", "not_positive"),
        ({"min_quantity": 0}, "min_quantity", "not_positive"),
        ({"min_quantity": 5, "max_quantity": 4}, "max_quantity", "below_least"),
        ({"on_sale_from": NOW, "on_sale_until": NOW}, "on_sale_until", "not_after"),
        ({"tiers": ((1, 900),)}, "tier", "not_rising"),
        ({"tiers": ((10, 900), (10, 800))}, "tier", "not_rising"),
        ({"tiers": ((10, 1000),)}, "tier", "not_falling"),
        ({"tiers": ((10, 900), (20, 900))}, "tier", "not_falling"),
        ({"tiers": ((10, 0),)}, "tier", "not_positive"),
        ({"tiers": tuple((units, 900 - units) for units in range(2, 8))}, "tier", "too_many"),
        ({"texts": {"en": "x" * 1001}}, "text", "too_long"),
        ({"texts": {"en": "A carbon neutral holiday."}}, "text", "claim"),
    ],
)
def test_terms_that_cannot_be(changes, field, code):
    check_terms(Terms(1000))
    with pytest.raises(TermsImpossible) as refused:
        check_terms(replace(Terms(1000), **changes))
    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_last_day_that_has_passed_stays_and_is_not_set(session, provider, person):
    offer = make_offer(session, provider=provider, on_sale_until=NOW - DAY)
    kept = terms_of(offer)
    assert change_offer(session, provider.id, offer.id, replace(kept, price_minor=1), person.id, NOW)
    with pytest.raises(TermsImpossible):
        change_offer(
            session, provider.id, offer.id, replace(kept, on_sale_until=NOW - 2 * DAY), person.id, NOW
        )


@pytest.mark.parametrize("state", ["in_review", "withdrawn", "sold_out", "delisted"])
def test_what_is_reviewed_or_has_ended_is_not_changed(session, provider, person, state):
    offer = make_offer(session, provider=provider, state=OfferState(state))
    with pytest.raises(IllegalStep):
        change_offer(session, provider.id, offer.id, Terms(1), person.id, NOW)


def test_anothers_offer_is_not_there(session, provider, person):
    theirs = make_offer(session)
    for act in (pause_offer, resume_offer, submit_offer):
        with pytest.raises(NoSuchOffer):
            act(session, provider.id, theirs.id, person.id, NOW)
    with pytest.raises(NoSuchOffer):
        change_offer(session, provider.id, theirs.id, Terms(1), person.id, NOW)
    with pytest.raises(NoSuchOffer):
        withdraw_offer(session, uuid4(), provider, theirs.id, person.id, [], NOW)
    with pytest.raises(NoSuchOffer):
        take_back_units(session, uuid4(), provider, theirs.id, person.id, [], NOW)
    assert read_series(session, theirs.id, NOW, provider.id) is None


# Pausing.


def test_the_whole_series_is_paused_and_resumed(session, provider, person):
    head, part = make_series(session, provider)
    pause_offer(session, provider.id, part.id, person.id, NOW)
    assert {head.state, part.state} == {OfferState.PAUSED}
    session.flush()
    with pytest.raises(NotAvailable):
        hold_units(session, {part.id: 1}, NOW)
    with pytest.raises(IllegalStep):
        pause_offer(session, provider.id, head.id, person.id, NOW)
    resume_offer(session, provider.id, head.id, person.id, NOW)
    assert {head.state, part.state} == {OfferState.PUBLISHED}
    session.flush()
    assert steps(session, part.id) == ["pause", "resume"]


def test_what_was_sold_to_the_last_unit_while_paused_is_sold_out_afterwards(session, provider, person):
    offer = make_offer(session, provider=provider, quantity=10)
    make_order(session, offer, 10)
    pause_offer(session, provider.id, offer.id, person.id, NOW)
    spend_units(session, offer.id, 10, NOW)
    session.flush()
    assert offer.state == OfferState.PAUSED
    resume_offer(session, provider.id, offer.id, person.id, NOW)
    assert offer.state == OfferState.SOLD_OUT


def test_a_draft_that_was_sent_back_is_submitted_again(session, provider, person):
    offer = make_offer(session, provider=provider, state=OfferState.DRAFT, state_reason="No picture.")
    submit_offer(session, provider.id, offer.id, person.id, NOW)
    assert (offer.state, offer.state_reason) == (OfferState.IN_REVIEW, None)


# Withdrawing.


def test_what_nobody_holds_is_taken_back_at_once(session, provider, person):
    head, part = make_series(session, provider)
    assert withdraw(session, head, person) == [head.mandate_id, part.mandate_id]
    assert {head.state, part.state} == {OfferState.WITHDRAWN}
    with pytest.raises(NotAvailable):
        hold_units(session, {head.id: 1}, NOW)
    with pytest.raises(IllegalStep):
        withdraw(session, head, person)


def test_units_that_orders_hold_stay_until_these_have_ended(session, provider, person):
    head, part = make_series(session, provider)
    order = make_order(session, head, 10)
    key = uuid4()
    assert withdraw(session, head, person, key) == [part.mandate_id], "the buyer's units stay earmarked"

    def again(key: UUID) -> list[str]:
        acts = take_back_units(session, key, provider, head.id, person.id, accounts(provider), NOW)
        session.flush()
        return [act.mandate_id or "" for act in acts]

    assert again(uuid4()) == [], "one is held, the other is asked for already"
    release_units(session, order)
    session.flush()
    assert again(uuid4()) == [head.mandate_id]
    assert again(uuid4()) == []


def test_only_accounts_that_the_person_represents_are_taken_back_from(session, provider, person):
    offer = make_offer(session, provider=provider)
    assert withdraw_offer(session, uuid4(), provider, offer.id, person.id, ["A6.4-ACC-1"], NOW) == []
    assert offer.state == OfferState.WITHDRAWN


def test_a_mandate_on_which_another_offer_stands_is_not_taken_back(session, provider, person):
    old = make_offer(session, provider=provider, state=OfferState.WITHDRAWN)
    make_offer(session, provider=provider, mandate=old.mandate)
    assert take_back_units(session, uuid4(), provider, old.id, person.id, accounts(provider), NOW) == []


@pytest.mark.parametrize("change", [{"status": "revoked"}, {"quantity_remaining": 0}])
def test_where_nothing_is_earmarked_any_more_nobody_is_asked(session, provider, person, change):
    offer = make_offer(session, provider=provider)
    for name, value in change.items():
        setattr(session.get_one(Mandate, offer.mandate_id), name, value)
    session.flush()
    assert withdraw(session, offer, person) == []


# Reading.


def test_a_series_is_one_entry_of_the_list_with_its_parts(session, provider, person):
    head, part = make_series(session, provider, held=3, cancelled=7)
    older = make_offer(session, provider=provider, created_at=NOW - DAY)
    make_offer(session)
    page = own_offers_page(session, provider.id, NOW)
    assert [[own.offer for own in series.all] for series in page.rows] == [[head, part], [older]]
    first = page.rows[0]
    assert (first.remaining, first.held, first.cancelled, first.standing) == (130, 3, 7, "on_sale")
    assert [series.head.offer for series in own_offers_page(session, provider.id, NOW, head.id).rows] == [
        older
    ]
    assert read_series(session, part.id, NOW) == first


@pytest.mark.parametrize(
    "fields, standing",
    [
        ({"state": OfferState.PAUSED}, "paused"),
        ({"on_sale_until": NOW}, "ended"),
        ({"on_sale_from": NOW + DAY}, "not_yet"),
        ({"held": 99, "min_quantity": 2}, "all_held"),
        ({"state": OfferState.SOLD_OUT, "cancelled": 100}, "sold_out"),
        ({}, "on_sale"),
    ],
)
def test_how_an_offer_stands(session, provider, fields, standing):
    offer = make_offer(session, provider=provider, **fields)
    found = read_series(session, offer.id, NOW)
    assert found is not None
    assert found.standing == standing


def test_a_mandate_that_ended_is_said(session, provider):
    offer = make_offer(session, provider=provider)
    for status, standing in (("revoked", "taken_back"), ("expired", "run_out"), ("suspended", "not_on_sale")):
        session.get_one(Mandate, offer.mandate_id).status = status
        session.flush()
        found = read_series(session, offer.id, NOW)
        assert found is not None
        assert found.standing == standing


def test_every_act_is_in_the_trail_with_who_did_it(session, provider, person):
    offer = make_offer(session, provider=provider)
    pause_offer(session, provider.id, offer.id, person.id, NOW)
    resume_offer(session, provider.id, offer.id, person.id, NOW)
    withdraw(session, offer, person)
    rows = session.scalars(select(AuditEvent).where(AuditEvent.entity_id == str(offer.id))).all()
    assert {(row.actor, row.actor_person_id) for row in rows} == {("provider", person.id)}
    assert [row.payload["step"] for row in rows] == ["pause", "resume", "withdraw"]
