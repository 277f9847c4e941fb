"""The team's page; what a role opens and what it does not; and mails that are switched off by a link."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.domain.people.models import Person
from app.domain.team.models import TeamMember, TeamRole
from app.domain.team.queries import notices_off
from app.domain.team.tell_provider import tell_provider
from app.jobs.mails import mail_writer
from app.settings import Settings
from tests.domain.payments.refunds.books import make_refund
from tests.factories import NOW, make_offer, make_order
from tests.traces import mails
from tests.web.console.conftest import Seller
from tests.web.pages import Client
from tests.web.roles import sign_in_provider

TEAM = "/en/console/team"


def put_in(session: Session, seller: Seller, person_id: UUID, role: TeamRole) -> None:
    session.merge(TeamMember(provider_id=seller.provider.id, person_id=person_id, role=role, since=NOW))
    session.commit()


@pytest.fixture
def colleague(app: Flask, session: Session, seller: Seller) -> Client:
    """Somebody in the same team who looks after the money."""
    client = Client(app.test_client())
    person = sign_in_provider(app, client, seller.account, name="Fay Finance", email="fay@provider.example")
    put_in(session, seller, seller.person.person_id, TeamRole.OWNER)
    put_in(session, seller, person.person_id, TeamRole.FINANCE)
    return client


def test_a_role_opens_its_pages_and_no_others(session, seller, colleague):
    tabs = [each.get_text(strip=True) for each in colleague.get("/en/console").all(".tabs a")]
    assert {"Getting paid", "Team"} <= set(tabs)
    assert colleague.get(TEAM).forms(f"{TEAM}/{seller.person.person_id}") == []
    colleague.get("/en/console/mandates/new?account=x&block=y", status=403)
    page = seller.client.get(TEAM)
    [form] = [
        each
        for each in page.forms()
        if str(seller.person.person_id) not in each.action and "/team/" in each.action
    ]
    assert "The role is changed." in form.submit(role="sales").text
    colleague.get("/en/console/payee-accounts/new", status=403)
    assert "Sales" in colleague.get(TEAM).text


def test_the_last_owner_stays_one(session, seller, colleague):
    form = seller.client.get(TEAM).form(f"{TEAM}/{seller.person.person_id}")
    assert "Somebody has to be an owner." in form.submit(role="reader").text


def test_mails_are_chosen_and_switched_off_by_one_click(
    app: Flask, settings: Settings, session: Session, seller: Seller, colleague: Client, client: Client
):
    page = colleague.get(TEAM)
    assert "Saved." in page.form("/en/console/notices").submit(notice=["refunds", "disputes"]).text
    fay = session.query(Person).filter_by(name="Fay Finance").one()
    assert notices_off(session, fay.id) == {"payments"}
    order = make_order(session, make_offer(session, provider=seller.provider))
    refund = make_refund(session, order)
    tell_provider(
        session, seller.provider, "refund_to_send", "x", NOW, order_id=order.id, refund_id=str(refund.id)
    )
    session.commit()
    messages = {
        mail.to: mail_writer(app, settings)(session, mail) for mail in mails(session, "refund_to_send")
    }
    assert messages[seller.provider.contact_email].unsubscribe is None
    link = messages["fay@provider.example"].unsubscribe
    assert link in messages["fay@provider.example"].text
    path = link.removeprefix(settings.public_url)
    guest = Client(app.test_client())
    assert guest.get(path).h1 == "Switch off: Money to give back"
    assert notices_off(session, fay.id) == {"payments"}, "a program that opens links switches nothing off"
    assert guest.inner.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    session.expire_all()
    assert notices_off(session, fay.id) == {"payments", "refunds"}
    guest.get(f"{path[:-3]}abc", status=404)
