"""Organisations: who belongs to them, by whose word, and that somebody always can manage them."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.audit.models import AuditEvent
from app.domain.mails.models import Mail
from app.domain.people import create_organisation as creating
from app.domain.people import invite_member as inviting
from app.domain.people.accept_invitation import InvitationRefused, UnknownInvitation, accept_invitation
from app.domain.people.account_models import Invitation, MemberRole, Membership, SavedBeneficiary
from app.domain.people.account_queries import members_of, memberships_of, open_invitations, organisations_with
from app.domain.people.change_organisation import change_organisation
from app.domain.people.change_role import change_role
from app.domain.people.complete_profile import complete_profile
from app.domain.people.create_organisation import TooManyOrganisations, create_organisation
from app.domain.people.hashes import token_hash
from app.domain.people.invite_member import AlreadyMember, TooManyInvitations
from app.domain.people.leave import leave
from app.domain.people.membership import LastOwner, NotAllowed, NotAMember, roles_with
from app.domain.people.models import PersonKind
from app.domain.people.permissions import Permission
from app.domain.people.remove_member import NotOneself, remove_member
from app.domain.people.save_beneficiary import save_beneficiary
from app.domain.people.withdraw_invitation import withdraw_invitation
from tests.domain.people.samples import claims, invite, make_buyer, make_organisation, make_sign_in
from tests.factories import NOW

DAY = timedelta(days=1)


def roles(session, organisation) -> dict:
    session.flush()
    return {each.person_id: each.role.value for each in members_of(session, organisation.id)}


def events(session) -> list[str]:
    session.flush()
    return list(
        session.scalars(
            select(AuditEvent.event).where(AuditEvent.entity == "organisation").order_by(AuditEvent.id)
        )
    )


# The profile.


def test_a_profile_is_kept_and_its_name_outlives_the_next_sign_in(session):
    ana = make_sign_in(session, subject="s", name="Ana S").person
    complete_profile(
        session,
        ana.id,
        name="Ana Sample-Example",
        language="fr",
        country="FR",
        kind=PersonKind.ORGANISATION,
        now=NOW,
    )
    make_sign_in(session, subject="s", name="Ana S", email="new@example.org", now=NOW + DAY)
    assert (ana.name, ana.language, ana.country, ana.kind) == (
        "Ana Sample-Example",
        "fr",
        "FR",
        "organisation",
    )
    assert ana.email == "new@example.org", "the address stays what the identity provider has verified"


# Making one.


def test_who_creates_an_organisation_owns_it(session):
    ana = make_buyer(session)
    organisation = create_organisation(session, ana.id, "Sample Bakery", "FR", NOW)
    assert roles(session, organisation) == {ana.id: "owner"}
    assert [each.organisation for each in memberships_of(session, ana.id)] == [organisation]
    assert events(session) == ["organisation.created"]


def test_nobody_creates_organisations_without_end(session, monkeypatch):
    monkeypatch.setattr(creating, "MOST", 2)
    ana = make_buyer(session)
    for _ in range(2):
        create_organisation(session, ana.id, "Sample Bakery", "FR", NOW)
    with pytest.raises(TooManyOrganisations):
        create_organisation(session, ana.id, "Sample Bakery", "FR", NOW)


def test_only_an_owner_renames_it(session):
    owner, buyer, stranger = (make_buyer(session) for _ in range(3))
    organisation = make_organisation(session, owner, buyer=buyer)
    change_organisation(session, organisation.id, name="New", country="DE", by=owner.id, now=NOW)
    assert (organisation.name, organisation.country) == ("New", "DE")
    with pytest.raises(NotAllowed):
        change_organisation(session, organisation.id, name="X", country="DE", by=buyer.id, now=NOW)
    with pytest.raises(NotAMember):
        change_organisation(session, organisation.id, name="X", country="DE", by=stranger.id, now=NOW)


def test_what_the_roles_hold(session):
    everybody = [MemberRole.OWNER, MemberRole.BUYER, MemberRole.VIEWER]
    assert roles_with(Permission.ORGANISATION_ORDERS_READ) == everybody
    assert roles_with(Permission.ORGANISATION_ORDERS_PLACE) == everybody[:2]
    assert roles_with(Permission.ORGANISATION_MEMBERS_WRITE) == everybody[:1]
    owner, viewer = make_buyer(session), make_buyer(session)
    organisation = make_organisation(session, owner, viewer=viewer)
    assert organisations_with(session, owner.id, Permission.ORGANISATION_ORDERS_PLACE) == [organisation]
    assert organisations_with(session, viewer.id, Permission.ORGANISATION_ORDERS_PLACE) == []


# Inviting.


def test_an_invitation_is_mailed_and_its_token_is_not_in_the_database(session):
    owner = make_buyer(session)
    organisation = make_organisation(session, owner)
    invitation, token = invite(session, organisation, owner, "otto@example.org", "viewer", language="fr")
    assert invitation.token_hash == token_hash(token)
    assert invitation.expires_at == NOW + timedelta(days=14)
    mail = session.scalars(select(Mail)).one()
    assert (mail.kind, mail.to, mail.language) == ("invitation", "otto@example.org", "fr")
    assert mail.context == {"invitation_id": str(invitation.id), "token_sealed": "sealed"}
    assert open_invitations(session, organisation.id, NOW) == [invitation]
    assert open_invitations(session, organisation.id, invitation.expires_at) == []


def test_a_known_reader_is_written_to_in_their_own_language(session):
    owner = make_buyer(session)
    make_buyer(session, "otto@example.org").language = "es"
    invite(session, make_organisation(session, owner), owner, "Otto@example.org", language="fr")
    assert session.scalars(select(Mail)).one().language == "es"


def test_a_second_invitation_takes_the_place_of_the_first(session):
    owner, otto = make_buyer(session), make_buyer(session, "otto@example.org")
    organisation = make_organisation(session, owner)
    first, token = invite(session, organisation, owner, "otto@example.org")
    second, _ = invite(session, organisation, owner, "OTTO@example.org", "owner")
    assert open_invitations(session, organisation.id, NOW) == [second]
    with pytest.raises(InvitationRefused, match="withdrawn"):
        accept_invitation(session, token, otto.id, NOW)
    assert first.accepted_at is None


def test_only_owners_invite_and_nobody_twice(session):
    owner, buyer, stranger = make_buyer(session), make_buyer(session, "b@example.org"), make_buyer(session)
    organisation = make_organisation(session, owner, buyer=buyer)
    for person, refusal in ((buyer, NotAllowed), (stranger, NotAMember)):
        with pytest.raises(refusal):
            invite(session, organisation, person, "new@example.org")
    with pytest.raises(AlreadyMember):
        invite(session, organisation, owner, "B@example.org")


def test_invitations_are_no_tool_for_spam(session, monkeypatch):
    monkeypatch.setattr(inviting, "MOST_OPEN", 1)
    owner = make_buyer(session)
    organisation = make_organisation(session, owner)
    invite(session, organisation, owner, "one@example.org")
    invite(session, organisation, owner, "one@example.org")
    with pytest.raises(TooManyInvitations):
        invite(session, organisation, owner, "two@example.org")


# Accepting.


def test_the_person_with_the_verified_address_joins_once(session):
    owner, otto = make_buyer(session), make_buyer(session, "Otto@example.org")
    organisation = make_organisation(session, owner)
    invitation, token = invite(session, organisation, owner, "otto@Example.org", "viewer")
    for _ in range(2):
        accept_invitation(session, token, otto.id, NOW)
    assert roles(session, organisation) == {owner.id: "owner", otto.id: "viewer"}
    assert (invitation.accepted_at, invitation.accepted_by) == (NOW, otto.id)
    assert events(session).count("organisation.invitation_accepted") == 1


@pytest.mark.parametrize(
    "address,verified,code",
    [
        ("other@example.org", True, "other_address"),
        ("otto+x@example.org", True, "other_address"),
        ("o.tto@example.org", True, "other_address"),
        ("otto@example.org", False, "unverified"),
    ],
)
def test_a_link_that_was_passed_on_opens_nothing(session, address, verified, code):
    owner, other = make_buyer(session), make_buyer(session, address, email_verified=verified)
    organisation = make_organisation(session, owner)
    _, token = invite(session, organisation, owner, "otto@example.org")
    with pytest.raises(InvitationRefused, match=code):
        accept_invitation(session, token, other.id, NOW)
    assert roles(session, organisation) == {owner.id: "owner"}


def test_an_invitation_is_for_one_person_for_fourteen_days(session):
    owner, otto = make_buyer(session), make_buyer(session, "otto@example.org")
    twin = make_buyer(session, "otto@example.org", issuer="https://elsewhere.example.org")
    organisation = make_organisation(session, owner)
    _, token = invite(session, organisation, owner, "otto@example.org")
    with pytest.raises(InvitationRefused, match="expired"):
        accept_invitation(session, token, otto.id, NOW + timedelta(days=14))
    accept_invitation(session, token, otto.id, NOW + timedelta(days=14, seconds=-1))
    with pytest.raises(InvitationRefused, match="used"):
        accept_invitation(session, token, twin.id, NOW)
    with pytest.raises(UnknownInvitation):
        accept_invitation(session, "no such token", otto.id, NOW)


def test_a_withdrawn_invitation_opens_nothing(session):
    owner, otto = make_buyer(session), make_buyer(session, "otto@example.org")
    organisation, other = make_organisation(session, owner), make_organisation(session, otto)
    invitation, token = invite(session, organisation, owner, "otto@example.org")
    with pytest.raises(NotAMember):
        withdraw_invitation(session, organisation.id, invitation.id, by=otto.id, now=NOW)
    with pytest.raises(NotAMember):
        withdraw_invitation(session, other.id, invitation.id, by=otto.id, now=NOW)
    assert invitation.withdrawn_at is None
    withdraw_invitation(session, organisation.id, invitation.id, by=owner.id, now=NOW)
    with pytest.raises(InvitationRefused, match="withdrawn"):
        accept_invitation(session, token, otto.id, NOW)


def test_a_member_keeps_their_role_whatever_an_older_invitation_says(session):
    owner, otto = make_buyer(session), make_buyer(session, "otto@example.org")
    organisation = make_organisation(session, owner)
    _, token = invite(session, organisation, owner, "otto@example.org", "owner")
    session.add(
        Membership(organisation_id=organisation.id, person_id=otto.id, role=MemberRole.VIEWER, since=NOW)
    )
    session.flush()
    accept_invitation(session, token, otto.id, NOW)
    assert roles(session, organisation)[otto.id] == "viewer"


# Roles, and going.


def test_an_owner_gives_roles_and_takes_them(session):
    owner, otto = make_buyer(session), make_buyer(session)
    organisation = make_organisation(session, owner, buyer=otto)
    change_role(session, organisation.id, otto.id, MemberRole.OWNER, by=owner.id, now=NOW)
    change_role(session, organisation.id, owner.id, MemberRole.VIEWER, by=otto.id, now=NOW)
    assert roles(session, organisation) == {owner.id: "viewer", otto.id: "owner"}
    with pytest.raises(NotAllowed):
        change_role(session, organisation.id, owner.id, MemberRole.OWNER, by=owner.id, now=NOW)
    with pytest.raises(NotAMember):
        change_role(session, organisation.id, make_buyer(session).id, MemberRole.OWNER, by=otto.id, now=NOW)


def test_the_last_owner_stays_while_there_are_others(session):
    owner, viewer = make_buyer(session), make_buyer(session)
    organisation = make_organisation(session, owner, viewer=viewer)
    with pytest.raises(LastOwner):
        change_role(session, organisation.id, owner.id, MemberRole.BUYER, by=owner.id, now=NOW)
    with pytest.raises(LastOwner):
        leave(session, organisation.id, owner.id, NOW)
    with pytest.raises(NotOneself):
        remove_member(session, organisation.id, owner.id, by=owner.id, now=NOW)
    assert roles(session, organisation) == {owner.id: "owner", viewer.id: "viewer"}


def test_members_are_removed_by_owners_only(session):
    owner, buyer, viewer, stranger = (make_buyer(session) for _ in range(4))
    organisation = make_organisation(session, owner, buyer=buyer, viewer=viewer)
    with pytest.raises(NotAllowed):
        remove_member(session, organisation.id, viewer.id, by=buyer.id, now=NOW)
    with pytest.raises(NotAMember):
        remove_member(session, organisation.id, viewer.id, by=stranger.id, now=NOW)
    with pytest.raises(NotAMember):
        remove_member(session, organisation.id, stranger.id, by=owner.id, now=NOW)
    remove_member(session, organisation.id, viewer.id, by=owner.id, now=NOW)
    leave(session, organisation.id, buyer.id, NOW)
    assert roles(session, organisation) == {owner.id: "owner"}
    assert organisation.closed_at is None


def test_the_last_to_leave_closes_it(session):
    owner = make_buyer(session)
    organisation = make_organisation(session, owner)
    save_beneficiary(
        session,
        owner.id,
        kind=PersonKind.ORGANISATION,
        name="Sample Bakery",
        country="FR",
        organisation_id=organisation.id,
        now=NOW,
    )
    invitation, _ = invite(session, organisation, owner, "otto@example.org")
    leave(session, organisation.id, owner.id, NOW)
    session.refresh(invitation)
    assert (organisation.closed_at, invitation.withdrawn_at) == (NOW, NOW)
    assert session.scalars(select(SavedBeneficiary)).all() == []
    with pytest.raises(NotAMember):
        leave(session, organisation.id, owner.id, NOW)


def test_two_owners_who_leave_at_once_do_not_leave_the_others_alone(sessions):
    with sessions.begin() as session:
        first, second, viewer = (make_buyer(session) for _ in range(3))
        organisation = make_organisation(session, first, owner_2=second, viewer=viewer)

    def go() -> str:
        with sessions() as session:
            try:
                leave(session, organisation.id, second.id, NOW)
            except LastOwner:
                return "stays"
            session.commit()
            return "gone"

    with ThreadPoolExecutor(1) as threads, sessions() as session:
        leave(session, organisation.id, first.id, NOW)
        other = threads.submit(go)
        wait([other], timeout=0.5)  # it does not answer before it knows what becomes of the first
        session.commit()
        assert other.result(20) == "stays"
    with sessions() as session:
        assert sorted(roles(session, organisation).values()) == ["owner", "viewer"]


def test_the_same_subject_somewhere_else_is_no_member(session):
    """Membership hangs on the person, who is issuer and subject, never on an address."""
    owner = make_buyer(session, "ana@example.org")
    organisation = make_organisation(session, owner)
    twin = make_sign_in(session, email="ana@example.org", issuer=claims().issuer + "2").person
    assert memberships_of(session, twin.id) == []
    with pytest.raises(NotAMember):
        leave(session, organisation.id, twin.id, NOW)
    assert session.scalars(select(Invitation)).all() == []
