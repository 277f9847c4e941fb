"""Put providers, their payment accounts and their offers on the platform from a file.

For operators, until providers do it themselves. The same file twice changes nothing; a changed file
changes prices and limits, never what is held or cancelled. The shape: `docs/configuration.md`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event, record
from app.domain.catalogue.models import Mandate
from app.domain.offers.import_bank_account import import_bank_account
from app.domain.offers.models import Offer, OfferState
from app.domain.payments.methods import METHODS
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payees.seals import Seals
from app.domain.people.models import Provider, ProviderState, RegistryAccount
from app.money import Money


class ImportRefused(Exception):
    """The file says something that cannot be; the message says where."""


@dataclass
class Imported:
    """Counts for the person who runs it."""

    providers: int = 0
    accounts: int = 0
    offers: int = 0
    skipped: int = 0  # offers whose mandate the registry does not know


def import_providers(session: Session, data: Any, seals: Seals, now: datetime) -> Imported:
    """Import all providers of a file, all or nothing. The catalogue must have been read before."""
    entries = data.get("providers") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ImportRefused('it is no object with a list "providers"')
    done = Imported()
    for entry in entries:
        try:
            provider = _provider(session, entry, now)
            done.providers += 1
            for account in entry.get("payee_accounts", []):
                if METHODS[account["gateway"]].by_service:
                    _account(session, provider, account, seals, now)
                else:
                    import_bank_account(session, provider, account, seals, now)
                done.accounts += 1
            session.flush()
            for offer in entry.get("offers", []):
                if _offer(session, provider, offer, now):
                    done.offers += 1
                else:
                    done.skipped += 1
        except (KeyError, ValueError, TypeError) as error:
            raise ImportRefused(f"provider {entry.get('slug', '?')}: {error!r}") from error
    return done


def _provider(session: Session, entry: dict[str, Any], now: datetime) -> Provider:
    provider = session.execute(select(Provider).where(Provider.slug == entry["slug"])).scalar_one_or_none()
    if provider is None:
        provider = Provider(
            id=uuid4(), slug=entry["slug"], state=ProviderState.ACTIVE, created_at=now, approved_at=now
        )
        session.add(provider)
        record(
            session,
            Event.PROVIDER_IMPORTED,
            "provider",
            provider.id,
            now,
            actor="operator",
            slug=entry["slug"],
        )
    provider.legal_name = entry["legal_name"]
    provider.display_name = entry["display_name"]
    provider.country = entry["country"]
    provider.contact_email = entry["contact_email"]
    provider.website = entry.get("website")
    session.flush()
    for account_id in entry["registry_accounts"]:
        account = session.get(RegistryAccount, account_id)
        if account is None:
            session.add(RegistryAccount(account_id=account_id, provider_id=provider.id))
        elif account.provider_id != provider.id:
            raise ValueError(f"registry account {account_id} belongs to another provider")
    session.flush()
    return provider


def _account(
    session: Session, provider: Provider, entry: dict[str, Any], seals: Seals, now: datetime
) -> None:
    account = session.execute(
        select(ProviderPayeeAccount).where(
            ProviderPayeeAccount.gateway == entry["gateway"],
            ProviderPayeeAccount.external_id == entry["external_id"],
        )
    ).scalar_one_or_none()
    if account is None:
        account = ProviderPayeeAccount(
            id=uuid4(),
            provider_id=provider.id,
            gateway=entry["gateway"],
            external_id=entry["external_id"],
            state=AccountState.ACTIVE,
            created_at=now,
            tested_at=now,  # an operator answers for it
        )
        session.add(account)
    elif account.provider_id != provider.id:
        raise ValueError(f"payment account {entry['external_id']} belongs to another provider")
    if entry["mode"] not in METHODS[account.gateway].modes:
        raise ValueError(f"accounts at {METHODS[account.gateway].service} have no mode {entry['mode']}")
    account.mode = entry["mode"]
    if account.secret_changed_at is None:  # else the provider has replaced it here
        account.client_id = entry["client_id"]
        account.secret_sealed = seals.of(account.id).seal(entry["client_secret"])
    account.livemode = entry.get("livemode", True)
    account.webhook_id = account.webhook_id or entry.get("webhook_id", "")
    account.currencies = list(entry["currencies"])


def _offer(session: Session, provider: Provider, entry: dict[str, Any], now: datetime) -> bool:
    mandate = session.get(Mandate, entry["mandate_id"])
    if mandate is None:
        return False
    if mandate.account_id not in {account.account_id for account in provider.registry_accounts}:
        raise ValueError(f"mandate {mandate.mandate_id} is of an account that is not this provider's")
    price = Money.parse(entry["price"], entry["currency"])
    fewest, most = entry.get("min_quantity") or 1, entry.get("max_quantity")
    if price.minor < 1 or fewest < 1 or (most is not None and most < fewest):
        raise ValueError(
            f"mandate {mandate.mandate_id} cannot be offered at {price}, {fewest} to {most} units"
        )
    offer = session.scalars(
        select(Offer)
        .where(Offer.mandate_id == mandate.mandate_id)
        .order_by(Offer.created_at.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if offer is not None and _looked_after(session, offer):
        return True
    if offer is None or offer.state == OfferState.WITHDRAWN:
        offer = Offer(
            id=uuid4(),
            provider_id=provider.id,
            mandate_id=mandate.mandate_id,
            # What is left now is what can be sold; earlier cancellations are not the platform's.
            quantity=mandate.quantity_remaining,
            state=OfferState.PUBLISHED,
            created_at=now,
            published_at=now,
        )
        if offer.quantity < 1:
            return False
        session.add(offer)
        record(
            session,
            Event.OFFER_IMPORTED,
            "offer",
            offer.id,
            now,
            actor="operator",
            mandate_id=mandate.mandate_id,
            price=str(price),
            quantity=offer.quantity,
        )
    offer.price_minor, offer.currency = price.minor, price.currency
    offer.min_quantity, offer.max_quantity = fewest, most
    return True


def _looked_after(session: Session, offer: Offer) -> bool:
    """Has anybody done something to the offer in the console? From then on the file says nothing about it."""
    done = select(AuditEvent.id).where(
        AuditEvent.entity_id == str(offer.id), AuditEvent.actor.in_(["provider", "administrator"])
    )
    return session.execute(done.limit(1)).first() is not None
