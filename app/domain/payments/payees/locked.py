"""Accounts and changes as they are now, and nobody else's until the transaction ends."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payee_models import PayeeChange
from app.domain.people.models import Provider


def locked_account(session: Session, account_id: UUID) -> ProviderPayeeAccount:
    """The account, read again under its lock."""
    return session.execute(
        select(ProviderPayeeAccount)
        .where(ProviderPayeeAccount.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def locked_with_provider(session: Session, account_id: UUID) -> ProviderPayeeAccount:
    """The account under its provider's lock as well: for what depends on the provider's other accounts."""
    owner = select(ProviderPayeeAccount.provider_id).where(ProviderPayeeAccount.id == account_id)
    session.execute(select(Provider.id).where(Provider.id == owner.scalar_subquery()).with_for_update())
    return locked_account(session, account_id)


def locked_change(session: Session, change_id: UUID) -> PayeeChange:
    """The change, read again under its provider's and its account's lock."""
    account_id = session.execute(
        select(PayeeChange.account_id).where(PayeeChange.id == change_id)
    ).scalar_one()
    locked_with_provider(session, account_id)
    return session.execute(
        select(PayeeChange).where(PayeeChange.id == change_id).execution_options(populate_existing=True)
    ).scalar_one()
