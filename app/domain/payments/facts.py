"""What a gateway needs to know of a payment, as frozen values that outlive the transaction."""

from datetime import timedelta

from app.domain.payments.models import Payment, ProviderPayeeAccount
from app.domain.payments.payees.seals import Seals
from app.integrations.gateways.interface import Attempt, PayeeAccount
from app.links import order_url, trial_url

# Before the hold is over nobody should begin to pay any more: time to finish, and for us to hear of it.
CLOSES_BEFORE = timedelta(minutes=5)


def attempt_of(payment: Payment, public_url: str) -> Attempt:
    """The attempt as the gateway sees it. The buyer comes back to the order's page, whatever happened."""
    order = payment.order
    page = (
        trial_url(public_url, order.language, order.number)
        if order.trial
        else order_url(public_url, order.language, order.token)
    )
    return Attempt(
        id=str(payment.id),
        order_number=order.number,
        amount=payment.amount,
        description=f"{order.number}: trial" if order.trial else f"{order.number}: {order.quantity} t",
        language=order.language,
        return_url=f"{page}?back=paid",
        cancel_url=f"{page}?back=unpaid",
        opened_at=payment.created_at,
        external_id=payment.external_id,
        open_until=order.hold_until - CLOSES_BEFORE,
    )


def account_of(account: ProviderPayeeAccount, seals: Seals) -> PayeeAccount:
    """The provider's account with its secrets opened; never kept longer than the call."""
    seals, webhook_secret = seals.of(account.id), account.webhook_secret_sealed
    return PayeeAccount(
        id=str(account.id),
        gateway=account.gateway,
        mode=account.mode,
        external_id=account.external_id,
        client_id=account.client_id,
        secret=seals.open(account.secret_sealed),
        webhook_id=account.webhook_id,
        currencies=frozenset(account.currencies),
        webhook_secret=seals.open(webhook_secret) if webhook_secret else "",
        livemode=account.livemode,
    )
