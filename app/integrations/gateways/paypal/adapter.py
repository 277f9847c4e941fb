"""The payment gateway interface, on PayPal's Orders v2 and Payments v2."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import (
    AccountReport,
    Applicant,
    Attempt,
    Entry,
    Hint,
    NextStep,
    OnlyByHand,
    PayeeAccount,
    PayState,
    Snapshot,
    Webhook,
)
from app.integrations.gateways.paypal.client import PayPalClient, PayPalError
from app.integrations.gateways.paypal.notifications import NotificationVerifier
from app.integrations.gateways.paypal.orders import (
    Unreadable,
    approval_link,
    order_request,
    refund_request,
    snapshot_of,
)
from app.integrations.gateways.paypal.words import EVENTS, GATEWAY, LOOK_AGAIN
from app.integrations.http import HttpClient
from app.money import Money

_ORDERS = "/v2/checkout/orders"
_WEBHOOKS = "/v1/notifications/webhooks"


class PayPalGateway:
    """PayPal with each provider's own application: the caller is the payee, and no fee can be taken.

    `api_url`: https://api-m.paypal.com, say. `ca_file`: the authorities (PEM) that its webhook certificates
    are issued by; None for the public ones. Seconds of `timeout` pass between two bytes before a call is
    given up.
    """

    code = GATEWAY
    releases = False  # PayPal has no call for it

    def __init__(
        self,
        api_url: str,
        ca_file: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout: float = 10.0,
    ) -> None:
        self._http = HttpClient(GATEWAY, api_url, read=timeout)
        self._client = PayPalClient(self._http, now)
        self._verifier = NotificationVerifier(api_url, ca_file, timeout)

    def start(self, attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:
        """Open a checkout. An attempt that was already approved leads back to our own return page."""
        order = self._post(account, _ORDERS, order_request(attempt), key)
        try:
            return NextStep(str(order["id"]), approval_link(order) or attempt.return_url)
        except (KeyError, TypeError, AttributeError) as error:
            raise OutcomeUnknown("unreadable", "no order id") from error

    def fetch(self, attempt: Attempt, account: PayeeAccount) -> Snapshot:
        """The order as PayPal has it. One that PayPal forgot (404) has expired."""
        if attempt.external_id is None:
            raise ValueError("the attempt was never started")
        try:
            order = self._client.call(account, "GET", _path(_ORDERS, attempt.external_id))
        except PayPalError as refusal:
            if refusal.status == 404:
                return Snapshot(PayState.EXPIRED, reason="forgotten")
            raise refusal.in_our_words() from refusal
        try:
            return snapshot_of(order)
        except Unreadable as error:
            raise TryAgain("unreadable", str(error)) from error

    def capture(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Take the money. Where PayPal says that there is nothing to take (any more), what it has instead."""
        if attempt.external_id is None:
            raise ValueError("the attempt was never started")
        try:
            order = self._client.call(
                account, "POST", _path(_ORDERS, attempt.external_id, "capture"), body={}, key=key
            )
        except PayPalError as refusal:
            if refusal.code in LOOK_AGAIN or refusal.status == 404:
                return self.fetch(attempt, account)
            raise refusal.in_our_words() from refusal
        try:
            return snapshot_of(order)
        except Unreadable as error:
            raise OutcomeUnknown("unreadable", str(error)) from error

    def refund(
        self, attempt: Attempt, account: PayeeAccount, receipt: Entry, amount: Money, key: str
    ) -> Snapshot:
        """Give money back. A refund that PayPal has not finished is no entry of the snapshot yet."""
        path = _path("/v2/payments/captures", receipt.external_id, "refund")
        try:
            self._client.call(account, "POST", path, body=refund_request(attempt, amount), key=key)
        except PayPalError as refusal:
            if refusal.code not in LOOK_AGAIN:
                raise refusal.in_our_words() from refusal
        return self.fetch(attempt, account)

    def release(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:  # noqa: ARG002
        """An approval that nobody captures is reversed by PayPal; until then this is what is there."""
        return self.fetch(attempt, account)

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:
        """Check a webhook's signature. Raises NotificationRefused; TryAgain while the certificate is away."""
        return self._verifier.verify(raw, headers, account, now)

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        """Have PayPal tell `url` about this account's payments; the same webhook on every call."""
        try:
            found = self._client.call(account, "GET", _WEBHOOKS)
            for webhook in found["webhooks"]:
                if webhook["url"] == url:
                    return Webhook(str(webhook["id"]))
            wanted = {"url": url, "event_types": [{"name": name} for name in EVENTS]}
            return Webhook(str(self._client.call(account, "POST", _WEBHOOKS, body=wanted)["id"]))
        except PayPalError as refusal:
            raise refusal.in_our_words() from refusal
        except (KeyError, TypeError) as error:
            raise TryAgain("unreadable", "no webhook") from error

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:  # noqa: ARG002
        """Do the application's credentials still open PayPal?"""
        try:
            self._client.call(account, "GET", _WEBHOOKS)
        except PayPalError as refusal:
            raise refusal.in_our_words() from refusal
        return AccountReport(account.external_id, account.livemode)

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:  # noqa: ARG002
        """A provider brings an application of their own."""
        raise OnlyByHand("own_credentials")

    def close(self) -> None:
        """Drop kept connections."""
        self._http.close()

    def _post(self, account: PayeeAccount, path: str, body: Mapping[str, object], key: str) -> Any:
        try:
            return self._client.call(account, "POST", path, body=body, key=key)
        except PayPalError as refusal:
            raise refusal.in_our_words() from refusal


def _path(*parts: str) -> str:
    first, *rest = parts
    return "/".join([first, *(quote(part, safe="") for part in rest)])
