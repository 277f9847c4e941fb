"""Reading payee accounts, their changes and whose they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from app.domain.offers.models import Offer, OfferState
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payee_models import ChangeState, PayeeChange
from app.domain.payments.payees.change_states import OPEN
from app.domain.payments.payees.states import IN_USE
from app.domain.people.models import Person, Provider, Realm, RegistryAccount, SignIn
from app.domain.people.permissions import Permission
from app.domain.team.models import TeamRole
from app.domain.team.queries import team_of
from app.domain.team.roles import TEAM

PROBE_EVERY = timedelta(hours=6)
# A new account is tried out often at first: whoever signs up at a gateway need not come back by its link.
_WHILE_VERIFYING = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=14), PROBE_EVERY),
)
_ON_SALE = (OfferState.PUBLISHED, OfferState.PAUSED)


def accounts_of_provider(session: Session, provider_id: UUID) -> Sequence[ProviderPayeeAccount]:
    """All accounts of a provider, the oldest first."""
    return session.scalars(
        select(ProviderPayeeAccount)
        .where(ProviderPayeeAccount.provider_id == provider_id)
        .order_by(ProviderPayeeAccount.created_at, ProviderPayeeAccount.id)
    ).all()


def accounts_out_of_order(session: Session) -> Sequence[ProviderPayeeAccount]:
    """Accounts of all providers that cannot be paid at present, by the providers' names."""
    return session.scalars(
        select(ProviderPayeeAccount)
        .join(Provider, ProviderPayeeAccount.provider_id == Provider.id)
        .where(ProviderPayeeAccount.state == AccountState.DEGRADED)
        .options(joinedload(ProviderPayeeAccount.provider))
        .order_by(Provider.display_name, ProviderPayeeAccount.id)
    ).all()


def own_payee_account(session: Session, provider_id: UUID, account_id: UUID) -> ProviderPayeeAccount | None:
    """One of the provider's accounts; None for anybody else's."""
    return session.scalar(
        select(ProviderPayeeAccount).where(
            ProviderPayeeAccount.provider_id == provider_id, ProviderPayeeAccount.id == account_id
        )
    )


def bank_details_of(session: Session, account_id: UUID) -> BankAccount | None:
    """What a bank account has beside the others."""
    return session.get(BankAccount, account_id)


def open_change_of(session: Session, account_id: UUID) -> PayeeChange | None:
    """The change of bank details that is under way; there is at most one."""
    return session.scalar(
        select(PayeeChange).where(PayeeChange.account_id == account_id, PayeeChange.state.in_(OPEN))
    )


def own_change(session: Session, provider_id: UUID, change_id: UUID) -> PayeeChange | None:
    """A change of one of the provider's accounts; None for anybody else's."""
    return session.scalar(
        select(PayeeChange)
        .join(ProviderPayeeAccount, PayeeChange.account_id == ProviderPayeeAccount.id)
        .where(ProviderPayeeAccount.provider_id == provider_id, PayeeChange.id == change_id)
    )


def changes_waiting(session: Session, provider_id: UUID) -> Sequence[PayeeChange]:
    """Changes of the provider's bank details that wait for a second person, the oldest first."""
    return session.scalars(
        select(PayeeChange)
        .join(ProviderPayeeAccount, PayeeChange.account_id == ProviderPayeeAccount.id)
        .where(ProviderPayeeAccount.provider_id == provider_id, PayeeChange.state == ChangeState.ASKED)
        .order_by(PayeeChange.asked_at)
    ).all()


def changes_for_administrators(session: Session) -> list[PayeeChange]:
    """Changes of bank details for which the provider has no second person: an administrator is, the oldest first."""
    waiting = session.scalars(
        select(PayeeChange)
        .where(PayeeChange.state == ChangeState.ASKED)
        .options(joinedload(PayeeChange.account).joinedload(ProviderPayeeAccount.provider))
        .order_by(PayeeChange.asked_at)
    )
    return [each for each in waiting if is_alone(session, each.account.provider_id, each.asked_by)]


def people_of(session: Session, provider_id: UUID) -> Sequence[Person]:
    """Everybody who, when they last signed in at the registry's realm, represented an account of the provider.

    A sign-in is forgotten a month after it has ended, and who it was with it.
    """
    last = (
        select(SignIn.person_id, SignIn.accounts, SignIn.roles)
        .where(SignIn.realm == Realm.REGISTRY)
        .ext(distinct_on(SignIn.person_id))
        .order_by(SignIn.person_id, SignIn.began_at.desc())
        .subquery()
    )
    return session.scalars(
        select(Person)
        .join(last, last.c.person_id == Person.id)
        .where(
            exists().where(
                RegistryAccount.provider_id == provider_id,
                RegistryAccount.account_id == func.any(last.c.accounts),
            ),
            literal("provider") == func.any(last.c.roles),
            Person.disabled_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(Person.id)
    ).all()


def is_alone(session: Session, provider_id: UUID, person_id: UUID) -> bool:
    """Has the provider nobody but this person who could be the second one, and may?"""
    roles = {member.person_id: member.role for member in team_of(session, provider_id)}
    return not any(
        each.id != person_id
        and Permission.PROVIDER_PAYMENTS_WRITE in TEAM[roles.get(each.id, TeamRole.OWNER)]
        for each in people_of(session, provider_id)
    )


def has_taken_money(session: Session, provider_id: UUID, *, but: UUID) -> bool:
    """Has the provider had another bank account in use, now or before? Only the very first one needs no wait."""
    wanted = select(ProviderPayeeAccount.id).where(
        ProviderPayeeAccount.provider_id == provider_id,
        ProviderPayeeAccount.gateway == "bank",
        ProviderPayeeAccount.id != but,
        # Nobody submitted what an operator has imported, which was in use at once.
        ProviderPayeeAccount.state.in_(IN_USE)
        | ProviderPayeeAccount.confirmed_by.is_not(None)
        | ProviderPayeeAccount.submitted_by.is_(None),
    )
    return session.execute(wanted.limit(1)).first() is not None


def currencies_without(session: Session, account: ProviderPayeeAccount) -> list[str]:
    """Currencies of the provider's offers that no bank account would take if this one were gone."""
    if account.tested_at is None:
        return []  # no buyer is offered it yet
    others = session.scalars(
        select(ProviderPayeeAccount).where(
            ProviderPayeeAccount.provider_id == account.provider_id,
            ProviderPayeeAccount.gateway == "bank",
            ProviderPayeeAccount.id != account.id,
            ProviderPayeeAccount.state == AccountState.ACTIVE,
            ProviderPayeeAccount.tested_at.is_not(None),
        )
    )
    taken = {currency for other in others for currency in other.currencies}
    offered = session.scalars(
        select(Offer.currency)
        .where(Offer.provider_id == account.provider_id, Offer.state.in_(_ON_SALE))
        .distinct()
    )
    return sorted((set(account.currencies) & set(offered)) - taken)


def accounts_to_probe(session: Session, now: datetime) -> list[UUID]:
    """Accounts at a gateway that have not been tried out for longer than they should."""
    silence = now - func.coalesce(
        ProviderPayeeAccount.probed_at,
        ProviderPayeeAccount.secret_changed_at,
        ProviderPayeeAccount.created_at,
    )
    age = now - func.coalesce(ProviderPayeeAccount.secret_changed_at, ProviderPayeeAccount.created_at)
    younger_than = timedelta(0)
    verifying = []
    for until, wait in _WHILE_VERIFYING:
        verifying.append((age >= younger_than) & (age < until) & (silence >= wait))
        younger_than = until
    return list(
        session.scalars(
            select(ProviderPayeeAccount.id).where(
                ProviderPayeeAccount.gateway != "bank",
                (ProviderPayeeAccount.state.in_(IN_USE) & (silence >= PROBE_EVERY))
                | ((ProviderPayeeAccount.state == AccountState.VERIFYING) & or_(*verifying)),
            )
        )
    )


def changes_to_apply(session: Session, now: datetime) -> list[UUID]:
    """Confirmed changes whose time has come."""
    return list(
        session.scalars(
            select(PayeeChange.id).where(
                PayeeChange.state == ChangeState.CONFIRMED, PayeeChange.effective_at <= now
            )
        )
    )
