"""The payment gateway interface, on Stripe's Checkout Sessions with manual capture, as direct charges."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.interface import (
    CONNECT,
    AccountReport,
    Applicant,
    Attempt,
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
from app.integrations.gateways.stripe.amounts import amount_in, amount_out
from app.integrations.gateways.stripe.client import StripeCalls, StripeError
from app.integrations.gateways.stripe.notifications import verify
from app.integrations.gateways.stripe.onboarding import Onboarding
from app.integrations.gateways.stripe.sessions import EXPAND, Unreadable, session_request, snapshot_of
from app.integrations.gateways.stripe.words import (
    API_VERSION,
    EVENTS,
    GATEWAY,
    LOOK_AGAIN,
    REFUNDS_THAT_FAILED,
)
from app.integrations.http import HttpClient
from app.money import Money

_MANY = 100  # of one payment's refunds or disputes, or of an account's endpoints


class StripeGateway:
    """Stripe for any provider: with the provider's own restricted key, or connected to the platform's account.

    `api_url`: https://api.stripe.com. `connect_key` and `connect_secret`: the platform's key and the secret of its
    Connect endpoint, "" where no provider is connected. A call is given up after `timeout` seconds of silence.
    """

    code = GATEWAY
    releases = True

    def __init__(
        self, api_url: str, connect_key: str = "", connect_secret: str = "", timeout: float = 10.0
    ) -> None:
        self._calls = StripeCalls(api_url, connect_key, HttpClient(GATEWAY, api_url, read=timeout))
        self._connect_secret = connect_secret
        self.onboarding = Onboarding(self._calls)

    def start(self, attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:
        """Open a checkout. The same key leads to the same page, whatever has happened on it."""
        if self._owner(account) != account.external_id:
            raise PayeeProblem("wrong_account", "the key belongs to another account")
        session = self._write(
            account,
            key,
            lambda client, options: client.v1.checkout.sessions.create(session_request(attempt), options),
        )
        try:
            step = NextStep(str(session["id"]), str(session["url"] or attempt.return_url))
            if session["livemode"] is not account.livemode:
                raise PayeeProblem("wrong_mode", "a key for trying out, or not")
            return step
        except (KeyError, TypeError) as error:
            raise OutcomeUnknown("unreadable", "no session") from error

    def fetch(self, attempt: Attempt, account: PayeeAccount) -> Snapshot:
        """The session with everything that became of it. One that Stripe forgot (404) has expired."""
        session = self._session(attempt, account)
        return (
            Snapshot(PayState.EXPIRED, reason="forgotten")
            if session is None
            else self._seen(session, account)
        )

    def capture(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Take the money. Where there is nothing to take (any more), what there is instead."""
        session = self._session(attempt, account)
        if session is None:
            return Snapshot(PayState.EXPIRED, reason="forgotten")
        intent = session["payment_intent"]
        if not intent or intent["status"] != "requires_capture":
            return self._seen(session, account)
        try:
            taken = self._calls.write(
                account,
                key,
                lambda client, options: client.v1.payment_intents.capture(
                    intent["id"], {"expand": ["latest_charge"]}, options
                ),
            )
        except StripeError as refusal:
            if refusal.code in LOOK_AGAIN or refusal.status == 404:
                return self.fetch(attempt, account)
            raise refusal.in_our_words() from refusal
        try:
            return snapshot_of(session | {"payment_intent": taken}, self._payee(session, account), (), ())
        except Unreadable as error:
            raise OutcomeUnknown("unreadable", str(error)) from error

    def release(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Close an open session, or give an approval back. Where both is too late, what there is instead."""
        session = self._session(attempt, account)
        if session is None:
            return Snapshot(PayState.EXPIRED, reason="forgotten")
        intent = session["payment_intent"]
        try:
            if session["status"] == "open":
                self._calls.write(
                    account,
                    f"{key}:expire",
                    lambda client, options: client.v1.checkout.sessions.expire(session["id"], {}, options),
                )
            elif intent and intent["status"] == "requires_capture":
                why: Any = {"cancellation_reason": "abandoned"}
                self._calls.write(
                    account,
                    f"{key}:cancel",
                    lambda client, options: client.v1.payment_intents.cancel(intent["id"], why, options),
                )
        except StripeError as refusal:
            if refusal.status not in (400, 404):
                raise refusal.in_our_words() from refusal
        return self.fetch(attempt, account)

    def refund(
        self, attempt: Attempt, account: PayeeAccount, receipt: Entry, amount: Money, key: str
    ) -> Snapshot:
        """Give money back. A refund under way is no entry of the snapshot yet; one that failed is refused.

        Stripe forgets our key after a day, so it is also written on the refund, and looked for.
        """
        if amount.currency != receipt.amount.currency:
            raise Refused("refund_capture_currency_mismatch", amount.currency)
        session = self._session(attempt, account)
        if session is None or not session["payment_intent"]:
            return self.fetch(attempt, account)
        refunds = self._refunds(session, account)
        known = [refund for refund in refunds if (refund["metadata"] or {}).get("key") == key]
        if any(refund["status"] in REFUNDS_THAT_FAILED for refund in known):
            raise PayeeProblem("refund_failed", str(known[0].get("failure_reason")))
        left = receipt.amount.minor - sum(
            amount_in(refund["amount"], refund["currency"]).minor
            for refund in refunds
            if refund["status"] not in REFUNDS_THAT_FAILED
        )
        if not known and left > 0:
            if amount.minor > left:
                raise Refused("refund_amount_exceeded", str(amount))
            wanted: Any = {
                "charge": receipt.external_id,
                "amount": amount_out(amount),
                "metadata": {"key": key, "payment": attempt.id},
            }
            try:
                self._calls.write(
                    account, key, lambda client, options: client.v1.refunds.create(wanted, options)
                )
            except StripeError as refusal:
                if refusal.code not in LOOK_AGAIN:
                    raise refusal.in_our_words() from refusal
        return self.fetch(attempt, account)

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:
        """Check an event's signature, with the account's own secret or that of the platform's endpoint."""
        secret = self._connect_secret if account.mode == CONNECT else account.webhook_secret
        return verify(raw, headers, account, secret, now)

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        """Have Stripe tell `url` about this account's payments.

        Stripe says an endpoint's secret only once: an endpoint whose secret is not here is made anew. That of
        connected accounts is made once by whoever runs the platform, and only looked for.
        """
        if account.mode == CONNECT:
            return self._connect_endpoint(url)
        for endpoint in self._endpoints(account, url):
            kept = endpoint["id"] == account.webhook_id and account.webhook_secret
            if kept and endpoint["status"] == "enabled" and set(endpoint["enabled_events"]) == set(EVENTS):
                return Webhook(account.webhook_id, account.webhook_secret)
            self._forget_endpoint(account, str(endpoint["id"]))
        wanted: Any = {"url": url, "enabled_events": list(EVENTS), "api_version": API_VERSION}
        made = self._ask(account, lambda client, options: client.v1.webhook_endpoints.create(wanted, options))
        try:
            return Webhook(str(made["id"]), str(made["secret"]))
        except KeyError as error:
            raise TryAgain("unreadable", "no endpoint") from error

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:  # noqa: ARG002
        """Whose account is it, as Stripe says it, and can cards be charged there?"""
        try:
            owner = self._calls.owner(account, afresh=True)
        except StripeError as refusal:
            if account.mode == CONNECT and refusal.code == "account_invalid":
                raise PayeeProblem("consent_revoked", refusal.code) from refusal
            raise refusal.in_our_words() from refusal
        if account.external_id and owner != account.external_id:
            raise PayeeProblem("wrong_account", "the key belongs to another account")
        if account.mode == CONNECT and not self.onboarding.readiness(owner).ready:
            raise PayeeProblem("not_enabled", "card payments are not active")
        return AccountReport(owner, self._calls.livemode(account))

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:
        """Stripe's own sign-up for an account that is connected to the platform's; the same account on every call."""
        if account.mode != CONNECT:
            raise OnlyByHand("own_credentials")
        account_id = account.external_id or self.onboarding.create(
            name=applicant.legal_name, country=applicant.country, email=applicant.email, key=f"{key}:create"
        )
        link = self.onboarding.link(
            # A link is good once: another one is wanted each time.
            account_id,
            return_url=return_url,
            refresh_url=return_url,
            key=f"{key}:link:{uuid4()}",
        )
        return NextStep(account_id, link)

    def close(self) -> None:
        """Drop kept connections."""
        self._calls.close()

    def _session(self, attempt: Attempt, account: PayeeAccount) -> Any:
        """The session with its intent and charge; None where Stripe has none (any more)."""
        if attempt.external_id is None:
            raise ValueError("the attempt was never started")
        session_id = attempt.external_id
        try:
            session = self._calls.read(
                account,
                lambda client, options: client.v1.checkout.sessions.retrieve(
                    session_id, {"expand": EXPAND}, options
                ),
            )
        except StripeError as refusal:
            if refusal.status == 404:
                return None
            raise refusal.in_our_words() from refusal
        if not isinstance(session, dict) or not {"status", "payment_intent", "livemode"} <= session.keys():
            raise TryAgain("unreadable", "no session")
        return session

    def _seen(self, session: Any, account: PayeeAccount) -> Snapshot:
        intent = session["payment_intent"]
        try:
            paid = bool(intent) and intent["status"] == "succeeded"
            refunds = self._refunds(session, account) if paid else ()
            disputes = (
                self._disputes(session, account) if paid and intent["latest_charge"]["disputed"] else ()
            )
            return snapshot_of(session, self._payee(session, account), refunds, disputes)
        except (Unreadable, KeyError, TypeError) as error:
            raise TryAgain("unreadable", type(error).__name__) from error

    def _payee(self, session: Any, account: PayeeAccount) -> str | None:
        """Who is paid, as Stripe says it; nobody where money for trying out is not meant, or meant."""
        return self._owner(account) if session["livemode"] is account.livemode else None

    def _owner(self, account: PayeeAccount) -> str:
        try:
            return self._calls.owner(account)
        except StripeError as refusal:
            raise refusal.in_our_words() from refusal

    def _refunds(self, session: Any, account: PayeeAccount) -> Any:
        wanted: Any = {"payment_intent": session["payment_intent"]["id"], "limit": _MANY}
        return self._ask(account, lambda client, options: client.v1.refunds.list(wanted, options))["data"]

    def _disputes(self, session: Any, account: PayeeAccount) -> Any:
        wanted: Any = {"payment_intent": session["payment_intent"]["id"], "limit": _MANY}
        return self._ask(account, lambda client, options: client.v1.disputes.list(wanted, options))["data"]

    def _endpoints(self, account: PayeeAccount, url: str) -> list[Any]:
        found = self._ask(
            account, lambda client, options: client.v1.webhook_endpoints.list({"limit": _MANY}, options)
        )
        return [endpoint for endpoint in found["data"] if endpoint["url"] == url]

    def _forget_endpoint(self, account: PayeeAccount, endpoint_id: str) -> None:
        self._ask(
            account, lambda client, options: client.v1.webhook_endpoints.delete(endpoint_id, None, options)
        )

    def _connect_endpoint(self, url: str) -> Webhook:
        try:
            found = self._calls.as_platform(
                None, lambda client, options: client.v1.webhook_endpoints.list({"limit": _MANY}, options)
            )
        except StripeError as refusal:
            raise refusal.in_our_words() from refusal
        for endpoint in found["data"]:
            if endpoint["url"] == url:
                return Webhook(str(endpoint["id"]))
        raise Refused("connect_webhook_missing", url)

    def _ask(self, account: PayeeAccount, act: Any) -> Any:
        try:
            return self._calls.read(account, act)
        except StripeError as refusal:
            raise refusal.in_our_words() from refusal

    def _write(self, account: PayeeAccount, key: str, act: Any) -> Any:
        try:
            return self._calls.write(account, key, act)
        except StripeError as refusal:
            raise refusal.in_our_words() from refusal
