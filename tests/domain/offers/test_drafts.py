"""A draft is kept as it was typed, and becomes one offer: at once, or when the registry has earmarked its units."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Mandate
from app.domain.mandates.models import ActState
from app.domain.mandates.settle_act import confirm_act, refuse_act
from app.domain.offers.draft_queries import currencies_taken, draft_of_act, own_draft, own_drafts
from app.domain.offers.draft_terms import TermsRefused
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.needs_review import needs_review
from app.domain.offers.offer_granted_units import offer_granted_units
from app.domain.offers.offer_texts import texts_of
from app.domain.offers.publish_draft import NotPublishable
from app.domain.offers.save_draft import DraftClosed
from app.domain.offers.terms_models import OfferDraft
from app.domain.offers.throw_away_draft import throw_away_draft
from app.domain.payments.models import AccountState
from app.domain.people.models import Provider, ProviderState
from app.integrations.registry.delegated_fake import FakeDelegatedRegistry
from app.integrations.registry.interface import Block
from tests.domain.offers.drafts import keep, publish
from tests.domain.people.samples import make_buyer
from tests.factories import NOW, make_mandate, make_offer, make_order, make_payee_account, make_provider
from tests.traces import payloads, steps, trail


@pytest.fixture
def provider(session: Session) -> Provider:
    """One that has sold here before."""
    made = make_provider(session)
    make_offer(session, provider=made)
    return made


@pytest.fixture
def person(session: Session) -> UUID:
    return make_buyer(session).id


@pytest.fixture
def block() -> Block:
    return FakeDelegatedRegistry().hold("A6.4-ACC-1", 100)


@pytest.fixture
def mandate(session: Session, provider: Provider) -> Mandate:
    """Units that are earmarked, and not offered."""
    return make_mandate(session, provider, quantity=60)


def drafted(
    session: Session, provider: Provider, person: UUID, mandate: Mandate, **changes: str
) -> OfferDraft:
    return keep(session, provider, person, mandate.block_id, mandate_id=mandate.mandate_id, **changes)


def refused(session: Session, draft: OfferDraft, provider: Provider, *args, **options) -> str:
    with pytest.raises(NotPublishable) as raised:
        publish(session, draft, provider, *args, **options)
    return raised.value.code


# Keeping.


def test_a_draft_is_kept_as_typed_and_changed_by_its_key(session, provider, person):
    key = uuid4()
    keep(session, provider, person, key=key, quantity="a few", text_en="One\x00")
    draft = keep(session, provider, person, key=key, quantity="7", text_en="Two\nlines")
    assert (draft.typed["quantity"], draft.typed["text-en"]) == ("7", "Two\nlines")
    accounts = [draft.account_id]
    assert own_drafts(session, provider.id, accounts) == [draft]
    stranger = make_provider(session)
    with pytest.raises(DraftClosed):
        keep(session, stranger, person, key=key)
    assert own_draft(session, stranger.id, accounts, key) is None
    assert own_draft(session, provider.id, ["A6.4-ACC-0"], key) is None


def test_a_draft_that_is_thrown_away_is_gone(session, provider, person, block):
    draft = keep(session, provider, person)
    throw_away_draft(session, draft.id, NOW)
    assert own_drafts(session, provider.id, [draft.account_id]) == []
    assert own_draft(session, provider.id, [draft.account_id], draft.id) is None
    with pytest.raises(DraftClosed):
        keep(session, provider, person, key=draft.id)
    assert refused(session, draft, provider, block) == "thrown_away"


def test_the_currencies_are_those_of_active_accounts(session):
    provider = make_provider(session, account=False)
    make_payee_account(session, provider, currencies=["USD", "EUR"])
    make_payee_account(session, provider, currencies=["EUR", "CHF"])
    make_payee_account(session, provider, currencies=["JPY"], state=AccountState.DEGRADED)
    assert currencies_taken(session, provider.id) == ["CHF", "EUR", "USD"]


# Publishing what a mandate has earmarked.


def test_units_of_a_mandate_are_offered_at_once_and_once(session, provider, person, mandate):
    draft = drafted(
        session, provider, person, mandate, on_sale_until="2026-12-31", min_quantity="5", text_fr="Bonjour"
    )
    for _ in range(2):
        publish(session, draft, provider)
    offer = draft.offer
    assert (offer.mandate_id, offer.quantity, offer.min_quantity) == (mandate.mandate_id, 60, 5)
    assert (offer.state, offer.published_at, str(offer.price)) == (OfferState.PUBLISHED, NOW, "11.20 USD")
    assert texts_of(session, [offer.id]) == {offer.id: {"fr": "Bonjour"}}
    assert [row.event for row in trail(session, offer.id)] == ["offer.created", "offer.step"]
    assert steps(session, offer.id) == ["publish"]
    assert {(row.actor, row.actor_person_id) for row in trail(session, offer.id)} == {("provider", person)}
    with pytest.raises(DraftClosed):
        throw_away_draft(session, draft.id, NOW)
    second = drafted(session, provider, person, mandate)
    assert refused(session, second, provider) == "offered"


@pytest.mark.parametrize("state", [OfferState.WITHDRAWN, OfferState.DELISTED])
def test_units_of_an_offer_that_has_ended_are_offered_again_without_those_that_buyers_hold(
    session, provider, person, mandate, state
):
    before = make_offer(session, provider=provider, mandate=mandate, quantity=60)
    make_order(session, before, 25)
    before.state = state
    draft = drafted(session, provider, person, mandate)
    publish(session, draft, provider)
    assert draft.offer.quantity == 35


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "revoked"}, "mandate_ended"),
        ({"expires_at": NOW}, "mandate_ended"),
        ({"quantity_remaining": 0}, "mandate_ended"),
        ({"block": {"status": "frozen"}}, "frozen"),
    ],
    ids=str,
)
def test_a_mandate_whose_units_cannot_be_sold_is_not_offered(session, provider, person, changes, code):
    draft = drafted(session, provider, person, make_mandate(session, provider, **changes))
    assert refused(session, draft, provider) == code
    assert draft.offer_id is None


# Publishing free units of a block.


def test_units_are_asked_for_with_the_drafts_own_key_and_offered_when_they_are_earmarked(
    session, provider, person, block, mandate
):
    draft = keep(session, provider, person, block.block_id)
    for _ in range(2):
        publish(session, draft, provider, block)
    assert (draft.act.id, draft.act.quantity, draft.act.state) == (draft.id, 40, ActState.ASKED)
    assert draft_of_act(session, draft.id) is draft
    offer_granted_units(session, draft, NOW)
    assert draft.offer is None
    for change in (
        lambda: keep(session, provider, person, key=draft.id),
        lambda: throw_away_draft(session, draft.id, NOW),
    ):
        with pytest.raises(DraftClosed):
            change()
    colleague = make_buyer(session).id
    assert refused(session, draft, provider, block, colleague) == "another_person"
    confirm_act(session, draft.id, mandate.mandate_id, NOW)
    for _ in range(2):
        publish(session, draft, provider, None, colleague, seen=NOW - timedelta(days=1))
        offer_granted_units(session, draft, NOW + timedelta(days=900))
    assert (draft.offer.mandate_id, draft.offer.quantity) == (mandate.mandate_id, 40)
    assert {row.actor_person_id for row in trail(session, draft.offer.id)} == {person}
    # Nor once more when that offer has ended.
    draft.offer.state = OfferState.WITHDRAWN
    before = draft.offer
    offer_granted_units(session, draft, NOW)
    assert draft.offer is before


def test_an_offer_waits_until_its_mandate_has_been_read(session, provider, person, block):
    draft = keep(session, provider, person, block.block_id)
    publish(session, draft, provider, block)
    confirm_act(session, draft.id, "mandate-unread", NOW)
    publish(session, draft, provider)
    assert draft.offer is None
    mandate = make_mandate(session, provider, quantity=40, mandate_id="mandate-unread")
    publish(session, draft, provider)
    assert draft.offer.mandate_id == mandate.mandate_id


def test_what_was_offered_in_another_way_meanwhile_is_not_offered_twice(
    session, provider, person, block, mandate
):
    draft = keep(session, provider, person, block.block_id)
    publish(session, draft, provider, block)
    confirm_act(session, draft.id, mandate.mandate_id, NOW)
    make_offer(session, provider=provider, mandate=mandate, quantity=60)
    offer_granted_units(session, draft, NOW)
    assert draft.offer is None
    throw_away_draft(session, draft.id, NOW)


def test_what_the_registry_has_refused_is_changed_and_asked_for_anew(session, provider, person, block):
    draft = keep(session, provider, person, block.block_id)
    publish(session, draft, provider, block)
    refuse_act(session, draft.id, "insufficient_units", NOW)
    assert draft.can_change
    keep(session, provider, person, block.block_id, key=draft.id, quantity="30")
    publish(session, draft, provider, block)
    assert draft.act.id != draft.id
    assert (draft.act.quantity, draft.act.state) == (30, ActState.ASKED)


@pytest.mark.parametrize("state", set(ProviderState) - {ProviderState.ACTIVE})
def test_only_an_active_provider_publishes(session, provider, person, block, mandate, state):
    provider.state = state
    for draft in (
        keep(session, provider, person, block.block_id),
        drafted(session, provider, person, mandate),
    ):
        assert refused(session, draft, provider, block) == state
        assert (draft.act, draft.offer) == (None, None)


def test_what_was_not_looked_at_or_is_wrong_or_gone_is_not_published(session, provider, person, block):
    draft = keep(session, provider, person, block.block_id)
    assert refused(session, draft, provider, block, seen=NOW - timedelta(seconds=1)) == "changed"
    assert refused(session, draft, provider, None) == "moved"
    with pytest.raises(TermsRefused):
        publish(session, draft, provider, replace(block, quantity_available=39))
    assert draft.act is None


# Who looks first.


def test_a_first_offer_is_looked_at_first(session, person):
    newcomer = make_provider(session)
    for _ in range(2):  # until one of them has been approved
        draft = drafted(session, newcomer, person, make_mandate(session, newcomer))
        publish(session, draft, newcomer)
        assert (draft.offer.state, draft.offer.published_at) == (OfferState.IN_REVIEW, None)
    assert payloads(session, draft.offer.id, "offer.created")[0]["review"] == "first"
    assert session.scalars(select(Offer).where(Offer.provider_id == newcomer.id)).all()


def test_later_ones_are_not_unless_something_was_delisted_or_a_text_claims_too_much(session, provider):
    assert needs_review(session, provider.id, {"en": "Stoves for Zomba."}) is None
    assert needs_review(session, provider.id, {"en": "Stoves.", "fr": "Be carbon-neutral!"}) == "text"
    make_offer(session, provider=make_provider(session), state=OfferState.DELISTED)
    assert needs_review(session, provider.id, {}) is None
    make_offer(session, provider=provider, state=OfferState.DELISTED)
    assert needs_review(session, provider.id, {}) == "delisted"
