"""What administrators decide about offers: a reason, the trail, a mail, and what follows for buyers."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.offers.decide_offer import ACTS, decide_offer
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.pause_offer import pause_offer
from app.domain.offers.queries import all_offers
from app.domain.offers.resume_offer import resume_offer
from app.domain.orders.basket_queries import read_basket
from app.domain.orders.hold import spend_units
from app.domain.orders.models import OrderState
from app.domain.payments.open_payment import open_payment
from app.domain.people.models import Person
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from tests.domain.offers.people import make_person
from tests.factories import NOW, make_basket, make_offer, make_order
from tests.traces import mails, payloads

DAY = timedelta(days=1)
LEADS = {
    "approve": (OfferState.IN_REVIEW, OfferState.PUBLISHED),
    "send_back": (OfferState.IN_REVIEW, OfferState.DRAFT),
    "suspend": (OfferState.PUBLISHED, OfferState.SUSPENDED),
    "reinstate": (OfferState.SUSPENDED, OfferState.PUBLISHED),
    "delist": (OfferState.PUBLISHED, OfferState.DELISTED),
}


@pytest.fixture
def vera(session: Session) -> Person:
    return make_person(session, "Vera Sample")


@pytest.mark.parametrize("name", ACTS)
def test_a_decision_has_a_reason_a_row_and_a_mail(session, vera, name):
    before, after = LEADS[name]
    offer = make_offer(session, state=before, published_at=None)
    with pytest.raises(ReasonMissing):
        decide_offer(session, offer.id, name, " \n", vera.id, NOW)
    decide_offer(session, offer.id, name, "  Seen \n and judged. ", vera.id, NOW)
    session.flush()
    assert (offer.state, offer.state_reason) == (after, "Seen and judged.")
    assert (offer.published_at == NOW) == (after == OfferState.PUBLISHED)
    [said] = payloads(session, offer.id, "offer.step")
    assert said == {"step": name, "before": before, "after": after, "reason": "Seen and judged."}
    [mail] = mails(session, "offer_decided")
    assert (mail.to, mail.language) == (offer.provider.contact_email, "en")
    assert (mail.context["act"], mail.context["reason"]) == (name, "Seen and judged.")
    assert mail.context["console"] == f"offers/{offer.id}"
    with pytest.raises(IllegalStep):
        decide_offer(session, offer.id, name, "Again.", vera.id, NOW)
    assert len(mails(session, "offer_decided")) == 1


@pytest.mark.parametrize("act", ["suspend", "delist"])
def test_orders_that_are_placed_go_on_and_nobody_orders_any_more(session, vera, act):
    offer = make_offer(session)
    order, unpaid = make_order(session, offer, 10), make_order(session, offer, 5)
    basket = make_basket(session, {offer: 1})
    decide_offer(session, offer.id, act, "Why.", vera.id, NOW)
    session.flush()
    [line] = read_basket(session, basket.id, NOW).lines
    assert line.problem is not None
    assert line.problem.reason == "not_on_sale"
    assert open_payment(session, unpaid.id, NOW) is not None, "an unpaid order can be paid"
    spend_units(session, offer.id, 10, NOW)
    session.flush()
    assert (offer.held, offer.cancelled, order.state) == (5, 10, OrderState.AWAITING_PAYMENT)


def test_its_provider_does_not_get_around_a_suspension(session, vera):
    offer = make_offer(session)
    decide_offer(session, offer.id, "suspend", "Why.", vera.id, NOW)
    for act in (resume_offer, pause_offer):
        with pytest.raises(IllegalStep):
            act(session, offer.provider_id, offer.id, vera.id, NOW)


def test_what_its_provider_had_paused_is_paused_again(session, vera):
    offer = make_offer(session)
    for _ in range(2):
        pause_offer(session, offer.provider_id, offer.id, vera.id, NOW)
        decide_offer(session, offer.id, "suspend", "Why.", vera.id, NOW)
        session.flush()
        decide_offer(session, offer.id, "reinstate", "A mistake.", vera.id, NOW)
        session.flush()
        assert offer.state == OfferState.PAUSED
        resume_offer(session, offer.provider_id, offer.id, vera.id, NOW)
    decide_offer(session, offer.id, "suspend", "Why.", vera.id, NOW)
    session.flush()
    decide_offer(session, offer.id, "reinstate", "A mistake.", vera.id, NOW)
    assert offer.state == OfferState.PUBLISHED
    session.flush()
    done = select(AuditEvent.payload).where(AuditEvent.actor == "administrator")
    assert {row["reason"] for row in session.scalars(done)} == {"Why.", "A mistake."}


def test_what_was_added_goes_with_it(session, vera):
    head = make_offer(session)
    part = make_offer(session, provider=head.provider, added_to=head.id)
    decide_offer(session, part.id, "suspend", "Why.", vera.id, NOW)
    assert {head.state, part.state} == {OfferState.SUSPENDED}
    session.flush()
    assert len(mails(session, "offer_decided")) == 1


def test_administrators_see_those_in_review_first_then_the_newest(session, vera, monkeypatch):
    monkeypatch.setattr("app.domain.offers.queries.PAGE_SIZE", 2)
    names: dict[Offer, str] = {}
    for name, state, age in (
        ("old review", OfferState.IN_REVIEW, 9),
        ("new review", OfferState.IN_REVIEW, 8),
        ("newest", OfferState.PUBLISHED, 1),
        ("older", OfferState.PAUSED, 2),
        ("oldest", OfferState.PUBLISHED, 20),
    ):
        names[make_offer(session, state=state, created_at=NOW - age * DAY)] = name
    head = next(iter(names))
    make_offer(session, provider=head.provider, added_to=head.id, state=OfferState.SOLD_OUT)

    def pages(state: OfferState | None = None) -> list[list[str]]:
        found, after = [], None
        while True:
            page = all_offers(session, NOW, state, after)
            found.append([names[series.head.offer] for series in page.rows])
            after = page.older
            if after is None:
                return found

    assert pages() == [["new review", "old review"], ["newest", "older"], ["oldest"]]
    assert pages(OfferState.PUBLISHED) == [["newest", "oldest"]]
    assert pages(OfferState.SOLD_OUT) == [["old review"]]
