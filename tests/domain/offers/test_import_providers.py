"""Providers and their offers from a file: the same file twice changes nothing, a wrong one changes nothing at all."""

import copy
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.catalogue.models import Mandate
from app.domain.offers.import_providers import Imported, ImportRefused, import_providers
from app.domain.offers.models import Offer, OfferState
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.apply_change import apply_change
from app.domain.payments.payees.ask_change import ask_change
from app.domain.payments.payees.confirm_change import WAIT, confirm_change
from app.domain.people.models import Provider, RegistryAccount
from app.sealing import Sealer
from tests.domain.payments.bank.accounts import GERMAN
from tests.domain.payments.payees.people import make_house, other_details
from tests.factories import NOW, SECRET_KEY, make_mandate, make_provider
from tests.traces import books, trail

SEALER = Sealer(SECRET_KEY)


@pytest.fixture
def file(session: Session) -> dict[str, Any]:
    """One provider with two offers; its mandates are of two accounts that no provider has yet."""
    somebody = make_provider(session, account=False)
    accounts = ["A6.4-ACC-ONE", "A6.4-ACC-TWO"]
    mandates = [make_mandate(session, somebody, quantity=100, account_id=account) for account in accounts]
    session.flush()
    return {
        "providers": [
            {
                "slug": "sample-stoves",
                "legal_name": "Sample Stoves Ltd",
                "display_name": "Sample Stoves",
                "country": "MW",
                "contact_email": "sales@example.org",
                "website": "https://stoves.example.org",
                "registry_accounts": accounts,
                "payee_accounts": [
                    {
                        "gateway": "paypal",
                        "mode": "own_app",
                        "external_id": "SAMPLEMERCHANT",
                        "client_id": "client",
                        "client_secret": "its secret",
                        "currencies": ["USD"],
                    }
                ],
                "offers": [
                    {
                        "mandate_id": mandates[0].mandate_id,
                        "price": "14.05",
                        "currency": "USD",
                        "min_quantity": 5,
                        "max_quantity": 50,
                    },
                    {"mandate_id": mandates[1].mandate_id, "price": "9", "currency": "USD"},
                ],
            }
        ]
    }


def load(session: Session, file: dict[str, Any]) -> Imported:
    done = import_providers(session, file, SEALER, NOW)
    session.flush()
    return done


def offers(session: Session) -> list[tuple[str, str, int, int, int | None, str]]:
    rows = session.execute(select(Offer).order_by(Offer.price_minor.desc())).scalars()
    return [
        (row.mandate_id, str(row.price), row.quantity, row.min_quantity, row.max_quantity, row.state)
        for row in rows
    ]


def test_a_file_puts_a_provider_on_sale(session: Session, file):
    assert load(session, file) == Imported(providers=1, accounts=1, offers=2, skipped=0)
    provider = session.execute(select(Provider).where(Provider.slug == "sample-stoves")).scalar_one()
    assert (provider.legal_name, provider.display_name, provider.country, provider.contact_email) == (
        "Sample Stoves Ltd",
        "Sample Stoves",
        "MW",
        "sales@example.org",
    )
    assert provider.website == "https://stoves.example.org"
    assert {account.account_id for account in provider.registry_accounts} == {"A6.4-ACC-ONE", "A6.4-ACC-TWO"}
    account = session.execute(select(ProviderPayeeAccount)).scalar_one()
    assert (account.provider_id, account.external_id, account.currencies) == (
        provider.id,
        "SAMPLEMERCHANT",
        ["USD"],
    )
    assert (account.mode, account.client_id, account.state) == ("own_app", "client", AccountState.ACTIVE)
    assert b"its secret" not in account.secret_sealed
    assert SEALER.of(account.id).open(account.secret_sealed) == "its secret"
    one, two = (entry["mandate_id"] for entry in file["providers"][0]["offers"])
    assert offers(session) == [
        (one, "14.05 USD", 100, 5, 50, OfferState.PUBLISHED),
        (two, "9.00 USD", 100, 1, None, OfferState.PUBLISHED),
    ]
    assert [row.event for row in trail(session, provider.id)] == ["provider.imported"]


def test_the_same_file_twice_changes_nothing(session: Session, file):
    load(session, file)
    account = session.execute(select(ProviderPayeeAccount)).scalar_one()
    account.webhook_id, account.state = "WH-1", AccountState.DEGRADED
    before, on_sale = books(session), offers(session)
    assert load(session, copy.deepcopy(file)) == Imported(providers=1, accounts=1, offers=2, skipped=0)
    assert books(session) == before
    assert offers(session) == on_sale
    assert len(session.execute(select(RegistryAccount)).all()) == 3
    session.refresh(account)
    assert (account.webhook_id, account.state) == ("WH-1", AccountState.DEGRADED)


def test_a_changed_file_changes_price_and_limits_and_not_what_is_held_or_cancelled(session: Session, file):
    load(session, file)
    offer = session.execute(select(Offer).where(Offer.min_quantity == 5)).scalar_one()
    offer.held, offer.cancelled = 20, 30
    offer.mandate.quantity_remaining = 70
    entry = file["providers"][0]
    entry["legal_name"] = "Sample Stoves plc"
    entry["offers"][0] |= {"price": "15.00", "min_quantity": None, "max_quantity": None}
    load(session, file)
    session.refresh(offer)
    assert (str(offer.price), offer.min_quantity, offer.max_quantity) == ("15.00 USD", 1, None)
    assert (offer.quantity, offer.held, offer.cancelled) == (100, 20, 30)
    assert offer.provider.legal_name == "Sample Stoves plc"


def test_a_paused_offer_is_not_put_on_sale_again(session: Session, file):
    load(session, file)
    offer = session.execute(select(Offer).where(Offer.min_quantity == 5)).scalar_one()
    offer.state = OfferState.PAUSED
    load(session, file)
    assert [state for *_, state in offers(session)] == [OfferState.PAUSED, OfferState.PUBLISHED]


@pytest.mark.parametrize("actor, kept", [("provider", "9.00"), ("platform", "14.05")])
def test_what_was_done_in_the_console_is_left_alone(session: Session, file, actor: str, kept: str):
    load(session, file)
    offer = session.execute(select(Offer).where(Offer.min_quantity == 5)).scalar_one()
    offer.price_minor = 900
    record(session, Event.OFFER_CHANGED, "offer", offer.id, NOW, actor=actor, before={}, after={})
    load(session, file)
    session.refresh(offer)
    assert str(offer.price) == f"{kept} USD"


def test_in_the_place_of_a_withdrawn_offer_there_is_a_new_one_for_what_is_left(session: Session, file):
    load(session, file)
    offer = session.execute(select(Offer).where(Offer.min_quantity == 5)).scalar_one()
    offer.state, offer.cancelled, offer.mandate.quantity_remaining = OfferState.WITHDRAWN, 30, 70
    load(session, file)
    assert sorted((quantity, state) for _, _, quantity, _, _, state in offers(session)) == [
        (70, OfferState.PUBLISHED),
        (100, OfferState.PUBLISHED),
        (100, OfferState.WITHDRAWN),
    ]


def test_a_mandate_that_the_registry_does_not_show_is_left_out_and_counted(session: Session, file):
    file["providers"][0]["offers"][0]["mandate_id"] = "unknown"
    assert load(session, file) == Imported(providers=1, accounts=1, offers=1, skipped=1)
    assert len(offers(session)) == 1


def test_a_used_up_mandate_is_left_out_and_counted(session: Session, file):
    session.get_one(Mandate, file["providers"][0]["offers"][0]["mandate_id"]).quantity_remaining = 0
    assert load(session, file) == Imported(providers=1, accounts=1, offers=1, skipped=1)


# What cannot be.

WRONG = {
    "a mandate of somebody else's account": ("registry_accounts", lambda _: ["A6.4-ACC-ONE"]),
    "no name": ("legal_name", None),
    "a payment account without a currency": (
        "payee_accounts",
        lambda entry: [
            {key: value for key, value in entry["payee_accounts"][0].items() if key != "currencies"}
        ],
    ),
    "a mode that its gateway does not have": (
        "payee_accounts",
        lambda entry: [entry["payee_accounts"][0] | {"mode": "connect"}],
    ),
    "an unknown gateway": (
        "payee_accounts",
        lambda entry: [entry["payee_accounts"][0] | {"gateway": "wallet"}],
    ),
    "an unknown currency": ("offers", lambda entry: [entry["offers"][0] | {"currency": "dollars"}]),
    "a price with too many decimals": ("offers", lambda entry: [entry["offers"][0] | {"price": "14.055"}]),
    "a price that is a number": ("offers", lambda entry: [entry["offers"][0] | {"price": 14.05}]),
    "no price at all": ("offers", lambda entry: [{"mandate_id": entry["offers"][0]["mandate_id"]}]),
    "for nothing": ("offers", lambda entry: [entry["offers"][0] | {"price": "0.00"}]),
    "less than nothing": ("offers", lambda entry: [entry["offers"][0] | {"price": "-1.00"}]),
    "limits that exclude each other": ("offers", lambda entry: [entry["offers"][0] | {"max_quantity": 4}]),
    "a negative limit": ("offers", lambda entry: [entry["offers"][0] | {"min_quantity": -1}]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_is_refused_and_says_where(session: Session, file, wrong: str):
    name, value = WRONG[wrong]
    entry = file["providers"][0]
    file["providers"][0] = {
        key: value(entry) if key == name else kept
        for key, kept in entry.items()
        if key != name or value is not None
    }
    with pytest.raises(ImportRefused, match="sample-stoves"):
        load(session, file)


@pytest.mark.parametrize("data", [None, [], {}, {"providers": {}}, {"providers": ["one"]}], ids=str)
def test_what_is_no_such_file_is_refused(session: Session, data):
    with pytest.raises(ImportRefused):
        import_providers(session, data, SEALER, NOW)


def test_it_is_all_or_nothing(session: Session, file):
    file["providers"].append(file["providers"][0] | {"slug": "sample-wind", "offers": [{}]})
    file["providers"][1]["registry_accounts"] = []
    before = offers(session)
    with pytest.raises(ImportRefused, match="sample-wind"), session.begin_nested():
        import_providers(session, file, SEALER, NOW)
    assert offers(session) == before == []
    assert session.execute(select(Provider).where(Provider.slug == "sample-stoves")).all() == []


def test_a_registry_account_belongs_to_one_provider(session: Session, file):
    load(session, file)
    file["providers"][0] |= {"slug": "sample-wind", "payee_accounts": [], "offers": []}
    with pytest.raises(ImportRefused, match="ACC-ONE belongs to another provider"):
        load(session, file)


def test_a_payment_account_belongs_to_one_provider(session: Session, file):
    load(session, file)
    file["providers"][0] |= {"slug": "sample-wind", "registry_accounts": [], "offers": []}
    with pytest.raises(ImportRefused, match="SAMPLEMERCHANT belongs to another provider"):
        load(session, file)


def test_a_secret_that_the_provider_has_replaced_is_not_put_back(session: Session, file):
    load(session, file)
    account = session.execute(select(ProviderPayeeAccount)).scalar_one()
    account.secret_sealed = SEALER.of(account.id).seal("replaced")
    account.secret_changed_at = NOW
    load(session, file)
    assert SEALER.of(account.id).open(account.secret_sealed) == "replaced"


def test_bank_details_that_the_provider_has_changed_are_not_put_back(session: Session, file):
    file["providers"][0]["payee_accounts"] = [{"gateway": "bank", "details": GERMAN}]
    load(session, file)
    account = session.execute(select(ProviderPayeeAccount)).scalar_one()
    assert account.state == AccountState.ACTIVE
    house = make_house(session)
    change = ask_change(session, account.id, other_details(), house.ada, NOW)
    confirm_change(session, change.id, house.ben, NOW)
    apply_change(session, change.id, NOW + WAIT)
    load(session, file)
    assert session.scalars(
        select(ProviderPayeeAccount.external_id).where(
            ProviderPayeeAccount.provider_id == account.provider_id
        )
    ).all() == [other_details().iban]
