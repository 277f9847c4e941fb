"""Organisations on their pages: creating, inviting, accepting, roles, going; and nothing for strangers."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.mails.models import Mail
from app.domain.people import create_organisation as creating
from app.domain.people.account_models import Invitation, Membership
from app.jobs.mails import mail_writer
from app.settings import Settings
from tests.web.pages import words

LIST = "/en/account/organisations"


def roles(session, organisation) -> dict:
    session.expire_all()
    found = session.scalars(select(Membership).where(Membership.organisation_id == organisation.id))
    return {each.person_id: each.role.value for each in found}


def invite(owner, organisation, email: str, role: str = "buyer", status: int = 200):
    page = owner.get(f"/organisations/{organisation.id}")
    return page.form(f"{LIST}/{organisation.id}/invitations").submit(email=email, role=role, status=status)


def link(app: Flask, settings: Settings, session) -> str:
    """The path in the newest invitation's mail."""
    mail = session.scalars(
        select(Mail).where(Mail.kind == "invitation").order_by(Mail.created_at.desc())
    ).first()
    written = mail_writer(app, settings)(session, mail)
    [path] = re.findall(r"/en(/account/invitations/\S+)", written.text)
    return path


def test_an_organisation_is_created_and_renamed(ana, session):
    page = ana.get("/organisations").form(LIST).submit(name="Sample Bakery", country="FR")
    assert page.h1 == "Sample Bakery"
    assert "As an owner" in page.text
    form = page.form(page.url)
    page = form.submit(name="", country="DE", status=422)
    assert page.errors == {"name": "Enter the organisation’s name."}
    assert page.h1 == "Sample Bakery"
    page = page.form(page.url).submit(name="Sample & Sons", country="DE")
    assert page.h1 == "Sample & Sons"
    assert words(ana.get("/organisations").one("main tbody")) == "Sample & Sons Germany Owner"


def test_a_refused_organisation_comes_back_filled_in(ana, monkeypatch):
    page = ana.get("/organisations").form(LIST).submit(name="Sample Bakery", country="", status=422)
    assert page.errors == {"country": "Choose the country."}
    assert page.form(LIST).fields["name"] == ["Sample Bakery"]
    monkeypatch.setattr(creating, "MOST", 0)
    assert "You own as many organisations as one person can." in page.form(LIST).submit(country="FR").text


def test_a_colleague_is_invited_and_joins(app, settings, ana, otto, session):
    bakery = ana.organisation()
    page = invite(ana, bakery, "Otto@example.org", "viewer")
    assert "An invitation is on its way to Otto@example.org." in page.text
    path = link(app, settings, session)
    page = otto.get(path.removeprefix("/account"))
    assert page.h1 == "Join Sample Bakery?"
    assert "As a viewer you see its orders and certificates." in page.text
    page = page.form(f"/en{path}").submit()
    assert "Welcome to Sample Bakery." in page.text
    assert page.all("main form[action$=invitations], main select") == []
    assert roles(session, bakery) == {ana.person_id: "owner", otto.person_id: "viewer"}
    assert otto.get(path.removeprefix("/account")).url == f"{LIST}/{bakery.id}"
    assert "otto@example.org" not in page.text, "members see each other's names; addresses are for owners"
    assert "otto@example.org" in ana.get(f"/organisations/{bakery.id}").text


def test_a_link_for_another_address_says_whose_it_is_and_what_to_do(
    app, settings, ana, otto, arrive, session
):
    bakery = ana.organisation()
    invite(ana, bakery, "vera.veiled@example.org")
    path = link(app, settings, session).removeprefix("/account")
    for page in (otto.get(path, status=403), otto.post(path, status=403)):
        assert "It was sent to another address" in page.text
        assert "The invitation is for v…@example.org" in page.text
        assert "vera.veiled" not in page.text
        assert page.form("/en/sign-out").fields["realm"] == ["public"]
    vera = arrive("Vera Sample", "vera.veiled@example.org")
    vera.person().email_verified = False
    session.commit()
    assert "Your e-mail address is not verified" in vera.get(path, status=403).text
    assert roles(session, bakery) == {ana.person_id: "owner"}


@pytest.mark.parametrize("what,said", [("expires_at", "fourteen days"), ("withdrawn_at", "It was withdrawn")])
def test_a_link_that_is_over_says_why(app, settings, ana, otto, session, what, said):
    bakery = ana.organisation()
    invite(ana, bakery, "otto@example.org")
    path = link(app, settings, session).removeprefix("/account")
    invitation = session.scalars(select(Invitation)).one()
    setattr(invitation, what, invitation.created_at)
    session.commit()
    assert said in otto.get(path, status=403).text
    assert said in otto.post(path, status=403).text


def test_a_link_that_was_used_says_so(app, settings, ana, otto, arrive, session):
    bakery = ana.organisation()
    invite(ana, bakery, "otto@example.org")
    path = link(app, settings, session).removeprefix("/account")
    otto.post(path)
    again = arrive("Otto Again", "otto@example.org")
    assert "Somebody has accepted it already" in again.get(path, status=403).text
    ana.get("/invitations/no-such-link", status=404)


def test_a_refused_invitation_comes_back_filled_in(ana, otto):
    bakery = ana.organisation(viewer=otto)
    page = invite(ana, bakery, "nobody", "owner", status=422)
    assert "This is no e-mail address" in page.error("email")
    assert page.form(f"{LIST}/{bakery.id}/invitations").fields["role"] == ["owner"]
    assert page.form(f"{LIST}/{bakery.id}").fields["name"] == ["Sample Bakery"]
    page = invite(ana, bakery, "OTTO@example.org", status=422)
    assert page.error("email") == "Somebody with this address is a member already."
    page = ana.post(f"/organisations/{bakery.id}/invitations", status=422, email="x@example.org", role="king")
    assert page.errors == {"role": "Say what they should be able to do."}


def test_an_invitation_is_withdrawn(ana, session):
    bakery = ana.organisation()
    page = invite(ana, bakery, "otto@example.org")
    [form] = [each for each in page.forms() if each.action.endswith("/withdraw")]
    page = form.submit()
    assert "The invitation is withdrawn." in page.text
    assert "Nobody is invited at the moment." in page.text
    assert session.scalars(select(Invitation)).one().withdrawn_at is not None


def test_roles_are_changed_and_members_removed(ana, otto, session):
    bakery = ana.organisation(buyer=otto)
    place = f"{LIST}/{bakery.id}/members/{otto.person_id}"
    page = ana.get(f"/organisations/{bakery.id}").form(place).submit(role="viewer")
    assert "The role is changed." in page.text
    assert roles(session, bakery)[otto.person_id] == "viewer"
    page = page.form(f"{place}/remove").submit()
    assert "The member is removed." in page.text
    assert roles(session, bakery) == {ana.person_id: "owner"}
    otto.get(f"/organisations/{bakery.id}", status=404)
    ana.post(f"/organisations/{bakery.id}/members/{ana.person_id}/remove", status=400)
    ana.post(f"/organisations/{bakery.id}/members/{ana.person_id}", status=400, role="king")


def test_the_last_owner_is_told_why_they_stay(ana, otto, session):
    bakery = ana.organisation(viewer=otto)
    page = ana.get(f"/organisations/{bakery.id}")
    for form, typed in (
        (page.form(f"{LIST}/{bakery.id}/members/{ana.person_id}"), {"role": "viewer"}),
        (page.form(f"{LIST}/{bakery.id}/leave"), {}),
    ):
        assert "would have no owner any more" in form.submit(**typed).text
    assert roles(session, bakery)[ana.person_id] == "owner"


def test_leaving_and_closing(ana, otto, session):
    bakery = ana.organisation(viewer=otto)
    page = otto.get(f"/organisations/{bakery.id}")
    assert "Only an owner can let you in again." in page.text
    assert "You have left Sample Bakery." in page.form(f"{LIST}/{bakery.id}/leave").submit().text
    page = ana.get(f"/organisations/{bakery.id}")
    assert "leaving closes it" in page.text
    page.form(f"{LIST}/{bakery.id}/leave").submit()
    assert roles(session, bakery) == {}
    ana.get(f"/organisations/{bakery.id}", status=404)


# Ids swapped between two buyers.


def test_a_strangers_organisation_is_not_there(ana, otto, arrive, session):
    """Every address of an organisation, with each of its ids in turn one's own and somebody else's."""
    vera = arrive("Vera Sample")
    mine, theirs = ana.organisation("Mine", viewer=vera), otto.organisation("Theirs", viewer=vera)
    invite(ana, mine, "one@example.org")
    invite(otto, theirs, "two@example.org")
    invitations = {each.organisation_id: each.id for each in session.scalars(select(Invitation))}
    before = roles(session, mine), roles(session, theirs)
    ana.get(f"/organisations/{theirs.id}", status=404)
    for path, data in (
        (f"/organisations/{theirs.id}", {"name": "X", "country": "FR"}),
        (f"/organisations/{theirs.id}/leave", {}),
        (f"/organisations/{theirs.id}/invitations", {"email": "x@example.org", "role": "owner"}),
        (f"/organisations/{theirs.id}/invitations/{invitations[theirs.id]}/withdraw", {}),
        (f"/organisations/{mine.id}/invitations/{invitations[theirs.id]}/withdraw", {}),
        (f"/organisations/{theirs.id}/members/{otto.person_id}", {"role": "viewer"}),
        (f"/organisations/{mine.id}/members/{otto.person_id}", {"role": "viewer"}),
        (f"/organisations/{theirs.id}/members/{vera.person_id}/remove", {}),
        (f"/organisations/{mine.id}/members/{otto.person_id}/remove", {}),
    ):
        ana.post(path, status=404, **data)
    assert (roles(session, mine), roles(session, theirs)) == before
    assert {each.withdrawn_at for each in session.scalars(select(Invitation))} == {None}
    assert len(invitations) == 2


def test_members_do_what_their_role_lets_them(ana, otto, arrive, session):
    vera = arrive("Vera Sample")
    bakery = ana.organisation(buyer=otto, viewer=vera)
    invite(ana, bakery, "one@example.org")
    invitation = session.scalars(select(Invitation.id)).one()
    for member in (otto, vera):
        page = member.get(f"/organisations/{bakery.id}")
        assert [form.action for form in page.forms()] == [f"{LIST}/{bakery.id}/leave"]
        for path, data in (
            ("", {"name": "X", "country": "FR"}),
            ("/invitations", {"email": "x@example.org", "role": "owner"}),
            (f"/invitations/{invitation}/withdraw", {}),
            (f"/members/{member.person_id}", {"role": "owner"}),
            (f"/members/{ana.person_id}/remove", {}),
        ):
            member.post(f"/organisations/{bakery.id}{path}", status=403, **data)
    assert sorted(roles(session, bakery).values()) == ["buyer", "owner", "viewer"]
