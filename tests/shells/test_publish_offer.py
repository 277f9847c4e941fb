"""From a draft to one offer over one mandate, whatever crashes, times out or is sent again between."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from threading import Barrier

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as drawn
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.mandates.ask_to_grant import NotGrantable
from app.domain.mandates.models import ActState, MandateAct
from app.domain.offers.draft_terms import TermsRefused
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.publish_draft import NotPublishable
from app.domain.offers.save_draft import DraftClosed, Place, save_draft
from app.domain.offers.terms_models import OfferDraft
from app.domain.offers.throw_away_draft import throw_away_draft
from app.integrations.errors import NeighbourError, OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.interface import Mandate
from app.shells.publish_offer import publish_offer
from app.shells.read_resource import read_resource
from tests.domain.offers.drafts import keep, typed
from tests.domain.people.samples import make_buyer
from tests.factories import make_activity, make_mandate, make_provider
from tests.journey import Journey
from tests.simulation import Breaking, Crash
from tests.thorough import THOROUGH
from tests.traces import jobs

_shops = itertools.count(1)


class Shop:
    """One provider with 100 free units of a block, a draft to offer 40 of them, and a process that can die."""

    def __init__(self, journey: Journey, *, known: bool = True) -> None:
        self.journey, self.registry = journey, journey.neighbours.delegated_registry
        self.die_at: int | None = None
        reference = f"A6.4-KE-{next(_shops):06d}"
        self.token, self.people = f"token of {reference}", []
        with journey.sessions.begin() as session:
            provider = make_provider(session)
            self.provider_id, self.account = provider.id, provider.registry_accounts[0].account_id
            self.people = [make_buyer(session).id for _ in range(2)]
            self.registry.let_in(self.token, self.account)
            self.registry.let_in(f"colleague, {self.token}", self.account)
            self.block = self.registry.hold(self.account, 100, activity_ref=reference)
            if known:
                make_activity(session, reference)
            draft = keep(session, provider, self.people[0], self.block.block_id, activity_ref=reference)
            self.draft_id, self.seen = draft.id, draft.changed_at
        neighbours = replace(journey.neighbours, delegated_registry=Breaking(self.registry, self._point))
        sessions = sessionmaker(
            journey.sessions.kw["bind"], expire_on_commit=False, class_=type("S", (Session,), {})
        )
        for name in ("before_commit", "after_commit"):
            event.listen(sessions, name, lambda _: self._point())
        self.works = replace(journey.works, neighbours=neighbours, sessions=sessions)

    def _point(self) -> None:
        if self.die_at is not None:
            self.die_at -= 1
            if self.die_at == 0:
                self.die_at = None
                raise Crash

    def publish(self, who: int = 0, *, die_at: int | None = None, seen: datetime | None = None) -> None:
        """As somebody who has just looked at it."""
        self.die_at = die_at
        token = self.token if who == 0 else f"colleague, {self.token}"
        seen = seen or self.draft().changed_at
        try:
            publish_offer(self.works, token, self.draft_id, self.people[who], seen)
        finally:
            self.die_at = None

    def change(self, **changes: str) -> None:
        place = Place(self.account, self.block.block_id, self.block.activity_ref)
        with self.journey.sessions.begin() as session:
            now = self.journey.now
            save_draft(session, self.draft_id, self.provider_id, self.people[0], place, typed(**changes), now)

    def throw_away(self) -> None:
        with self.journey.sessions.begin() as session:
            throw_away_draft(session, self.draft_id, self.journey.now)

    def read(self) -> None:
        """The worker does what it was asked for: the mandate is read."""
        with self.journey.sessions() as session:
            read = {job["resource_id"] for job in jobs(session, "read_resource")}
        for mandate in self.granted():
            if mandate.mandate_id in read:
                read_resource(self.journey.works, "mandate", mandate.mandate_id)

    def draft(self) -> OfferDraft:
        with self.journey.sessions() as session:
            draft = session.get_one(OfferDraft, self.draft_id)
            _ = draft.act, draft.offer
            return draft

    def acts(self) -> list[MandateAct]:
        with self.journey.sessions() as session:
            mine = MandateAct.provider_id == self.provider_id
            return list(session.scalars(select(MandateAct).where(mine).order_by(MandateAct.asked_at)))

    def offers(self) -> list[Offer]:
        with self.journey.sessions() as session:
            return list(session.scalars(select(Offer).where(Offer.provider_id == self.provider_id)))

    def granted(self) -> list[Mandate]:
        """What the registry has earmarked."""
        return [each for each in self.journey.registry.mandates() if each.account_id == self.account]


@pytest.fixture
def shop(journey: Journey) -> Shop:
    return Shop(journey)


def assert_one(shop: Shop, units: int = 40) -> None:
    """One mandate, one offer of all its units, and nothing under way."""
    [mandate], [offer] = shop.granted(), shop.offers()
    assert (mandate.quantity, offer.quantity, offer.mandate_id) == (units, units, mandate.mandate_id)
    assert offer.state == OfferState.IN_REVIEW
    assert [act.mandate_id for act in shop.acts() if act.state == ActState.DONE] == [mandate.mandate_id]
    assert shop.draft().offer_id == offer.id


def test_published_is_earmarked_and_offered(shop: Shop):
    for _ in range(2):
        shop.publish()
    assert_one(shop)
    assert [act.id for act in shop.acts()] == [shop.draft_id]
    assert {token for _, token in shop.registry.calls} == {shop.token}


def test_dying_anywhere_between_leaves_one_offer_when_it_is_published_again(journey: Journey):
    died = 0
    for place in range(1, 10):
        shop = Shop(journey)
        try:
            shop.publish(die_at=place)
        except Crash:
            died += 1
            shop.publish()
        assert_one(shop)
    # Around two calls and two commits, once each before and after.
    assert died == 8


@pytest.mark.parametrize("acted", [True, False])
def test_an_answer_that_never_came_leaves_the_draft_and_is_asked_for_again(shop: Shop, acted: bool):
    shop.registry.fail_next("grant", OutcomeUnknown("timeout"), acted=acted)
    with pytest.raises(OutcomeUnknown):
        shop.publish()
    draft = shop.draft()
    assert (draft.act.state, draft.offer) == (ActState.ASKED, None)
    shop.publish()
    assert_one(shop)


def test_a_refusal_leaves_the_draft_to_be_changed_and_published_anew(shop: Shop):
    looked_at = shop.draft().changed_at
    shop.registry.fail_next("grant", Refused("insufficient_units"))
    shop.publish()
    draft = shop.draft()
    assert (draft.act.refusal, draft.can_change, shop.offers()) == ("insufficient_units", True, [])
    # The second click of a double click asks for nothing more.
    with pytest.raises(NotPublishable) as raised:
        shop.publish(seen=looked_at)
    assert raised.value.code == "changed"
    shop.change(quantity="30")
    shop.publish()
    assert_one(shop, 30)


def test_of_an_activity_not_read_yet_the_offer_is_made_when_it_is(journey: Journey):
    shop = Shop(journey, known=False)
    shop.publish()
    assert (shop.draft().act.state, shop.offers()) == (ActState.DONE, [])
    shop.read()
    assert_one(shop)


def test_of_one_mandate_only_one_of_several_drafts_sent_at_once_becomes_an_offer(journey: Journey):
    with journey.sessions.begin() as session:
        provider, person = make_provider(session), make_buyer(session).id
        mandate = make_mandate(session, provider)
        drafts = [
            keep(session, provider, person, mandate.block_id, mandate_id=mandate.mandate_id) for _ in range(4)
        ]
    start = Barrier(8)

    def send(draft: OfferDraft) -> str | None:
        start.wait()
        try:
            publish_offer(journey.works, "token", draft.id, person, draft.changed_at)
        except NotPublishable as refused:
            return refused.code
        return None

    with ThreadPoolExecutor(8) as threads:  # each of them twice
        results = list(threads.map(send, drafts * 2))
    assert sorted(results, key=str) == [None] * 2 + ["offered"] * 6
    with journey.sessions() as session:
        mine = Offer.provider_id == provider.id
        assert len(session.scalars(select(Offer).where(mine)).all()) == 1


_acts = st.one_of(
    st.tuples(st.just("publish"), st.integers(0, 1), st.one_of(st.none(), st.integers(1, 9))),
    st.tuples(
        st.just("fault"),
        st.sampled_from(["grant", "grant", "holdings"]),
        st.sampled_from([OutcomeUnknown("timeout"), TryAgain("away"), Refused("unauthenticated")]),
        st.booleans(),
    ),
    st.tuples(st.just("refuse")),
    st.tuples(st.just("change"), st.integers(1, 120)),
    st.tuples(st.just("read")),
    st.tuples(st.just("throw_away")),
)


@drawn(
    max_examples=150 if THOROUGH else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(known=st.booleans(), history=st.lists(_acts, min_size=2, max_size=10))
def test_whatever_happens_there_is_never_a_second_offer_or_mandate(
    journey: Journey, known: bool, history: list[tuple]
):
    shop = Shop(journey, known=known)
    for name, *arguments in history:
        with suppress(Crash, NeighbourError, NotPublishable, NotGrantable, TermsRefused, DraftClosed):
            _do(shop, name, *arguments)
        assert len(shop.granted()) <= 1
        assert len(shop.offers()) <= len(shop.granted())
    # In the end all is well, and somebody goes on with it.
    shop.registry._faults.clear()
    draft = shop.draft()
    if draft.thrown_away_at is not None:
        assert shop.offers() == []
        return
    if draft.can_change:
        shop.change(quantity="40")
    act = draft.act
    shop.publish(shop.people.index(act.person_id) if act is not None and act.state == ActState.ASKED else 0)
    shop.read()
    assert_one(shop, shop.draft().act.quantity)
    # Whoever throws nothing away and changes nothing has the same again.
    shop.publish()
    assert_one(shop, shop.draft().act.quantity)


def _do(shop: Shop, name: str, *arguments) -> None:
    if name == "publish":
        shop.publish(arguments[0], die_at=arguments[1])
    elif name == "fault":
        method, fault, acted = arguments
        shop.registry.fail_next(method, fault, acted=acted and isinstance(fault, OutcomeUnknown))
    elif name == "refuse":
        shop.registry.fail_next("grant", Refused("insufficient_units"))
    elif name == "change":
        shop.change(quantity=str(arguments[0]))
    elif name == "read":
        shop.read()
    else:
        shop.throw_away()
