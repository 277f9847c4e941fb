"""Bank transfers for tests: a provider's bank account, and orders that are paid to it."""

from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.payments.bank.details import check_details
from app.domain.payments.bank.models import BankAccount, BankTransfer
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.open_payment import open_payment
from app.domain.people.models import Provider
from app.sealing import Sealer
from tests.domain.payments.bank.accounts import GERMAN
from tests.factories import NOW, SECRET_KEY, make_offer, make_orders, make_provider


def make_bank_account(
    session: Session, provider: Provider, details: dict[str, Any] | None = None, **fields: Any
) -> BankAccount:
    """Where a provider is paid by transfer; `fields` are the provider's choices. The account is the German one."""
    checked = check_details({**GERMAN, "holder": provider.legal_name, **(details or {})})
    account = ProviderPayeeAccount(
        id=uuid4(),
        provider_id=provider.id,
        gateway="bank",
        mode="own_account",
        # As if each provider had another number; what is printed comes from the details.
        external_id=f"{checked.identifier}:{provider.slug}",
        client_id="",
        secret_sealed=Sealer(SECRET_KEY).seal(""),
        currencies=[checked.currency],
        state=AccountState.ACTIVE,
        created_at=NOW,
        tested_at=NOW,
    )
    session.add(account)
    session.flush()
    bank = BankAccount(
        account_id=account.id, details=checked.as_json(), **{"hold_days": 10, "tolerance_minor": 0, **fields}
    )
    session.add(bank)
    session.flush()
    session.refresh(bank)
    return bank


def make_bank_provider(session: Session, **fields: Any) -> Provider:
    """A provider that is paid by bank transfer in EUR, and by PayPal. `fields` are those of the bank account."""
    provider = make_provider(session)
    make_bank_account(session, provider, **fields)
    return provider


def make_transfer(
    session: Session,
    provider: Provider | None = None,
    *,
    tonnes: int = 2,
    price: str = "12.50",
    currency: str = "EUR",
    **fields: Any,
) -> BankTransfer:
    """An order that waits for its transfer (2 t at 12.50 EUR), its payment open. `fields`: those of make_orders."""
    provider = provider or make_bank_provider(session)
    offer = make_offer(session, provider=provider, price=price, currency=currency)
    [order] = make_orders(session, {offer: tonnes}, method="bank", **fields).orders
    open_payment(session, order.id, fields.get("now", NOW))
    session.flush()
    transfer = transfer_of(session, order.id)
    assert transfer is not None
    return transfer


def order_of(transfer: BankTransfer) -> Order:
    """The order that the transfer pays."""
    return transfer.order
