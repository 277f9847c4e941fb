"""Names to choose again: of a person, or of an organisation for those who buy for it."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.people import save_beneficiary as saving
from app.domain.people.account_models import SavedBeneficiary
from app.domain.people.account_queries import beneficiaries_of
from app.domain.people.forget_beneficiary import forget_beneficiary
from app.domain.people.membership import NotAllowed, NotAMember
from app.domain.people.models import PersonKind
from app.domain.people.save_beneficiary import TooManyBeneficiaries, save_beneficiary
from tests.domain.people.samples import make_buyer, make_organisation
from tests.factories import NOW


def save(session, person, name="Sample Bakery", organisation=None, country="FR") -> None:
    save_beneficiary(
        session,
        person.id,
        kind=PersonKind.ORGANISATION,
        name=name,
        country=country,
        organisation_id=organisation.id if organisation else None,
        now=NOW,
    )


def names(session, person) -> list[str]:
    return [each.name for each in beneficiaries_of(session, person.id)]


def test_each_sees_their_own_and_those_of_whom_they_buy_for(session):
    owner, buyer, viewer, stranger = (make_buyer(session) for _ in range(4))
    organisation = make_organisation(session, owner, buyer=buyer, viewer=viewer)
    save(session, owner, "of the owner")
    save(session, buyer, "of the organisation", organisation)
    save(session, stranger, "of a stranger")
    assert names(session, owner) == ["of the organisation", "of the owner"]
    assert names(session, buyer) == ["of the organisation"]
    assert names(session, viewer) == []
    assert names(session, stranger) == ["of a stranger"]


def test_the_same_twice_is_once_but_another_country_is_another(session):
    ana = make_buyer(session)
    organisation = make_organisation(session, ana)
    for _ in range(2):
        save(session, ana)
        save(session, ana, organisation=organisation)
    save(session, ana, country="DE")
    assert len(names(session, ana)) == 3


def test_who_does_not_buy_for_an_organisation_saves_nothing_there(session):
    owner, viewer, stranger = (make_buyer(session) for _ in range(3))
    organisation = make_organisation(session, owner, viewer=viewer)
    with pytest.raises(NotAllowed):
        save(session, viewer, organisation=organisation)
    with pytest.raises(NotAMember):
        save(session, stranger, organisation=organisation)


def test_a_list_has_an_end(session, monkeypatch):
    monkeypatch.setattr(saving, "MOST", 1)
    ana, otto = make_buyer(session), make_buyer(session)
    for person in (ana, otto):
        save(session, person)
    save(session, ana, organisation=make_organisation(session, ana))
    with pytest.raises(TooManyBeneficiaries):
        save(session, ana, "Another")


def test_only_ones_own_is_forgotten(session):
    owner, viewer, stranger = (make_buyer(session) for _ in range(3))
    organisation = make_organisation(session, owner, viewer=viewer)
    save(session, owner, "own")
    save(session, owner, "shared", organisation)
    shared, own = session.scalars(select(SavedBeneficiary).order_by(SavedBeneficiary.name.desc())).all()
    for person, beneficiary, refusal in (
        (stranger, own, NotAMember),
        (stranger, shared, NotAMember),
        (viewer, own, NotAMember),
        (viewer, shared, NotAllowed),
    ):
        with pytest.raises(refusal):
            forget_beneficiary(session, person.id, beneficiary.id)
    with pytest.raises(NotAMember):
        forget_beneficiary(session, owner.id, owner.id)
    for each in (own, shared):
        forget_beneficiary(session, owner.id, each.id)
    assert names(session, owner) == []


def test_the_database_wants_exactly_one_owner(session):
    session.add(SavedBeneficiary(kind=PersonKind.INDIVIDUAL, name="x", country="FR", saved_at=NOW))
    with pytest.raises(IntegrityError, match="ck_saved_beneficiary_owner"):
        session.flush()
