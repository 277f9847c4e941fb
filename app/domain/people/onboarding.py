"""What a provider has and what it lacks before administrators can approve it."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.people.models import Provider, RegistryAccount
from app.domain.people.provider_terms import TERMS_VERSION


class Item(StrEnum):
    """Everything that is asked for, in the order in which one does it."""

    ACCOUNT = "account"  # shown to be theirs by the registry
    ADDRESS = "address"  # legal name and postal address
    CONTACT = "contact"
    PAYEE = "payee"  # a bank account in use: every buyer can pay by transfer
    TERMS = "terms"


@dataclass(frozen=True)
class Asked:
    """One of them. `done`: it is there."""

    item: Item
    done: bool


def checklist(session: Session, provider: Provider) -> list[Asked]:
    """Every item, with whether it is there now."""
    shown = exists().where(RegistryAccount.provider_id == provider.id)
    paid = exists().where(
        ProviderPayeeAccount.provider_id == provider.id,
        ProviderPayeeAccount.gateway == "bank",
        ProviderPayeeAccount.state == AccountState.ACTIVE,
    )
    has_account, is_paid = session.execute(select(shown, paid)).one()
    # Not every country has postcodes.
    return [
        Asked(Item.ACCOUNT, has_account),
        Asked(Item.ADDRESS, all((provider.legal_name, provider.street, provider.town, provider.country))),
        Asked(Item.CONTACT, all((provider.contact_name, provider.contact_email))),
        Asked(Item.PAYEE, is_paid),
        Asked(Item.TERMS, provider.terms_version == TERMS_VERSION),
    ]
