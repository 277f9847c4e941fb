"""Rows for tests, each made by one plain function with defaults that make sense together.

    offer = make_offer(session, quantity=100, price="11.20", currency="USD")
    group = make_orders(session, {offer: 25}, now=now)

Nothing is committed: a test that uses other sessions (pages, shells, races) commits by itself. Names are
visibly made up. `session`, `now` and values go in, objects come out, flushed.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Activity, Mandate
from app.domain.catalogue.store import store_activity, store_mandate
from app.domain.offers.models import Offer, OfferState, OfferTier
from app.domain.offers.price_for import price_for
from app.domain.orders.basket import open_basket, put_in_basket
from app.domain.orders.buyer import Buyer
from app.domain.orders.details import Details
from app.domain.orders.models import Basket, Order, OrderGroup
from app.domain.orders.place_order import ReadBack, place_order
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.people.models import Person, Provider, ProviderState, Realm, RegistryAccount
from app.domain.settings.models import SettingVersion
from app.domain.settings.queries import forget
from app.integrations.registry import interface as registry
from app.integrations.registry.fake_samples import sample_activity, sample_mandate
from app.money import Money
from app.sealing import Sealer

# The key of the settings in tests/conftest.py: secrets sealed here can be opened there.
SECRET_KEY = "a secret for tests only, long enough for anything"
PAYEE_SECRET = "client-secret-of-the-provider"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# How long units are held for a payment at a gateway, as long as no administrator has said otherwise.
HOLD = timedelta(minutes=60)
CONSENTS = {"terms": "I agree to the terms.", "immediate": "I ask for it at once."}

# From here on, so that they never meet a number that FakeRegistry.grant has given out.
_numbers = itertools.count(10_001)
_MERCHANT_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def make_provider(
    session: Session,
    legal_name: str | None = None,
    *,
    country: str = "MW",
    state: ProviderState = ProviderState.ACTIVE,
    account: bool = True,
    **fields: Any,
) -> Provider:
    """A provider with one registry account and, unless `account` is false, a PayPal account for USD and EUR."""
    number = next(_numbers)
    legal_name = legal_name or f"Sample Provider {number} Ltd"
    values = {
        "slug": f"sample-provider-{number}",
        "display_name": legal_name.removesuffix(" Ltd"),
        "contact_email": f"provider-{number}@example.org",
        "created_at": NOW,
    }
    provider = Provider(
        id=uuid4(), legal_name=legal_name, country=country, state=state, **{**values, **fields}
    )
    session.add(provider)
    session.flush()
    provider.registry_accounts = [RegistryAccount(account_id=f"A6.4-ACC-{number}")]
    session.flush()
    if account:
        make_payee_account(session, provider)
    return provider


def make_payee_account(
    session: Session,
    provider: Provider,
    *,
    gateway: str = "paypal",
    currencies: Sequence[str] = ("USD", "EUR"),
    state: AccountState = AccountState.ACTIVE,
    **fields: Any,
) -> ProviderPayeeAccount:
    """Where a provider is paid. Its secret is PAYEE_SECRET."""
    number = next(_numbers)
    values = {
        "mode": "own_app",
        "external_id": _merchant_id(number),
        "client_id": f"client-{number}",
        "secret_sealed": Sealer(SECRET_KEY).seal(PAYEE_SECRET),
        "webhook_id": f"WH-{number}",
        "created_at": NOW,
        "tested_at": NOW,
    }
    account = ProviderPayeeAccount(
        id=uuid4(),
        provider_id=provider.id,
        gateway=gateway,
        currencies=list(currencies),
        state=state,
        **{**values, **fields},
    )
    session.add(account)
    session.flush()
    return account


def make_activity(session: Session, activity_ref: str | None = None, **fields: Any) -> Activity:
    """A registered activity as read from the registry; `fields` are those of the registry's interface."""
    activity_ref = activity_ref or f"A6.4-MW-{next(_numbers):06d}"
    store_activity(session, replace(sample_activity(activity_ref, NOW), **fields), NOW)
    return session.get_one(Activity, activity_ref, populate_existing=True)


def make_mandate(
    session: Session,
    provider: Provider,
    *,
    quantity: int = 100,
    activity: Activity | None = None,
    unit_class: str = "AER",
    uses: tuple[str, ...] = ("IMP", "OP"),
    vintage: int = 2025,
    block: Mapping[str, Any] | None = None,
    granted: registry.Mandate | None = None,
    **fields: Any,
) -> Mandate:
    """A mandate over a block of its own. `fields` and `block` replace fields of the registry's interface.

    `granted` is a mandate of a FakeRegistry, to be sold and cancelled by the test:
    make_mandate(session, provider, granted=fake.grant(100)). Its account becomes the provider's.
    """
    if granted is None:
        activity = activity or make_activity(session)
        granted = sample_mandate(
            next(_numbers),
            quantity,
            (1001, 1000 + quantity),
            NOW,
            activity_ref=activity.activity_ref,
            unit_class=unit_class,
            uses=uses,
            vintage=vintage,
        )
        granted = replace(granted, account_id=provider.registry_accounts[0].account_id)
    else:
        if session.get(Activity, granted.block.activity_ref) is None:
            make_activity(session, granted.block.activity_ref)
        session.merge(RegistryAccount(account_id=granted.account_id, provider_id=provider.id))
    granted = replace(granted, block=replace(granted.block, **(block or {})), **fields)
    store_mandate(session, granted, NOW)
    return session.get_one(Mandate, granted.mandate_id, populate_existing=True)


def make_offer(
    session: Session,
    *,
    quantity: int = 100,
    price: str = "11.20",
    currency: str = "USD",
    provider: Provider | None = None,
    mandate: Mandate | None = None,
    activity: Activity | None = None,
    unit_class: str = "AER",
    uses: tuple[str, ...] = ("IMP", "OP"),
    vintage: int = 2025,
    granted: registry.Mandate | None = None,
    state: OfferState = OfferState.PUBLISHED,
    tiers: Mapping[int, str] | None = None,
    **fields: Any,
) -> Offer:
    """An offer that can be bought, with everything behind it that is not given.

    `fields` are further columns: min_quantity, max_quantity, held, cancelled. `quantity` is also what the
    mandate covers, unless `mandate` or `granted` says otherwise. `tiers`: {10: "10.00"}, from ten units on 10.00 each.
    """
    provider = provider or make_provider(session)
    if mandate is None:
        mandate = make_mandate(
            session,
            provider,
            quantity=quantity,
            activity=activity,
            unit_class=unit_class,
            uses=uses,
            vintage=vintage,
            granted=granted,
        )
    values = {"created_at": NOW, "published_at": NOW, "held": 0, "cancelled": 0}
    offer = Offer(
        id=uuid4(),
        provider_id=provider.id,
        mandate_id=mandate.mandate_id,
        price_minor=Money.parse(price, currency).minor,
        currency=currency,
        quantity=quantity,
        state=state,
        tiers=[
            OfferTier(from_quantity=units, price_minor=Money.parse(each, currency).minor)
            for units, each in (tiers or {}).items()
        ],
        **{**values, **fields},
    )
    session.add(offer)
    session.flush()
    session.refresh(offer)
    return offer


def set_setting(session: Session, name: str, value: Any, *, language: str = "", version: int = 1) -> None:
    """As if an administrator had given the setting this value."""
    who = Person(
        id=uuid4(),
        issuer="http://identity.test/realms/registry",
        subject=str(uuid4()),
        realm=Realm.REGISTRY,
        email="administrator@example.org",
        email_verified=True,
        name="Sample Administrator",
        created_at=NOW,
        last_signed_in_at=NOW,
    )
    session.add(who)
    session.flush()
    session.add(
        SettingVersion(
            id=uuid4(),
            name=name,
            language=language,
            value=value,
            version=version,
            set_by=who.id,
            set_at=NOW,
            reason="For this test.",
        )
    )
    session.flush()
    forget(session)


def make_details(**fields: Any) -> Details:
    """Certificate details of an organisation, named in public."""
    values = {
        "email": "buyer@example.org",
        "beneficiary_type": "organisation",
        "beneficiary_name": "Sample Buyer GmbH",
        "beneficiary_country": "DE",
        "disclosure": "public",
        "purpose": "voluntary_contribution",
        "reason": "For the sample conference of 2026",
        "certificate_language": "en",
    }
    return Details(**{**values, **fields})


def make_basket(
    session: Session, wanted: Mapping[Offer, int], *, details: Details | None = None, now: datetime = NOW
) -> Basket:
    """A basket with these tonnes of these offers; nothing is checked."""
    basket = open_basket(session, None, now)
    for offer, quantity in wanted.items():
        put_in_basket(basket, offer, quantity, now)
    basket.details = details.as_json() if details else None
    session.flush()
    return basket


def make_orders(
    session: Session,
    wanted: Mapping[Offer, int],
    *,
    details: Details | None = None,
    method: str = "paypal",
    language: str = "en",
    now: datetime = NOW,
    buyer: Buyer | None = None,
) -> OrderGroup:
    """Place these tonnes as a buyer would: one order for each provider and currency."""
    details = details or make_details()
    basket = make_basket(session, wanted, details=details, now=now)
    prices = {offer.id: price_for(offer, quantity) for offer, quantity in wanted.items()}
    agreed = ReadBack({offer_id: (price.minor, price.currency) for offer_id, price in prices.items()})
    group = place_order(
        session,
        basket.id,
        details,
        CONSENTS,
        agreed,
        method=method,
        language=language,
        now=now,
        buyer=buyer,
    )
    session.flush()
    return group


def make_order(session: Session, offer: Offer | None = None, quantity: int = 25, **fields: Any) -> Order:
    """One order of one offer, placed and waiting for its payment. `fields` go to `make_orders`."""
    group = make_orders(session, {offer or make_offer(session): quantity}, **fields)
    return session.execute(select(Order).where(Order.group_id == group.id)).scalar_one()


def order_of(session: Session, order_id: UUID) -> Order:
    """The order as it is in the database now."""
    return session.get_one(Order, order_id, populate_existing=True)


def _merchant_id(number: int) -> str:
    """A PayPal merchant id: thirteen letters of its alphabet."""
    letters = ""
    for _ in range(13):
        number, rest = divmod(number, len(_MERCHANT_LETTERS))
        letters = _MERCHANT_LETTERS[rest] + letters
    return letters
