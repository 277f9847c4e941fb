"""A provider with two persons, and bank accounts at each stage."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.payments.bank.details import BankDetails, check_details
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payee_models import PayeeChange
from app.domain.payments.payees.add_bank_account import add_bank_account
from app.domain.payments.payees.bank_choices import BankChoices
from app.domain.payments.payees.queries import open_change_of
from app.domain.people.models import Provider, Realm
from app.sealing import Sealer
from tests.domain.payments.bank.accounts import GERMAN
from tests.domain.people.samples import make_sign_in
from tests.factories import NOW, SECRET_KEY, make_provider
from tests.traces import mails

SEALS = Sealer(SECRET_KEY)
OTHER_IBAN = "DE02 1203 0000 0000 2020 51"


@dataclass
class House:
    """A provider, and the two persons who act for it."""

    provider: Provider
    ada: UUID
    ben: UUID


def make_colleague(session: Session, provider: Provider, now: datetime = NOW, **changes: Any) -> UUID:
    """Somebody who is signed in and represents the provider's registry account."""
    accounts = tuple(each.account_id for each in provider.registry_accounts)
    values = {
        "issuer": "https://login.example.org/realms/registry",
        "email": f"{uuid4().hex}@provider.example",
        "accounts": accounts,
        "roles": frozenset({"provider"}),
    }
    return make_sign_in(session, Realm.REGISTRY, now, **{**values, **changes}).person_id


def make_house(session: Session, *, paypal: bool = False) -> House:
    """Ada and Ben of a provider without a bank account."""
    provider = make_provider(session, account=paypal)
    house = House(provider, make_colleague(session, provider), make_colleague(session, provider))
    session.flush()
    return house


def details(**changes: Any) -> BankDetails:
    """A German bank account."""
    return check_details({**GERMAN, **changes})


def other_details(**changes: Any) -> BankDetails:
    """Another one."""
    return details(iban=OTHER_IBAN, bic="BYLADEM1001", **changes)


def add(session: Session, house: House, wanted: BankDetails | None = None) -> ProviderPayeeAccount:
    """Ada types a bank account in."""
    return add_bank_account(
        session, house.provider.id, wanted or details(), BankChoices(), house.ada, SEALS, NOW
    )


def news(session: Session, what: str) -> list[Mail]:
    """The mails of one kind of news about accounts."""
    return [mail for mail in mails(session, "payee_account_changed") if mail.context["what"] == what]


def change_of(session: Session, account: ProviderPayeeAccount) -> PayeeChange:
    """What is under way for the account."""
    change = open_change_of(session, account.id)
    assert change is not None
    return change
