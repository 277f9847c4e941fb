"""Offers as administrators see them, and what they decide about them."""

from sqlalchemy import select

from app.domain.audit.models import AuditEvent
from app.domain.mails.models import Mail
from app.domain.offers.models import OfferState
from tests.factories import make_activity, make_offer
from tests.web.pages import words

OFFERS = "/en/console/admin/offers"


def test_a_first_offer_is_found_read_and_approved(session, administrator, client):
    offer = make_offer(
        session,
        activity=make_activity(session, title="Sample stoves"),
        state=OfferState.IN_REVIEW,
        published_at=None,
    )
    make_offer(session, activity=make_activity(session, title="Sample wind"))
    session.commit()
    page = administrator.get(OFFERS)
    assert [words(each) for each in page.all("tbody th a")] == ["Sample stoves", "Sample wind"]
    page = page.form(OFFERS).submit(state="in_review")
    page = page.follow("Sample stoves")
    assert offer.provider.legal_name in page.text
    assert offer.mandate.block.serial_printed.split()[0] in page.text
    page = page.follow("Approve…")
    path = f"{OFFERS}/{offer.id}/approve"
    assert page.form(path).submit(reason=" ", status=422).error("reason")
    page = page.form(path).submit(reason="All is in order.")
    assert "On sale" in page.text
    assert "All is in order." in page.text
    assert "Sample stoves" in client.get("/en/projects").text
    [row] = session.scalars(select(AuditEvent).where(AuditEvent.event == "offer.step"))
    assert (row.actor, row.payload["reason"]) == ("administrator", "All is in order.")
    assert session.scalar(select(Mail.to).where(Mail.kind == "offer_decided")) == offer.provider.contact_email


def test_an_offer_is_suspended_and_its_provider_reads_why(session, administrator, seller, client):
    offer = make_offer(session, provider=seller.provider)
    session.commit()
    path = f"{OFFERS}/{offer.id}"
    form = administrator.get(path).follow("Suspend…").form(f"{path}/suspend")
    page = form.submit(reason="The units are disputed.")
    assert "The units are disputed." in page.text
    assert "That was done before." in form.submit(reason="Twice.").text
    shown = seller.client.get(f"/en/console/offers/{offer.id}")
    assert "The units are disputed." in shown.text
    assert "can be paid until they expire" in shown.text
    assert shown.forms(f"/en/console/offers/{offer.id}/resume") == []
    project = client.get(f"/en/projects/{offer.mandate.block.activity_ref}")
    assert "Nothing of this project is on sale now" in project.text


def test_what_is_no_offer_is_not_there(session, administrator):
    administrator.get(f"{OFFERS}/00000000-0000-0000-0000-000000000000", status=404)
    administrator.get(f"{OFFERS}/00000000-0000-0000-0000-000000000000/suspend", status=404)
    assert "No such offers" in administrator.get(OFFERS).text
