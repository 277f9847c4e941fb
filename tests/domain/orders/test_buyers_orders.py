"""Orders that are somebody's: placed by them, for their organisation, or claimed. Nobody sees anybody else's."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.orders import bought
from app.domain.orders.bought import bought_order, bought_orders, count_claimable
from app.domain.orders.buyer import Buyer, NotForOrganisation
from app.domain.orders.claim_orders import NotVerified, claim_orders
from app.domain.orders.models import Order
from app.domain.people.account_models import MemberRole
from app.domain.people.change_role import change_role
from app.domain.people.leave import leave
from tests.domain.people.samples import make_buyer, make_organisation
from tests.factories import NOW, make_details, make_offer, make_order, make_orders, make_provider, set_setting
from tests.traces import trail

MINUTE = timedelta(minutes=1)


def numbers(session, person, **options) -> list[str]:
    return [each.order.number for each in bought_orders(session, person.id, **options).rows]


def order_of(session, person=None, organisation=None, **options) -> Order:
    buyer = Buyer(person.id, organisation.id if organisation else None) if person else None
    return make_order(session, buyer=buyer, **options)


# Placed.


def test_an_order_knows_who_bought_and_for_whom(session):
    ana = make_buyer(session)
    organisation = make_organisation(session, ana)
    guest, own, theirs = order_of(session), order_of(session, ana), order_of(session, ana, organisation)
    assert [(each.person_id, each.organisation_id) for each in (guest, own, theirs)] == [
        (None, None),
        (ana.id, None),
        (ana.id, organisation.id),
    ]
    assert [each.group.person_id for each in (guest, own)] == [None, ana.id]
    assert trail(session, own.id)[0].actor_person_id == ana.id
    assert trail(session, guest.id)[0].actor_person_id is None


def test_only_owners_and_buyers_buy_for_an_organisation(session):
    owner, buyer, viewer, stranger = (make_buyer(session) for _ in range(4))
    organisation = make_organisation(session, owner, buyer=buyer, viewer=viewer)
    for person in (viewer, stranger):
        with pytest.raises(NotForOrganisation):
            order_of(session, person, organisation)
    assert order_of(session, buyer, organisation).organisation_id == organisation.id
    change_role(session, organisation.id, buyer.id, MemberRole.VIEWER, by=owner.id, now=NOW)
    with pytest.raises(NotForOrganisation):
        order_of(session, buyer, organisation)


def test_nobody_buys_who_was_erased_meanwhile(session):
    ana = make_buyer(session)
    ana.erased_at = NOW
    session.flush()
    with pytest.raises(NotForOrganisation):
        order_of(session, ana)


# Seen.


def test_everybody_sees_their_own_and_their_organisations(session):
    owner, viewer, stranger = (make_buyer(session) for _ in range(3))
    organisation = make_organisation(session, owner, viewer=viewer)
    own = order_of(session, owner, now=NOW)
    shared = order_of(session, owner, organisation, now=NOW + MINUTE)
    other = order_of(session, stranger)
    guest = order_of(session)
    assert numbers(session, owner) == [shared.number, own.number]
    assert numbers(session, viewer) == [shared.number]
    assert numbers(session, stranger) == [other.number]
    assert numbers(session, owner, organisation_id=organisation.id) == [shared.number]
    assert numbers(session, stranger, organisation_id=organisation.id) == []
    assert bought_order(session, viewer.id, shared.number) is shared
    for person, order in ((viewer, own), (stranger, shared), (owner, other), (owner, guest)):
        assert bought_order(session, person.id, order.number) is None
    leave(session, organisation.id, viewer.id, NOW)
    assert numbers(session, viewer) == []


def test_pages_do_not_move_while_orders_are_placed(session, monkeypatch):
    monkeypatch.setattr(bought, "PAGE_SIZE", 2)
    set_setting(session, "unpaid_orders", 10)
    ana, stranger = make_buyer(session), make_buyer(session)
    offer = make_offer(session, quantity=1000)
    # Two at the same moment: the id decides, and none is lost.
    placed = [order_of(session, ana, offer=offer, quantity=1, now=NOW) for _ in range(5)]
    found, after = [], None
    for _ in range(3):
        page = bought_orders(session, ana.id, after=after)
        found += [each.order.number for each in page.rows]
        order_of(session, ana, offer=offer, quantity=1, now=NOW + MINUTE)
        after = page.older
    assert after is None
    assert sorted(found) == sorted(order.number for order in placed)
    theirs = order_of(session, stranger, now=NOW - MINUTE)
    assert len(numbers(session, ana, after=theirs.number)) == 2, "a stranger's number is no place to begin"


# Claimed.


@pytest.mark.parametrize(
    "ordered_as,claimed",
    [
        ("ana@example.org", True),
        ("Ana@Example.ORG", True),
        ("ana+shop@example.org", False),
        ("a.na@example.org", False),
        ("ana@example.com", False),
        ("kna@example.org", False),
    ],
)
def test_orders_of_the_same_address_are_claimed(session, ordered_as, claimed):
    ana = make_buyer(session, "ANA@example.org")
    order = order_of(session, details=make_details(email=ordered_as))
    assert count_claimable(session, ana) == claimed
    assert claim_orders(session, ana.id, NOW) == claimed
    assert (order.person_id == ana.id) is claimed
    assert (order.group.person_id == ana.id) is claimed
    assert [row.event for row in trail(session, order.id)].count("order.claimed") == claimed


def test_a_letter_that_only_looks_the_same_in_lower_case_is_another(session):
    kelvin = make_buyer(session, "\u212aate@example.org")
    order_of(session, details=make_details(email="kate@example.org"))
    assert kelvin.email.lower() == "kate@example.org"
    assert count_claimable(session, kelvin) == 0
    assert claim_orders(session, kelvin.id, NOW) == 0


@pytest.mark.parametrize("verified,email", [(False, "ana@example.org"), (True, "")])
def test_nothing_is_claimed_without_a_verified_address(session, verified, email):
    ana = make_buyer(session, "ana@example.org", email_verified=verified)
    ana.email = email
    order = order_of(session, details=make_details(email="ana@example.org"))
    gone = order_of(session)
    gone.email = ""
    session.flush()
    assert count_claimable(session, ana) == 0
    if verified:
        assert claim_orders(session, ana.id, NOW) == 0
    else:
        with pytest.raises(NotVerified):
            claim_orders(session, ana.id, NOW)
    assert (order.person_id, gone.person_id) == (None, None)


def test_a_whole_basket_is_claimed_and_nothing_that_is_somebodys(session):
    ana, otto = make_buyer(session, "ana@example.org"), make_buyer(session)
    details = make_details(email="ana@example.org")
    offers = {make_offer(session, provider=make_provider(session)): 5 for _ in range(2)}
    group = make_orders(session, offers, details=details)
    ottos = order_of(session, otto, details=details)
    assert claim_orders(session, ana.id, NOW) == 2
    assert {order.person_id for order in group.orders} == {ana.id}
    assert ottos.person_id == otto.id


def test_an_order_is_claimed_once(sessions):
    with sessions.begin() as session:
        people = [
            make_buyer(session, "ana@example.org", issuer=f"https://{name}.example.org").id
            for name in ("one", "two")
        ]
        offer = make_offer(session)
        for _ in range(3):
            make_order(session, offer, 1, details=make_details(email="ana@example.org"))
    together = threading.Barrier(2)

    def claim(person_id) -> int:
        with sessions.begin() as session:
            together.wait(20)
            return claim_orders(session, person_id, NOW)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(claim, people)) == [0, 3]
    with sessions() as session:
        assert len(set(session.scalars(select(Order.person_id)))) == 1
