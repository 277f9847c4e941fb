"""What is asked of the registry over a mandate: written down once, settled once."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.mandates.ask_to_grant import NotGrantable, ask_to_grant
from app.domain.mandates.ask_to_revoke import NotRevocable, ask_to_revoke
from app.domain.mandates.models import ActState, MandateAct
from app.domain.mandates.queries import open_acts, own_act, own_mandates
from app.domain.mandates.settle_act import confirm_act, refuse_act
from app.domain.offers.models import Offer, OfferState
from app.domain.people.models import Person, Provider, ProviderState, Realm
from app.integrations.registry.delegated_fake import FakeDelegatedRegistry
from app.integrations.registry.interface import Block
from tests.factories import NOW, make_mandate, make_offer, make_order, make_provider
from tests.traces import steps, trail


@pytest.fixture
def provider(session: Session) -> Provider:
    return make_provider(session)


@pytest.fixture
def person(session: Session) -> Person:
    made = Person(
        id=uuid4(),
        issuer="http://identity.test/realms/registry",
        subject=str(uuid4()),
        realm=Realm.REGISTRY,
        email="pat@example.org",
        email_verified=True,
        name="Pat Sample",
        created_at=NOW,
        last_signed_in_at=NOW,
    )
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def block() -> Block:
    return FakeDelegatedRegistry().hold("A6.4-ACC-1", 100)


def asked(
    session: Session, provider: Provider, person: Person, block: Block, units: int = 40, key=None
) -> MandateAct:
    return ask_to_grant(session, key or uuid4(), provider, person.id, "A6.4-ACC-1", block, units, NOW)


def test_an_act_is_asked_and_confirmed_once(session, provider, person, block):
    act = asked(session, provider, person, block)
    assert (act.state, act.settled_at) == (ActState.ASKED, None)
    assert open_acts(session, provider.id, person.id) == [act]
    for _ in range(2):
        confirm_act(session, act.id, "mandate-1", NOW)
    assert (act.state, act.mandate_id, act.settled_at) == (ActState.DONE, "mandate-1", NOW)
    # What has been settled stays as it is.
    refuse_act(session, act.id, "forbidden", NOW)
    assert (act.state, act.refusal) == (ActState.DONE, None)
    assert open_acts(session, provider.id, person.id) == []
    session.flush()
    assert steps(session, act.id) == ["ask", "confirm"]
    assert {(row.actor, row.actor_person_id) for row in trail(session, act.id)} == {("provider", person.id)}


def test_an_act_is_refused_once(session, provider, person, block):
    act = asked(session, provider, person, block)
    for _ in range(2):
        refuse_act(session, act.id, "insufficient_units", NOW)
    session.flush()
    assert (act.state, act.refusal) == (ActState.REFUSED, "insufficient_units")
    assert steps(session, act.id) == ["ask", "refuse"]


def test_one_key_is_one_act(session, provider, person, block):
    key = uuid4()
    act = asked(session, provider, person, block, key=key)
    assert asked(session, provider, person, block, key=key) is act
    stranger = make_provider(session)
    for other in (
        lambda: asked(session, provider, person, block, 41, key=key),
        lambda: asked(session, provider, person, replace(block, block_id="block-2"), key=key),
        lambda: asked(session, stranger, person, block, key=key),
    ):
        with pytest.raises(NotGrantable) as raised:
            other()
        assert raised.value.code == "another_act"
    mandate = make_mandate(session, provider)
    with pytest.raises(NotRevocable):
        ask_to_revoke(session, key, provider, person.id, mandate, NOW)


@pytest.mark.parametrize("units, code", [(0, "too_few"), (-1, "too_few"), (101, "too_many")])
def test_a_quantity_outside_what_is_free(session, provider, person, block, units, code):
    with pytest.raises(NotGrantable) as raised:
        asked(session, provider, person, block, units)
    assert (raised.value.code, raised.value.most) == (code, 100)


def test_what_may_not_be_offered_is_not_asked_for(session, provider, person, block):
    with pytest.raises(NotGrantable) as raised:
        asked(session, provider, person, replace(block, status="frozen"))
    assert raised.value.code == "frozen"
    assert trail(session, provider.id) == []


def test_a_suspended_provider_grants_nothing_and_may_take_back(session, provider, person, block):
    provider.state = ProviderState.SUSPENDED
    with pytest.raises(NotGrantable) as raised:
        asked(session, provider, person, block)
    assert raised.value.code == "suspended"
    mandate = make_mandate(session, provider)
    act = ask_to_revoke(session, uuid4(), provider, person.id, mandate, NOW)
    assert (act.state, act.mandate_id, act.quantity) == (ActState.ASKED, mandate.mandate_id, mandate.quantity)


@pytest.mark.parametrize("status", ["revoked", "expired"])
def test_what_has_ended_is_not_taken_back(session, provider, person, status):
    mandate = make_mandate(session, provider, status=status)
    with pytest.raises(NotRevocable) as raised:
        ask_to_revoke(session, uuid4(), provider, person.id, mandate, NOW)
    assert raised.value.code == status


def test_an_unknown_act_cannot_be_settled(session):
    with pytest.raises(LookupError):
        confirm_act(session, uuid4(), "mandate-1", NOW)


def test_mandates_and_acts_are_found_by_whose_they_are(session, provider, person, block):
    [account] = [each.account_id for each in provider.registry_accounts]
    other = make_provider(session)
    [theirs] = [each.account_id for each in other.registry_accounts]
    mine, foreign = make_mandate(session, provider, quantity=100), make_mandate(session, other)
    make_order(session, make_offer(session, provider=provider, mandate=mine, quantity=100), 25)

    def found(*accounts: str, **which: str) -> list[tuple[str, int]]:
        rows = own_mandates(session, provider.id, accounts, **which)
        return [(own.mandate.mandate_id, own.held) for own in rows]

    assert found(account) == [(mine.mandate_id, 25)]
    # Neither an account of the person that is another provider's, nor one of the provider that is not the person's.
    assert found(account, theirs) == [(mine.mandate_id, 25)]
    assert found(theirs) == found() == []
    assert found(account, mandate_id=foreign.mandate_id) == []
    [own] = own_mandates(session, provider.id, [account])
    assert (own.offered, own.free) == (True, 0)
    session.scalars(
        select(Offer).where(Offer.mandate_id == mine.mandate_id)
    ).one().state = OfferState.WITHDRAWN
    [own] = own_mandates(session, provider.id, [account])
    # What buyers still hold of an offer that has ended is not free.
    assert (own.offered, own.held, own.free) == (False, 25, 75)
    mine.status = "suspended"
    assert own.free == 0
    act = asked(session, provider, person, block)
    session.flush()
    assert own_act(session, provider.id, person.id, act.id) is act
    assert own_act(session, other.id, person.id, act.id) is None
    assert own_act(session, provider.id, uuid4(), act.id) is None
