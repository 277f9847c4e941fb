"""The payment gateway interface, on PayPal's Orders v2 and Payments v2."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import (
    PARTNER,
    PAYEE,
    AccountReport,
    Applicant,
    Attempt,
    Declined,
    Entry,
    Hint,
    NextStep,
    OnlyByHand,
    PayeeAccount,
    PayeeProblem,
    PayState,
    Snapshot,
    Webhook,
)
from app.integrations.gateways.paypal.client import PayPalClient, PayPalError
from app.integrations.gateways.paypal.disputes import DISPUTES, entries_of
from app.integrations.gateways.paypal.notifications import NotificationVerifier
from app.integrations.gateways.paypal.onboarding import Onboarding
from app.integrations.gateways.paypal.orders import (
    Unreadable,
    approval_link,
    captures_of,
    order_request,
    payee_in,
    refund_of,
    refund_request,
    snapshot_of,
    trial_request,
)
from app.integrations.gateways.paypal.platform import Platform, payee_of
from app.integrations.gateways.paypal.words import (
    EVENTS,
    GATEWAY,
    LOOK_AGAIN,
    PARTNER_EVENTS,
    REFUNDED_BEFORE,
    REFUNDS_THAT_FAILED,
    refund_error_of,
)
from app.integrations.http import HttpClient
from app.money import Money

_ORDERS = "/v2/checkout/orders"
_WEBHOOKS = "/v1/notifications/webhooks"
# For how long PayPal keeps the keys of calls about orders, and about payments. After that: look first.
_ORDER_KEYS_KEPT = timedelta(hours=6)
_REFUND_KEYS_KEPT = timedelta(days=45)


class PayPalGateway:
    """PayPal for any provider: with an application of their own, named as payee, or as a partner's merchant.

    `api_url`: https://api-m.paypal.com, say. `ca_file`: the authorities (PEM) that its webhook certificates
    are issued by; None for the public ones. `platform`: the platform's own application, None where each provider
    has one. Seconds of `timeout` pass between two bytes before a call is given up.
    """

    code = GATEWAY
    releases = False  # PayPal has no call for it

    def __init__(
        self,
        api_url: str,
        ca_file: Path | None = None,
        platform: Platform | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout: float = 10.0,
    ) -> None:
        self._now = now
        self._http = HttpClient(GATEWAY, api_url, read=timeout)
        self._client = PayPalClient(self._http, now, platform)
        self._verifier = NotificationVerifier(api_url, ca_file, timeout)
        self._onboarding = Onboarding(self._client)

    def start(self, attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:
        """Open a checkout. An attempt that was already approved leads back to our own return page."""
        order = self._post(account, _ORDERS, order_request(attempt, payee_of(account)), key)
        try:
            return NextStep(str(order["id"]), approval_link(order) or attempt.return_url)
        except (KeyError, TypeError, AttributeError) as error:
            raise OutcomeUnknown("unreadable", "no order id") from error

    def fetch(self, attempt: Attempt, account: PayeeAccount) -> Snapshot:
        """The order as PayPal has it, and its disputes. One that PayPal forgot (404) has expired."""
        order = self._order(attempt, account)
        if order is None:
            return Snapshot(PayState.EXPIRED, reason="forgotten")
        try:
            snapshot = snapshot_of(order, account.external_id)
            if snapshot.state is not PayState.CAPTURED:
                return snapshot
            disputed = [
                dispute for capture in captures_of(order) for dispute in self._disputes(account, capture)
            ]
            return snapshot_of(order, account.external_id, entries_of(disputed))
        except Unreadable as error:
            raise TryAgain("unreadable", str(error)) from error

    def capture(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Take the money. Where PayPal says that there is nothing to take (any more), what it has instead."""
        if attempt.external_id is None:
            raise ValueError("the attempt was never started")
        if self._now() - attempt.opened_at > _ORDER_KEYS_KEPT:
            present = self.fetch(attempt, account)
            if present.state is not PayState.AUTHORIZED:
                return present
        try:
            order = self._client.call(
                account, "POST", _path(_ORDERS, attempt.external_id, "capture"), body={}, key=key
            )
        except PayPalError as refusal:
            if refusal.code in LOOK_AGAIN or refusal.status == 404:
                return self.fetch(attempt, account)
            error = refusal.in_our_words()
            if isinstance(error, Declined) and error.code == "duplicate":
                # Of two of our own calls at once PayPal may refuse the second with this.
                present = self.fetch(attempt, account)
                if present.state is not PayState.AUTHORIZED:
                    return present
            raise error from refusal
        try:
            return snapshot_of(order, account.external_id)
        except Unreadable as error:
            raise OutcomeUnknown("unreadable", str(error)) from error

    def refund(
        self, attempt: Attempt, account: PayeeAccount, receipt: Entry, amount: Money, key: str
    ) -> Snapshot:
        """Give money back. A refund that PayPal has not finished is no entry of the snapshot yet.

        Raises OnlyByHand for whatever the provider alone can do: in mode payee, always.
        """
        if account.mode == PAYEE:
            raise OnlyByHand("no_api_refund", "only who has the money can give it back")
        if self._now() - receipt.at > _REFUND_KEYS_KEPT and self._refunded(attempt, account, key):
            return self.fetch(attempt, account)
        path = _path("/v2/payments/captures", receipt.external_id, "refund")
        try:
            made = self._client.call(
                account, "POST", path, body=refund_request(attempt, amount, key), key=key
            )
        except PayPalError as refusal:
            if refusal.code not in REFUNDED_BEFORE:
                raise refund_error_of(refusal.code, refusal.status) from refusal
        else:
            if isinstance(made, dict) and made.get("status") in REFUNDS_THAT_FAILED:
                raise OnlyByHand("refund_failed", str(made["status"]))
        return self.fetch(attempt, account)

    def release(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:  # noqa: ARG002
        """An approval that nobody captures is reversed by PayPal; until then this is what is there."""
        return self.fetch(attempt, account)

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:
        """Check a webhook's signature. Raises NotificationRefused; TryAgain while the certificate is away."""
        return self._verifier.verify(raw, headers, account, now)

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        """Have PayPal tell `url` about this account's payments; the same webhook on every call.

        In modes payee and partner it is the platform's, one for all accounts.
        """
        as_partner = account.mode in (PAYEE, PARTNER) and bool(self._client.platform(account).partner_id)
        wanted = [{"name": name} for name in (PARTNER_EVENTS if as_partner else EVENTS)]
        try:
            for webhook in self._ask(account, "GET", _WEBHOOKS)["webhooks"]:
                if webhook["url"] == url:
                    told = {str(event["name"]) for event in webhook["event_types"]}
                    if told != {event["name"] for event in wanted}:
                        change = [{"op": "replace", "path": "/event_types", "value": wanted}]
                        self._ask(account, "PATCH", _path(_WEBHOOKS, str(webhook["id"])), change)
                    return Webhook(str(webhook["id"]))
            made = self._ask(account, "POST", _WEBHOOKS, {"url": url, "event_types": wanted})
            return Webhook(str(made["id"]))
        except PayPalError as refusal:
            raise refusal.in_our_words() from refusal
        except (KeyError, TypeError) as error:
            raise TryAgain("unreadable", "no webhook") from error

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:
        """Could a buyer pay there now? Tried with an order of 1 that nobody is asked to approve.

        For mode partner PayPal is asked how far the provider has come, whose merchant id may not be known yet.
        """
        if account.mode == PARTNER:
            merchant_id = self._onboarding.connected(account, self._client.platform(account))
            return AccountReport(merchant_id, account.livemode)
        try:
            if account.mode != PAYEE:
                self._ask(account, "GET", _WEBHOOKS)
            currency = min(account.currencies, default="USD")
            order = self._client.call(
                account, "POST", _ORDERS, body=trial_request(currency, payee_of(account)), key=key
            )
        except PayPalError as refusal:
            raise refusal.in_our_words() from refusal
        try:
            payee = order["purchase_units"][0]["payee"]
            paid = payee_in(payee, account.external_id)
            known = "merchant_id" in payee
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise OutcomeUnknown("unreadable", "no payee") from error
        if paid is None or paid != (account.external_id or paid):
            raise PayeeProblem("wrong_account", "PayPal would pay somebody else")
        if not known:
            raise PayeeProblem("no_account_there", "a payment would wait for somebody to claim it")
        return AccountReport(paid, account.livemode)

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:
        """PayPal's own sign-up for the platform's merchants. Elsewhere a provider brings what is needed.

        The webhook tells when they have agreed; `probe` finds out without it, and without their browser's return.
        """
        if account.mode != PARTNER:
            raise OnlyByHand("own_credentials")
        link = self._onboarding.link(account, applicant, return_url, key)
        return NextStep(account.external_id or None, link)

    def close(self) -> None:
        """Drop kept connections."""
        self._http.close()

    def _order(self, attempt: Attempt, account: PayeeAccount) -> Any:
        """The whole order; None where PayPal has none (any more)."""
        if attempt.external_id is None:
            raise ValueError("the attempt was never started")
        try:
            return self._client.call(account, "GET", _path(_ORDERS, attempt.external_id))
        except PayPalError as refusal:
            if refusal.status == 404:
                return None
            raise refusal.in_our_words() from refusal

    def _refunded(self, attempt: Attempt, account: PayeeAccount, key: str) -> bool:
        order = self._order(attempt, account)
        try:
            return order is not None and refund_of(order, key) is not None
        except (KeyError, TypeError, AttributeError) as error:
            raise TryAgain("unreadable", "no order") from error

    def _disputes(self, account: PayeeAccount, capture_id: str) -> list[Any]:
        """Disputes about a capture, each whole. None where PayPal does not show them: always in mode payee."""
        if account.mode == PAYEE:
            return []
        try:
            listed = self._client.call(
                account, "GET", DISPUTES, params={"disputed_transaction_id": capture_id}
            )
            ids = [str(dispute["dispute_id"]) for dispute in listed.get("items", ())]
            return [self._client.call(account, "GET", _path(DISPUTES, each)) for each in ids]
        except PayPalError as refusal:
            if refusal.status == 403:
                return []  # a provider's application that may not see them can be paid all the same
            raise refusal.in_our_words() from refusal
        except (KeyError, TypeError, AttributeError) as error:
            raise TryAgain("unreadable", "no disputes") from error

    def _ask(self, account: PayeeAccount, method: str, path: str, body: object | None = None) -> Any:
        """A call of the application about itself, whatever account it is made for."""
        return self._client.call(account, method, path, body=body, for_account=False)

    def _post(self, account: PayeeAccount, path: str, body: Mapping[str, object], key: str) -> Any:
        try:
            return self._client.call(account, "POST", path, body=body, key=key)
        except PayPalError as refusal:
            raise refusal.in_our_words() from refusal


def _path(*parts: str) -> str:
    first, *rest = parts
    return "/".join([first, *(quote(part, safe="") for part in rest)])
