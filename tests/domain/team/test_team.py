"""A provider's people: who they are, what each may do, and which mails reach whom."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.people.models import Person, Provider, Realm
from app.domain.people.permissions import Permission
from app.domain.team.change_team_role import LastOwner, NotInTeam, change_team_role
from app.domain.team.models import TeamMember, TeamRole
from app.domain.team.notices import NOTICES, choose_notices, switch_off
from app.domain.team.queries import notices_off, role_in_team, team_of
from app.domain.team.roles import TEAM, withheld
from app.domain.team.tell_provider import tell_provider
from app.jobs.mails import TO_THE_SELLER
from tests.domain.people.samples import make_sign_in
from tests.factories import NOW, make_provider
from tests.traces import mails


@pytest.fixture
def provider(session: Session) -> Provider:
    return make_provider(session)


def join(session: Session, provider: Provider, name: str, role: TeamRole = TeamRole.OWNER) -> Person:
    """Somebody who signs in for the provider, and has this role from then on."""
    [account] = [each.account_id for each in provider.registry_accounts]
    email = f"{name.lower()}@provider.example"
    person = make_sign_in(
        session, Realm.REGISTRY, name=name, email=email, accounts=(account,), roles=frozenset({"provider"})
    ).person
    session.flush()
    session.get_one(TeamMember, (provider.id, person.id)).role = role
    session.flush()
    return person


def told(session: Session, kind: str) -> set[str]:
    return {mail.to for mail in mails(session, kind)}


def test_whoever_signs_in_for_it_is_in_the_team_once_and_an_owner(session, provider):
    ada = join(session, provider, "Ada")
    make_sign_in(session, Realm.REGISTRY, subject=ada.subject, accounts=("A6.4-ACC-OF-NOBODY",))
    [member] = team_of(session, provider.id)
    assert (member.person_id, member.role) == (ada.id, TeamRole.OWNER)
    assert team_of(session, make_provider(session).id) == []


def test_a_narrower_role_is_given_by_an_owner_and_written_down(session, provider):
    ada, bea = join(session, provider, "Ada"), join(session, provider, "Bea")
    change_team_role(session, provider.id, bea.id, TeamRole.SALES, by=ada.id, now=NOW)
    change_team_role(session, provider.id, bea.id, TeamRole.SALES, by=ada.id, now=NOW)
    session.flush()
    account = provider.registry_accounts[0].account_id
    assert role_in_team(session, bea.id, [account]) is TeamRole.SALES
    assert role_in_team(session, bea.id, ["A6.4-ACC-OF-NOBODY"]) is TeamRole.OWNER
    [row] = session.scalars(select(AuditEvent).where(AuditEvent.event == "team_member.changed"))
    assert (row.actor_person_id, row.payload) == (
        ada.id,
        {"member": str(bea.id), "before": "owner", "after": "sales"},
    )


def test_somebody_stays_an_owner_and_nobody_elses_team_is_changed(session, provider):
    ada = join(session, provider, "Ada")
    with pytest.raises(LastOwner):
        change_team_role(session, provider.id, ada.id, TeamRole.READER, by=ada.id, now=NOW)
    with pytest.raises(NotInTeam):
        change_team_role(session, make_provider(session).id, ada.id, TeamRole.READER, by=ada.id, now=NOW)


def test_what_each_role_may_do_is_said_for_every_permission():
    assert withheld(TeamRole.OWNER) == frozenset()
    assert all(each.endswith(":write") for each in withheld(TeamRole.READER))
    assert Permission.PROVIDER_PAYMENTS_WRITE in withheld(TeamRole.SALES)
    assert withheld(TeamRole.FINANCE) >= {
        Permission.PROVIDER_OFFERS_WRITE,
        Permission.PROVIDER_MANDATES_WRITE,
        Permission.PROVIDER_TEAM_WRITE,
    }
    held_by_somebody = TEAM[TeamRole.SALES] | TEAM[TeamRole.FINANCE]
    assert TEAM[TeamRole.OWNER] - held_by_somebody == {
        Permission.PROVIDER_PROFILE_WRITE,
        Permission.PROVIDER_TEAM_WRITE,
    }


def test_a_notice_reaches_whom_it_concerns_and_who_wants_it(session, provider):
    for name, role in (("Ada", "owner"), ("Fay", "finance"), ("Sue", "sales"), ("Ray", "reader")):
        join(session, provider, name, TeamRole(role))
    off = join(session, provider, "Off")
    switch_off(session, off.id, "refunds", NOW)
    switch_off(session, off.id, "refunds", NOW)
    for _ in range(2):
        tell_provider(session, provider, "refund_to_send", "the refund", NOW)
    assert told(session, "refund_to_send") == {
        provider.contact_email,
        "ada@provider.example",
        "fay@provider.example",
    }
    assert len(mails(session, "refund_to_send")) == 3
    tell_provider(session, provider, "no_notice", "x", NOW)
    assert told(session, "no_notice") == {provider.contact_email}
    tell_provider(session, provider, "review_due", "x", NOW)
    assert "off@provider.example" in told(session, "review_due")


def test_one_address_gets_one_mail(session, provider):
    ada = join(session, provider, "Ada")
    provider.contact_email = "ADA@provider.example"
    tell_provider(session, provider, "review_due", "x", NOW)
    assert [mail.to for mail in mails(session, "review_due")] == ["ADA@provider.example"]
    assert ada.email == "ada@provider.example"


def test_what_is_wanted_can_be_chosen_anew(session, provider):
    ada = join(session, provider, "Ada")
    choose_notices(session, ada.id, {"payments"}, NOW)
    assert notices_off(session, ada.id) == set(NOTICES) - {"payments"}
    choose_notices(session, ada.id, set(NOTICES), NOW)
    assert notices_off(session, ada.id) == frozenset()


def test_every_mail_to_a_seller_about_an_order_can_be_switched_off():
    assert {kind for notice in NOTICES.values() for kind in notice.mails} >= TO_THE_SELLER
