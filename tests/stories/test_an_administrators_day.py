"""What an administrator has before them on some day: an offer, a stuck order, words of a buyer, a difference."""

import time
from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.domain.audit.verify_trail import verify_trail
from app.domain.certificates.queries import certificate_of
from app.domain.offers.models import Offer, OfferState
from app.domain.orders.models import Order, OrderState
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.open_payment import open_payment
from app.domain.payments.record_checkout import record_checkout
from app.integrations.registry.interface import Beneficiary, CancellationRequest
from app.money import Money
from app.shells.start_checkout import start_checkout
from tests.stories.conftest import Open
from tests.stories.console import Desk, assert_all_is_in_the_trail
from tests.stories.platform import OnSale, Platform
from tests.stories.sites import ADMINISTRATOR, Site
from tests.town import DETAILS, fresh, place

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]

CLAIM = "Our product is carbon neutral"  # what no consumer may be told


def waits_for_review(platform: Platform, offer: OnSale) -> None:
    """An offer is with the administrators."""
    with platform.works.sessions.begin() as session:
        session.get_one(Offer, offer.id).state = OfferState.IN_REVIEW


def gets_stuck(platform: Platform, offer: OnSale, email: str) -> Order:
    """An order whose buyer agreed to another amount than was asked for, and wrote what the public may not read."""
    works = platform.works
    order = place(works, {offer.id: 5}, replace(DETAILS, email=email, reason=CLAIM)).orders[0]
    with works.sessions.begin() as session:
        payment = open_payment(session, order.id, works.now())
        session.flush()
        asked = attempt_of(payment, works.settings.public_url)
        other = replace(asked, amount=Money(asked.amount.minor + 1, asked.amount.currency))
        account = account_of(payment.account, works.sealer)
        checkout = works.neighbours.gateways["paypal"].start(other, account, str(uuid4()))
        payment = record_checkout(session, payment.id, checkout, works.now())
    platform.town.approve(payment)
    becomes(platform, order, OrderState.NEEDS_ATTENTION)
    return order


def becomes(platform: Platform, order: Order, state: OrderState) -> None:
    """The worker brings the order there, in its own time."""
    for _ in range(150):
        if (now := fresh(platform.works, order).state) == state:
            return
        time.sleep(0.2)
    raise AssertionError(f"the order is {now}")


def is_cancelled_behind_our_back(platform: Platform, offer: OnSale) -> str:
    """The registry cancels under a mandate what the platform has not asked for. Its number there."""
    request = CancellationRequest(
        offer.mandate_id, 3, "other", "by-hand", Beneficiary("individual", "anonymous")
    )
    reference = replace(request, client_reference=str(uuid4()))
    return platform.works.neighbours.registry.cancel(reference, str(uuid4())).cancellation_id


@pytest.mark.parametrize("site", ["sandbox"], indirect=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_everything_that_waits_is_worked_off(
    window: Open, site: Site, platform: Platform, width: int
) -> None:
    shelf = platform.providers()[4]
    reviewed, offer = shelf[1], shelf[0]
    email = f"buyer-{uuid4().hex[:12]}@example.com"
    waits_for_review(platform, reviewed)
    order = gets_stuck(platform, offer, email)
    astray = is_cancelled_behind_our_back(platform, offer)
    vera, axel = (Desk(window(width=width), site, site.person("registry", **ADMINISTRATOR)) for _ in range(2))

    # An offer is approved.
    vera.opens("/admin")
    vera.follows(vera.page.locator("main dl a[href$='/admin/offers']"))
    vera.follows(vera.page.locator("main tbody tr", has_text="In review").first.locator("th a"))
    vera.does("Approve…", f"It says what the registry says, {width}.")

    # An order is found by its buyer, and goes on once two have said so.
    vera.opens("/admin/orders")
    vera.fills(q=email)
    vera.presses("Find")
    expect(vera.page.locator("h1")).to_contain_text(order.number)  # the only one that was found
    expect(vera.page.locator("main")).to_contain_text("not the one that was asked for")
    vera.does("Let it go on…", f"The gateway has not taken the other amount, {width}.")
    axel.opens("/admin/proposals")
    axel.follows(order.number)
    axel.presses("Confirm")
    platform.town.approve(start_checkout(platform.works, order.id))

    # Its buyer's words are not for the public.
    vera.opens("/admin/texts")
    expect(vera.page.locator("main")).to_contain_text(CLAIM)
    waiting = vera.page.locator("section", has_text=order.number)
    vera.does(waiting.get_by_role("link", name="Take down…"), f"A claim that buyers may not read, {width}.")

    becomes(platform, order, OrderState.COMPLETED)
    with platform.works.sessions() as session:
        certificate = certificate_of(session, order.id)
    assert certificate is not None
    vera.page.goto(f"{site.url}/en/certificates/{certificate.code}")
    expect(vera.page.locator("article")).to_be_visible()
    expect(vera.page.locator("main")).not_to_contain_text(CLAIM)

    # What the registry has and the platform does not know of.
    vera.opens("/admin/reconciliation")
    vera.presses("Compare now")
    vera.follows(vera.page.locator("main tr", has_text=astray).get_by_role("link"))
    expect(vera.page.locator("h1")).to_have_text("The registry has a cancellation that is not known here")
    vera.does("Explain…", f"The registry's staff did it by hand, {width}.")

    # All of it is in the trail, and the trail is whole; not without one of these rows.
    vera.opens(f"/admin/audit?actor=administrator&person={vera.person.email}")
    for reason in vera.reasons:
        expect(vera.page.locator("main tbody tr", has_text=reason).first).to_be_visible()
    vera.presses("Verify now")
    expect(vera.page.get_by_text("The trail is whole")).to_be_visible()
    rows = assert_all_is_in_the_trail(platform, vera, axel)
    with platform.works.sessions() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("DELETE FROM audit_event WHERE id = :row"), {"row": rows[0].id})
        assert not verify_trail(session).whole
        session.rollback()
