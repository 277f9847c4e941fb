"""Becoming a provider: with accounts that are nobody's, a checklist, and an administrator's attention in the end."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.payments.models import AccountState
from app.domain.people.accept_provider_terms import accept_provider_terms
from app.domain.people.change_provider_profile import (
    ProfileLocked,
    ProviderProfile,
    change_provider_profile,
)
from app.domain.people.models import Person, Provider, ProviderState, Realm, RegistryAccount
from app.domain.people.onboarding import Item, checklist
from app.domain.people.open_provider import AccountTaken, Holder, open_provider
from app.domain.people.provider_queries import provider_of
from app.domain.people.provider_terms import TERMS_VERSION
from app.domain.people.submit_provider import SomethingMissing, submit_provider
from app.domain.states import IllegalStep
from tests.bank import make_bank_account
from tests.domain.people.samples import make_administrator, make_sign_in
from tests.factories import NOW, make_payee_account, make_provider
from tests.traces import mails, payloads, steps

HOLDER = Holder("Sample Énergie & Fils SARL", "SN")
PROFILE = ProviderProfile(
    legal_name=HOLDER.name,
    display_name="Sample Énergie",
    country="SN",
    street="1, rue de l’Exemple",
    postcode=None,
    town="Dakar",
    registration_number="SN-DKR-2026-B-1",
    tax_id=None,
    contact_name="Nora Sample",
    contact_email="nora@provider.example",
    website=None,
)


@pytest.fixture
def nora(session: Session) -> Person:
    return make_sign_in(
        session,
        Realm.REGISTRY,
        email="nora@provider.example",
        name="Nora Sample",
        roles=frozenset({"provider"}),
    ).person


@pytest.fixture
def opened(session: Session, nora: Person) -> Provider:
    return open_provider(session, HOLDER, ["SN-ACC-1", "SN-ACC-2"], nora, NOW)


def missing(session: Session, provider: Provider) -> list[Item]:
    return [each.item for each in checklist(session, provider) if not each.done]


def complete(session: Session, provider: Provider, person: Person) -> None:
    change_provider_profile(session, provider.id, PROFILE, person.id, NOW)
    make_bank_account(session, provider)
    accept_provider_terms(session, provider.id, "the words", "en", person.id, NOW)


def test_a_provider_begins_with_what_the_registry_says_and_has_the_accounts(session, nora, opened):
    assert opened.state == ProviderState.ONBOARDING
    assert (opened.legal_name, opened.country, opened.slug) == (HOLDER.name, "SN", "sample-energie-fils-sarl")
    assert (opened.contact_name, opened.contact_email) == ("Nora Sample", "nora@provider.example")
    assert provider_of(session, ["SN-ACC-2"]) is opened
    [opening] = payloads(session, opened.id, "provider.opened")
    assert opening["accounts"] == ["SN-ACC-1", "SN-ACC-2"]


def test_names_that_are_alike_get_addresses_of_their_own(session, nora, opened):
    other = open_provider(session, HOLDER, ["SN-ACC-3"], nora, NOW)
    foreign = open_provider(session, Holder("株式会社", "JP"), ["JP-ACC-1"], nora, NOW)
    assert (other.slug, foreign.slug) == ("sample-energie-fils-sarl-2", "provider")


def test_an_account_of_another_provider_is_never_taken(session, nora):
    theirs = make_provider(session)
    [account] = [each.account_id for each in theirs.registry_accounts]
    with pytest.raises(AccountTaken), session.begin_nested():
        open_provider(session, HOLDER, ["SN-ACC-1", account], nora, NOW)
    assert session.get_one(RegistryAccount, account, populate_existing=True).provider_id == theirs.id


def test_the_list_says_what_is_missing_until_it_is_there(session, nora, opened):
    assert missing(session, opened) == [Item.ADDRESS, Item.PAYEE, Item.TERMS]
    change_provider_profile(session, opened.id, replace(PROFILE, contact_name=None), nora.id, NOW)
    assert missing(session, opened) == [Item.CONTACT, Item.PAYEE, Item.TERMS]
    change_provider_profile(session, opened.id, PROFILE, nora.id, NOW)
    # A bank account is always needed, and one that is in use.
    make_payee_account(session, opened, gateway="paypal")
    bank = make_bank_account(session, opened)
    bank.account.state = AccountState.VERIFYING
    session.flush()
    assert missing(session, opened) == [Item.PAYEE, Item.TERMS]
    bank.account.state = AccountState.ACTIVE
    accept_provider_terms(session, opened.id, "the words", "fr", nora.id, NOW)
    assert missing(session, opened) == []
    opened.terms_version = "2020-01"
    session.flush()
    assert missing(session, opened) == [Item.TERMS]


def test_terms_are_accepted_once_with_the_very_words(session, nora, opened):
    for words in ("the words", "other words"):
        accept_provider_terms(session, opened.id, words, "fr", nora.id, NOW)
    assert (opened.terms_version, opened.terms_accepted_by) == (TERMS_VERSION, nora.id)
    sha256 = hashlib.sha256(b"the words").hexdigest()
    assert payloads(session, opened.id, "provider.terms_accepted") == [
        {"version": TERMS_VERSION, "language": "fr", "text_sha256": sha256}
    ]


def test_what_is_complete_can_be_submitted_and_administrators_hear_of_it(session, nora, opened):
    make_administrator(session, "vera@registry.example")
    with pytest.raises(SomethingMissing) as refused:
        submit_provider(session, opened.id, nora.id, NOW)
    assert refused.value.items == [Item.ADDRESS, Item.PAYEE, Item.TERMS]
    complete(session, opened, nora)
    opened.state_reason = "The address is missing."
    submit_provider(session, opened.id, nora.id, NOW)
    session.flush()
    assert (opened.state, opened.submitted_at, opened.state_reason) == (ProviderState.IN_REVIEW, NOW, None)
    assert steps(session, opened.id)[-1] == "submit"
    told: list[Mail] = mails(session, "provider_to_approve")
    assert [(mail.to, mail.context["provider"]) for mail in told] == [("vera@registry.example", HOLDER.name)]
    with pytest.raises(IllegalStep):
        submit_provider(session, opened.id, nora.id, NOW)


def test_a_change_of_the_profile_is_written_down_and_only_what_is_different(session, nora, opened):
    change_provider_profile(session, opened.id, PROFILE, nora.id, NOW)
    change_provider_profile(session, opened.id, PROFILE, nora.id, NOW)
    [change] = payloads(session, opened.id, "provider.changed")
    assert change["after"]["town"] == "Dakar"
    assert change["before"]["town"] is None
    assert "legal_name" not in change["after"]


@pytest.mark.parametrize(
    "state, change",
    [
        (ProviderState.ACTIVE, {"legal_name": "Sample Other Ltd"}),
        (ProviderState.ACTIVE, {"country": "FR"}),
        (ProviderState.IN_REVIEW, {"town": "Thiès"}),
    ],
)
def test_what_administrators_look_at_or_have_approved_stays(
    session, nora, opened, state: ProviderState, change: dict[str, Any]
):
    change_provider_profile(session, opened.id, PROFILE, nora.id, NOW)
    opened.state = state
    session.flush()
    with pytest.raises(ProfileLocked):
        change_provider_profile(session, opened.id, replace(PROFILE, **change), nora.id, NOW)


def test_an_active_provider_moves_house_by_itself(session, nora, opened):
    change_provider_profile(session, opened.id, PROFILE, nora.id, NOW)
    opened.state = ProviderState.ACTIVE
    session.flush()
    change_provider_profile(session, opened.id, replace(PROFILE, town="Thiès"), nora.id, NOW)
    assert opened.town == "Thiès"
