"""What a provider says about an offer is read by the public only once it meets no rule, or somebody has looked at it."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.domain.moderation.decide_text import Act, decide_text
from app.domain.moderation.models import TextKind
from app.domain.offers.change_offer import change_offer
from app.domain.offers.offer_texts import texts_of
from app.domain.offers.put_terms import terms_of
from app.domain.offers.screen_descriptions import text_id
from tests.domain.offers.people import make_person
from tests.domain.people.samples import make_administrator
from tests.factories import NOW, make_offer

PLAIN, STOPPED = "Stoves for 4,000 households.", "Write to us: sales@sample.example"


def test_what_meets_a_rule_waits_and_the_offer_goes_on(session: Session):
    offer, person = make_offer(session), make_person(session)
    terms = replace(terms_of(offer), texts={"en": STOPPED, "fr": PLAIN})
    change_offer(session, offer.provider_id, offer.id, terms, person.id, NOW)
    session.flush()
    assert offer.state == "published"
    assert texts_of(session, [offer.id]) == {offer.id: {"fr": PLAIN}}
    ada = make_administrator(session, "ada@example.org")
    for act, shown in ((Act.SHOW, STOPPED), (Act.TAKE_DOWN, None)):
        decide_text(session, TextKind.OFFER_TEXT, text_id(offer, "en"), act, "Looked at.", ada.id, NOW)
        session.flush()
        assert texts_of(session, [offer.id])[offer.id].get("en") == shown
