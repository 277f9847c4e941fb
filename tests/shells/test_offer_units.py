"""Units that are added to an offer, and units that are taken back: once, whatever crashes, and never from under a buyer."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.domain.mandates.ask_to_grant import NotGrantable
from app.domain.mandates.models import ActState, MandateAct
from app.domain.offers.add_units import NotAddable, ask_to_add
from app.domain.offers.decide_offer import decide_offer
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.pause_offer import pause_offer
from app.domain.offers.put_terms import terms_of
from app.domain.offers.take_back_units import take_back_units
from app.domain.offers.withdraw_offer import withdraw_offer
from app.domain.orders.hold import NotAvailable, free_line, hold_units, spend_units
from app.domain.people.models import Provider
from app.domain.states import IllegalStep
from app.integrations.errors import OutcomeUnknown
from app.integrations.registry.interface import Block, MandateRequest
from app.shells.act_on_mandate import act_on_mandate
from tests.domain.offers.people import make_person
from tests.factories import NOW, make_offer, make_provider
from tests.journey import Journey
from tests.traces import steps

TOKEN = "token-of-pat"


class Crash(BaseException):
    """The process is gone; nothing in between may catch it."""


class Stall:
    """A provider with a block of 100 units, of which 40 are on sale."""

    def __init__(self, journey: Journey, **fields: Any) -> None:
        self.journey, self.works = journey, journey.works
        self.registry = journey.neighbours.delegated_registry
        with self.works.sessions.begin() as session:
            provider = make_provider(session)
            self.provider_id, self.person_id = provider.id, make_person(session).id
            [self.account] = [each.account_id for each in provider.registry_accounts]
            self.registry.let_in(TOKEN, self.account)
            block = self.registry.hold(self.account, 100)
            granted = self.registry.grant(
                TOKEN, MandateRequest(self.account, block.block_id, 40), key=str(uuid4())
            )
            self.head_id = make_offer(session, provider=provider, granted=granted, quantity=40, **fields).id

    @property
    def block(self) -> Block:
        [block] = self.registry.holdings(TOKEN, self.account)
        return block

    def ask(self, quantity: int = 25, key: UUID | None = None) -> UUID:
        with self.works.sessions.begin() as session:
            provider = session.get_one(Provider, self.provider_id)
            act = ask_to_add(
                session, key or uuid4(), provider, self.person_id, self.head_id, self.block, quantity, NOW
            )
            return act.id

    def act(self, act_id: UUID) -> None:
        act_on_mandate(self.works, TOKEN, act_id)

    def parts(self, session: Session) -> list[Offer]:
        return list(session.scalars(select(Offer).where(Offer.added_to == self.head_id)))


def test_added_units_are_on_sale_on_the_same_terms(journey: Journey):
    stall = Stall(journey, price="11.20", tiers={10: "10.00"}, min_quantity=2)
    act_id = stall.ask()
    stall.act(act_id)
    with stall.works.sessions() as session:
        [part] = stall.parts(session)
        head = session.get_one(Offer, stall.head_id)
        assert (part.quantity, part.state, part.currency) == (25, OfferState.PUBLISHED, "USD")
        assert terms_of(part) == terms_of(head)
        assert part.mandate.block_id == head.mandate.block_id
        assert steps(session, part.id) == ["publish"]
    assert stall.block.quantity_available == 35


@pytest.mark.parametrize("acted", [True, False])
def test_an_answer_that_never_came_adds_them_once_when_asked_again(journey: Journey, acted: bool):
    stall = Stall(journey)
    stall.registry.fail_next("grant", OutcomeUnknown("timeout"), acted=acted)
    act_id = stall.ask()
    with pytest.raises(OutcomeUnknown):
        stall.act(act_id)
    for _ in range(2):
        stall.act(act_id)
    with stall.works.sessions() as session:
        assert [part.quantity for part in stall.parts(session)] == [25]
    assert stall.block.quantity_available == 35


@pytest.mark.parametrize("name", ["before_commit", "after_commit"])
def test_a_crash_around_the_commit_loses_nothing_and_does_nothing_twice(journey: Journey, name: str):
    stall = Stall(journey)
    act_id = stall.ask()

    def die(_: Session) -> None:
        raise Crash

    event.listen(stall.works.sessions, name, die)
    with pytest.raises(Crash):
        stall.act(act_id)
    event.remove(stall.works.sessions, name, die)
    with stall.works.sessions() as session:
        settled = session.get_one(MandateAct, act_id).state == ActState.DONE
        assert len(stall.parts(session)) == settled, "the word of the registry and the offer, or neither"
    stall.act(act_id)
    with stall.works.sessions() as session:
        assert [part.quantity for part in stall.parts(session)] == [25]
    assert stall.block.quantity_available == 35


def test_the_same_form_adds_once_and_another_offer_is_another_act(journey: Journey):
    stall, key = Stall(journey), uuid4()
    assert stall.ask(key=key) == stall.ask(key=key) == key
    with pytest.raises(NotGrantable, match="another_act"):
        stall.ask(26, key=key)
    with stall.works.sessions.begin() as session:
        provider = session.get_one(Provider, stall.provider_id)
        other = make_offer(session, provider=provider)
        with pytest.raises(NotGrantable, match="another_act"):
            ask_to_add(session, key, provider, stall.person_id, other.id, stall.block, 25, NOW)


def test_while_the_offer_is_paused_what_is_added_is_too(journey: Journey):
    stall = Stall(journey)
    act_id = stall.ask()
    with stall.works.sessions.begin() as session:
        pause_offer(session, stall.provider_id, stall.head_id, stall.person_id, NOW)
    stall.act(act_id)
    with stall.works.sessions() as session:
        assert [part.state for part in stall.parts(session)] == [OfferState.PAUSED]


def test_what_ended_meanwhile_does_not_grow(journey: Journey):
    stall = Stall(journey)
    act_id = stall.ask()
    with stall.works.sessions.begin() as session:
        decide_offer(session, stall.head_id, "delist", "Why.", stall.person_id, NOW)
    stall.act(act_id)
    with stall.works.sessions() as session:
        assert stall.parts(session) == []
        assert session.get_one(MandateAct, act_id).state == ActState.DONE
    with pytest.raises(NotAddable, match="not_on_sale"):
        stall.ask()


def test_what_was_offered_in_another_way_meanwhile_is_not_offered_twice(journey: Journey):
    stall = Stall(journey)
    stall.registry.fail_next("grant", OutcomeUnknown("timeout"), acted=True)
    act_id = stall.ask()
    with pytest.raises(OutcomeUnknown):
        stall.act(act_id)
    granted = stall.registry.grant(
        TOKEN, MandateRequest(stall.account, stall.block.block_id, 25), key=str(act_id)
    )
    with stall.works.sessions.begin() as session:
        make_offer(session, provider=session.get_one(Provider, stall.provider_id), granted=granted)
    stall.act(act_id)
    with stall.works.sessions() as session:
        assert stall.parts(session) == []
        assert session.get_one(MandateAct, act_id).state == ActState.DONE


def test_so_few_that_nobody_could_order_them_are_not_added(journey: Journey):
    stall = Stall(journey, min_quantity=5)
    with pytest.raises(NotAddable, match="below_least"):
        stall.ask(4)


# What a buyer or a provider does to 40 units on sale, and with how many.
_ACTS = st.lists(
    st.tuples(st.sampled_from(["hold", "free", "spend", "withdraw", "take_back"]), st.integers(1, 20)),
    max_size=10,
)


@given(_ACTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_unit_that_a_buyer_holds_is_taken_back(journey: Journey, acts: list[tuple[str, int]]):
    with journey.works.sessions() as session:
        offer = make_offer(session, quantity=40)
        provider, person_id = offer.provider, make_person(session).id
        accounts = [each.account_id for each in provider.registry_accounts]
        held, asked = 0, []
        for act, units in acts:
            if act == "hold":
                try:
                    hold_units(session, {offer.id: units}, NOW)
                    held += units
                    assert not asked, "what is taken back is not sold any more"
                except NotAvailable:
                    pass
            elif act == "free" and held:
                free_line(session, offer.id, units := min(units, held))
                held -= units
            elif act == "spend" and held:
                spend_units(session, offer.id, units := min(units, held), NOW)
                offer.mandate.quantity_remaining -= units
                held -= units
            elif act == "withdraw":
                try:
                    found = withdraw_offer(session, uuid4(), provider, offer.id, person_id, accounts, NOW)
                    assert not (found and held)
                    asked += found
                except IllegalStep:
                    pass
            elif act == "take_back":
                found = take_back_units(session, uuid4(), provider, offer.id, person_id, accounts, NOW)
                assert not (found and held)
                asked += found
            session.flush()
            assert offer.held == held
            assert len(asked) <= 1
        session.rollback()
