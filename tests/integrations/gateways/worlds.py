"""Payment gateways with their other sides: the fake, and the real adapters talking to their sandboxes."""

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import Applicant, Attempt, PayeeAccount, PaymentGateway
from app.integrations.gateways.mollie import MollieGateway
from app.integrations.gateways.paypal import PayPalGateway, Platform
from app.integrations.gateways.stripe import StripeGateway
from app.money import Money
from tests.neighbours import STRIPE_CONNECT_KEY, STRIPE_CONNECT_SECRET, Program
from tests.sandbox.mollie.seller import Seller as MollieSeller
from tests.sandbox.paypal.listener import Listener
from tests.sandbox.paypal.seller import Seller
from tests.sandbox.stripe.seller import Seller as StripeSeller

_OUTCOMES = {"pending": "echeck"}  # our word: the sandbox's
_OPERATIONS = {
    "start": "create_order",
    "fetch": "get_order",
    "capture": "capture_order",
    "refund": "refund_capture",
}
_STRIPE_OUTCOMES = {"pending": "delayed_waits"}
_STRIPE_OPERATIONS = {
    "start": "create_session",
    "fetch": "get_session",
    "capture": "capture",
    "refund": "refund",
    "release": "cancel",
}
_MOLLIE_OUTCOMES = {"pending": "capture_waits"}
_MOLLIE_OPERATIONS = {
    "start": "create_payment",
    "fetch": "get_payment",
    "capture": "create_capture",
    "refund": "create_refund",
    "release": "release_authorization",
}
_numbers = itertools.count(1)
APPLICANT = Applicant("Sample Provider Ltd", "MW", "provider@example.org")


def new_attempt(amount: Money | None = None, **changes: Any) -> Attempt:
    """An attempt that nobody else makes."""
    attempt = Attempt(
        id=f"payment-{next(_numbers)}-{secrets.token_hex(6)}",
        order_number="VC-7K3M-29QD",
        amount=amount or Money(2550, "EUR"),
        description="25 t, Sample wind farm, Taíba",
        language="fr",
        return_url="http://127.0.0.1:9/fr/orders/abc/return",
        cancel_url="http://127.0.0.1:9/fr/orders/abc/back",
        opened_at=now(),
    )
    return replace(attempt, **changes)


class World(Protocol):
    """A gateway, a provider's account there, and what buyer and gateway do."""

    gateway: PaymentGateway
    account: PayeeAccount
    stranger: PayeeAccount  # the same, but for what its notifications are checked with
    pending: str  # why a payment waits after the outcome "pending"

    def approve(self, external_id: str, outcome: str = "approve") -> None: ...
    def settle(self, external_id: str) -> None: ...
    def deny(self, external_id: str) -> None: ...
    def reverse(self, external_id: str) -> None: ...
    def forget(self, external_id: str) -> None: ...

    def lose_answer(self, operation: str, *, acted: bool) -> None:
        """The next start, fetch, capture or refund is never answered, having happened or not."""
        ...

    def busy(self, operation: str) -> None:
        """The next call is put off."""
        ...

    def notification(self, external_id: str) -> tuple[bytes, Mapping[str, str]]:
        """A genuine notification about an approved payment."""
        ...


class FakeWorld:
    pending = "echeck"

    def __init__(self) -> None:
        self.gateway = self._fake = FakeGateway()
        self.account = PayeeAccount(
            "account-1", "paypal", "own_app", "SAMPLE2345678", "client", "secret", "WEBHOOK"
        )

    @property
    def stranger(self) -> PayeeAccount:
        return replace(self.account, webhook_id="OTHER")

    def approve(self, external_id: str, outcome: str = "approve") -> None:
        self._fake.approve(external_id, outcome)

    def settle(self, external_id: str) -> None:
        self._fake.settle(external_id)

    def deny(self, external_id: str) -> None:
        self._fake.deny(external_id)

    def reverse(self, external_id: str) -> None:
        self._fake.reverse(external_id)

    def forget(self, external_id: str) -> None:
        self._fake.forget(external_id)

    def lose_answer(self, operation: str, *, acted: bool) -> None:
        kind = TryAgain if operation == "fetch" else OutcomeUnknown
        self._fake.fail_next(operation, kind("broken_connection"), acted=acted)

    def busy(self, operation: str) -> None:
        self._fake.fail_next(operation, TryAgain("rate_limited", retry_after=1.0))

    def notification(self, external_id: str) -> tuple[bytes, Mapping[str, str]]:
        return self._fake.notification(external_id, self.account)

    def close(self) -> None:
        pass


class SandboxWorld:
    """`seller` is the provider at the sandbox, `listener` where its webhooks arrive. `mode`: as of an account.

    In modes payee and partner a platform of this world's own calls, to which the seller has agreed in the latter.
    """

    pending = "echeck"

    def __init__(self, program: Program, listener: Listener, mode: str = "own_app") -> None:
        self.program, self.listener = program, listener
        self.seller = Seller(program.url)
        own = (self.seller.client_id, self.seller.secret) if mode == "own_app" else ("", "")
        self.platform = None
        if mode != "own_app":
            self.seller.call_through_platform()
            self.platform = Platform(
                self.seller.client_id, self.seller.secret, True, self.seller.caller_id, "SamplePlatform_SP"
            )
        self.gateway = PayPalGateway(program.url, Path(program.names["ca_file"]), self.platform, timeout=5.0)
        self.account = PayeeAccount(
            id=f"account-{self.seller.merchant_id}",
            gateway="paypal",
            mode=mode,
            external_id=self.seller.merchant_id,
            client_id=own[0],
            secret=own[1],
        )
        webhook = self.gateway.ensure_webhook(self.account, listener.url)
        self.account = replace(self.account, webhook_id=webhook.id)
        if mode == "partner":
            self.connect()

    def connect(self) -> None:
        """The provider is led to PayPal and agrees there."""
        unknown = replace(self.account, external_id="")
        self.gateway.lead_in(unknown, APPLICANT, "http://127.0.0.1:9/back", "key")
        self.seller.control(f"referrals/{self.account.id}/agree", merchant_id=self.seller.merchant_id)
        assert self.gateway.probe(unknown, "key").external_id == self.account.external_id

    @property
    def stranger(self) -> PayeeAccount:
        return replace(self.account, webhook_id="OTHER")

    def approve(self, external_id: str, outcome: str = "approve") -> None:
        self.seller.control(f"orders/{external_id}/approve", scenario=_OUTCOMES.get(outcome, outcome))

    def settle(self, external_id: str) -> None:
        self.seller.control(f"captures/{self.seller.capture_of(external_id)['id']}/complete")

    def deny(self, external_id: str) -> None:
        self.seller.control(f"captures/{self.seller.capture_of(external_id)['id']}/deny")

    def reverse(self, external_id: str) -> None:
        self.seller.control(f"orders/{external_id}/reverse")

    def forget(self, external_id: str) -> None:
        self.seller.control(f"orders/{external_id}/forget")

    def lose_answer(self, operation: str, *, acted: bool) -> None:
        kind = "timeout_after" if acted else "timeout_before"
        self.fault(operation, kind, seconds=0)

    def busy(self, operation: str) -> None:
        self.fault(operation, "rate_limited")

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        self.seller.control("faults", operation=_OPERATIONS.get(operation, operation), kind=kind, **more)

    def notification(self, external_id: str) -> tuple[bytes, Mapping[str, str]]:
        while True:
            request = self.listener.take()
            if external_id.encode() in request.content:
                return request.content, request.headers

    def close(self) -> None:
        self.seller.http.delete("/sandbox/faults")
        self.seller.close()
        self.gateway.close()


class StripeWorld:
    """`seller` is the provider at the sandbox, `listener` where its events arrive. `mode`: own_key | connect."""

    pending = "delayed"

    def __init__(self, program: Program, listener: Listener, mode: str = "own_key") -> None:
        self.program, self.listener = program, listener
        self.seller = StripeSeller(program.url, mode=mode)
        self.gateway = StripeGateway(program.url, STRIPE_CONNECT_KEY, STRIPE_CONNECT_SECRET, timeout=5.0)
        self.account = PayeeAccount(
            id=f"account-{self.seller.account_id}",
            gateway="stripe",
            mode=mode,
            external_id=self.seller.account_id,
            client_id="",
            secret=self.seller.key,
            livemode=False,
        )
        if mode == "own_key":
            webhook = self.gateway.ensure_webhook(self.account, listener.url)
            self.account = replace(self.account, webhook_id=webhook.id, webhook_secret=webhook.secret)

    @property
    def stranger(self) -> PayeeAccount:
        return replace(self.account, webhook_secret="whsec_other")

    def approve(self, external_id: str, outcome: str = "approve") -> None:
        scenario = _STRIPE_OUTCOMES.get(outcome, outcome)
        self.seller.control(f"sessions/{external_id}/pay", scenario=scenario)

    def settle(self, external_id: str) -> None:
        self.seller.control(f"sessions/{external_id}/succeed")

    def deny(self, external_id: str) -> None:
        self.seller.control(f"sessions/{external_id}/fail")

    def reverse(self, external_id: str) -> None:
        self.seller.control(f"sessions/{external_id}/lapse")

    def forget(self, external_id: str) -> None:
        self.seller.control(f"sessions/{external_id}/forget")

    def lose_answer(self, operation: str, *, acted: bool) -> None:
        self.fault(operation, "timeout_after" if acted else "timeout_before", seconds=0)

    def busy(self, operation: str) -> None:
        self.fault(operation, "rate_limited")

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        name = _STRIPE_OPERATIONS.get(operation, operation)
        self.seller.control("faults", operation=name, kind=kind, **more)

    def notification(self, external_id: str) -> tuple[bytes, Mapping[str, str]]:
        while True:
            request = self.listener.take()
            if b"checkout.session.completed" in request.content and external_id.encode() in request.content:
                return request.content, request.headers

    def close(self) -> None:
        self.seller.http.delete("/sandbox/faults")
        self.seller.close()
        self.gateway.close()


class MollieWorld:
    """`seller` is the provider at the sandbox, `listener` where its events arrive."""

    pending = "unconfirmed"

    def __init__(self, program: Program, listener: Listener) -> None:
        self.program, self.listener = program, listener
        self.seller = MollieSeller(program.url)
        self.gateway = MollieGateway(program.url, timeout=5.0)
        self.account = PayeeAccount(
            id=f"account-{self.seller.organisation_id}",
            gateway="mollie",
            mode="own_key",
            external_id=self.seller.organisation_id,
            client_id=self.seller.profile_id,
            secret=self.seller.token,
            livemode=False,
        )
        webhook = self.gateway.ensure_webhook(self.account, listener.url)
        self.account = replace(self.account, webhook_id=webhook.id, webhook_secret=webhook.secret)

    @property
    def stranger(self) -> PayeeAccount:
        return replace(self.account, webhook_secret="of somebody else")

    def approve(self, external_id: str, outcome: str = "approve") -> None:
        scenario = _MOLLIE_OUTCOMES.get(outcome, outcome)
        self.seller.control(f"payments/{external_id}/pay", scenario=scenario)

    def settle(self, external_id: str) -> None:
        self.seller.control(f"payments/{external_id}/capture/succeeded")

    def deny(self, external_id: str) -> None:
        self.seller.control(f"payments/{external_id}/capture/failed")

    def reverse(self, external_id: str) -> None:
        self.seller.control(f"payments/{external_id}/lapse")

    def forget(self, external_id: str) -> None:
        self.seller.control(f"payments/{external_id}/forget")

    def lose_answer(self, operation: str, *, acted: bool) -> None:
        self.fault(operation, "timeout_after" if acted else "timeout_before", seconds=0)

    def busy(self, operation: str) -> None:
        self.fault(operation, "rate_limited")

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        name = _MOLLIE_OPERATIONS.get(operation, operation)
        self.seller.control("faults", operation=name, kind=kind, **more)

    def notification(self, external_id: str) -> tuple[bytes, Mapping[str, str]]:
        while True:
            request = self.listener.take()
            if b"payment.authorized" in request.content and external_id.encode() in request.content:
                return request.content, request.headers

    def close(self) -> None:
        self.seller.http.delete("/sandbox/faults")
        self.seller.close()
        self.gateway.close()


def now() -> datetime:
    return datetime.now(UTC)
