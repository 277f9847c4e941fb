"""Stopping providers and people: with a reason, by somebody, and no further than it says."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.hold import NotAvailable
from app.domain.people.decide_provider import decide_provider
from app.domain.people.disable_person import NotOneself, disable_person
from app.domain.people.enable_person import enable_person
from app.domain.people.models import Person, ProviderState, Realm
from app.domain.people.permissions import Permission, Role, permissions_of, roles_of
from app.domain.people.provider_queries import accounts_of, provider_of
from app.domain.people.reasons import REASON_MAX, ReasonMissing, given_reason
from app.domain.states import IllegalStep
from tests.factories import NOW, make_offer, make_order, make_provider, order_of
from tests.traces import trail


@pytest.fixture
def vera(session: Session) -> Person:
    return make_one(session, "Vera Sample")


def make_one(session: Session, name: str) -> Person:
    made = Person(
        id=uuid4(),
        issuer="http://identity.test/realms/registry",
        subject=str(uuid4()),
        realm=Realm.REGISTRY,
        email="somebody@example.org",
        email_verified=True,
        name=name,
        created_at=NOW,
        last_signed_in_at=NOW,
    )
    session.add(made)
    session.flush()
    return made


def test_nothing_of_a_suspended_provider_can_be_ordered_and_what_was_goes_on(session, vera):
    offer = make_offer(session)
    before = make_order(session, offer)
    decide_provider(session, offer.provider_id, "suspend", "Because.", vera.id, NOW)
    session.flush()
    with pytest.raises(NotAvailable) as raised:
        make_order(session, offer)
    assert raised.value.left == {offer.id: 0}
    assert order_of(session, before.id).state == "awaiting_payment"
    decide_provider(session, offer.provider_id, "reinstate", "Because not.", vera.id, NOW)
    session.flush()
    assert make_order(session, offer).quantity == 25


def test_a_provider_is_not_suspended_twice(session, vera):
    provider = make_provider(session)
    decide_provider(session, provider.id, "suspend", "Because.", vera.id, NOW)
    with pytest.raises(IllegalStep):
        decide_provider(session, provider.id, "suspend", "Because.", vera.id, NOW)
    session.flush()
    [row] = trail(session, provider.id)
    assert (row.actor, row.actor_person_id, row.payload["reason"]) == ("administrator", vera.id, "Because.")


@pytest.mark.parametrize("act", ["suspend", "reinstate"])
def test_a_reason_is_asked_before_anything_else(session, vera, act):
    provider = make_provider(session)
    with pytest.raises(ReasonMissing):
        decide_provider(session, provider.id, act, " \n ", vera.id, NOW)
    assert provider.state == ProviderState.ACTIVE


def test_a_reason_is_kept_on_one_line_and_not_for_ever():
    assert given_reason("  two\r\nlines\t") == "two lines"
    assert len(given_reason("x" * 1000)) == REASON_MAX


def test_a_person_is_disabled_once_and_never_by_themselves(session, vera):
    ana = make_one(session, "Ana Sample")
    for _ in range(2):
        disable_person(session, ana.id, "Because.", vera.id, NOW)
    assert ana.disabled_at == NOW
    for _ in range(2):
        enable_person(session, ana.id, "Because not.", vera.id, NOW)
    session.flush()
    assert [row.event for row in trail(session, ana.id)] == ["person.disabled", "person.enabled"]
    with pytest.raises(NotOneself):
        disable_person(session, vera.id, "Holidays.", vera.id, NOW)
    assert vera.disabled_at is None


def test_a_provider_is_found_by_its_registry_accounts_only(session):
    first, second = make_provider(session, slug="a-first"), make_provider(session, slug="b-second")
    [mine], [theirs] = ([each.account_id for each in one.registry_accounts] for one in (first, second))
    assert provider_of(session, [mine]) is first
    assert provider_of(session, [theirs, mine]) is first
    assert provider_of(session, ["nobody's"]) is None
    assert provider_of(session, []) is None
    assert accounts_of(session, first.id, [theirs, mine, "nobody's"]) == [mine]


# Permissions.


def test_the_public_realm_makes_buyers_whatever_it_says():
    claimed = ["provider", "registry-administrator", "administrator"]
    assert roles_of(Realm.PUBLIC, claimed) == {Role.GUEST, Role.BUYER}
    assert roles_of(Realm.REGISTRY, claimed) == {Role.GUEST, Role.PROVIDER, Role.ADMINISTRATOR}
    assert roles_of(Realm.REGISTRY, ["administrator", "buyer", ""]) == {Role.GUEST}


def test_nobody_holds_what_is_anothers():
    scopes = {role: {permission.split(":")[0] for permission in permissions_of([role])} for role in Role}
    assert scopes[Role.GUEST] == set()
    assert scopes[Role.BUYER] == {"own"}
    assert scopes[Role.PROVIDER] == {"own", "provider"}
    # Acting for a provider takes the provider's own token: no administrator has it.
    assert scopes[Role.ADMINISTRATOR] == {"own", "platform"}
    viewer, buyer, owner = (
        permissions_of([role])
        for role in (Role.ORGANISATION_VIEWER, Role.ORGANISATION_BUYER, Role.ORGANISATION_OWNER)
    )
    assert viewer < buyer < owner
    assert Permission.ORGANISATION_ORDERS_PLACE not in viewer
    assert Permission.ORGANISATION_MEMBERS_WRITE not in buyer
