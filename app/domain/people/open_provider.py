"""Somebody becomes a provider, with registry accounts that the registry has just said are theirs."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.people.models import Person, Provider, ProviderState, RegistryAccount

_SLUG_MAX = 60


class AccountTaken(Exception):
    """One of the accounts belongs to a provider of this platform already."""


@dataclass(frozen=True)
class Holder:
    """Whom the registry names as the holder of the accounts. `country`: ISO 3166-1 alpha-2."""

    name: str
    country: str


def open_provider(
    session: Session, holder: Holder, accounts: Sequence[str], person: Person, now: datetime
) -> Provider:
    """A provider in onboarding, with these accounts (at least one), written to at the person's address.

    `accounts` are open ones that the registry names for the person's own token, all of this holder. AccountTaken,
    after which the caller rolls back.
    """
    # Whoever opens at the same moment waits here: two would take the same name.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("provider.open", 0))))
    provider = Provider(
        id=uuid4(),
        slug=_free_slug(session, holder.name),
        legal_name=holder.name,
        display_name=holder.name,
        country=holder.country,
        contact_name=person.name or None,
        contact_email=person.email,
        state=ProviderState.ONBOARDING,
        created_at=now,
    )
    session.add(provider)
    session.flush()
    taken = session.scalars(
        insert(RegistryAccount)
        .values([{"account_id": account, "provider_id": provider.id} for account in accounts])
        .on_conflict_do_nothing()
        .returning(RegistryAccount.account_id)
    ).all()
    if set(taken) != set(accounts):
        raise AccountTaken
    record(
        session,
        Event.PROVIDER_OPENED,
        "provider",
        provider.id,
        now,
        actor="provider",
        person_id=person.id,
        accounts=sorted(accounts),
        legal_name=holder.name,
        country=holder.country,
    )
    return provider


def _free_slug(session: Session, name: str) -> str:
    """`sample-energie-sarl`, with a number where it is taken; letters that have no Latin form are left out."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_MAX].strip("-") or "provider"
    known = set(session.scalars(select(Provider.slug).where(Provider.slug.startswith(slug, autoescape=True))))
    number = 1
    while (free := slug if number == 1 else f"{slug}-{number}") in known:
        number += 1
    return free
