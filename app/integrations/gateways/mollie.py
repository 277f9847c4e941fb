"""The payment gateway interface, on Mollie's Payments API with the provider's own organisation access token.

The payment is made in the provider's own profile, and its money goes to the provider. An account's `external_id` is
the organisation (org_…), its `client_id` the profile that sells (pfl_…), its `secret` the token (access_…), which may
read organizations, and read and write payments, refunds and webhooks. Source: the references at https://docs.mollie.com.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from app.integrations.errors import NeighbourError, Refused, TryAgain
from app.integrations.gateways.interface import (
    AccountReport,
    Applicant,
    Attempt,
    Entry,
    Hint,
    NextStep,
    NotificationRefused,
    OnlyByHand,
    PayeeAccount,
    PayeeProblem,
    PayState,
    Snapshot,
    Webhook,
)
from app.integrations.http import HttpClient, Response
from app.money import Money

# Mollie's words in ours.
_STATES = {
    "open": PayState.STARTED,
    "pending": PayState.PENDING,
    "authorized": PayState.AUTHORIZED,
    "paid": PayState.CAPTURED,
    "canceled": PayState.EXPIRED,
    "expired": PayState.EXPIRED,
    "failed": PayState.FAILED,
}
# There are no codes: by the status, or by the field that 422 names.
_ERRORS: dict[int | str, tuple[type[NeighbourError], str]] = {
    401: (PayeeProblem, "credentials_refused"),
    403: (PayeeProblem, "permission_denied"),
    404: (Refused, "not_found"),
    409: (TryAgain, "in_progress"),
    410: (Refused, "not_found"),
    "amount": (Refused, "amount_not_supported"),
    "method": (PayeeProblem, "not_enabled"),
    "profileId": (PayeeProblem, "wrong_account"),
}
_LOCALES = {"en": "en_GB", "es": "es_ES", "fr": "fr_FR"}  # in others, Mollie's page follows the browser
# Of what waits for a capture there, all but cards wants the buyer's address and a list of goods.
_METHOD = "creditcard"
_EVENTS = (
    *("capture.failed", "capture.succeeded", "chargeback.received", "chargeback.reversed"),
    *("payment.authorized", "payment.canceled", "payment.expired", "payment.failed", "payment.paid"),
    *("payment.pending", "refund.canceled", "refund.failed", "refund.refunded"),
)
_GONE = frozenset({"canceled", "failed"})  # a refund that gives nothing back
# By the status of a capture or refund. A refund fails after it was sent, and returns to the provider's balance.
_MOVED = {
    "capture succeeded": "receipt",
    "refund refunded": "refund",
    "refund failed": "refund refund_failed",
}
_SIGNATURE = "x-mollie-signature"


class MollieGateway:
    """Mollie for any provider. `api_url`: https://api.mollie.com. `timeout`: seconds of silence in a call."""

    code = "mollie"
    releases = True

    def __init__(self, api_url: str, timeout: float = 10.0) -> None:
        self._http = HttpClient(self.code, api_url, read=timeout)
        self._owners: dict[str, str] = {}  # organisation by the hash of its token

    def start(self, attempt: Attempt, account: PayeeAccount, key: str) -> NextStep:
        """Open a payment. The same key leads to the same page, whatever has happened on it."""
        if self._owner(account) != account.external_id:
            raise PayeeProblem("wrong_account", "the token of another organisation")
        wanted = {
            "amount": _amount_out(attempt.amount),
            "description": attempt.description or attempt.order_number,
            "redirectUrl": attempt.return_url,
            "cancelUrl": attempt.cancel_url,
            "method": _METHOD,
            "captureMode": "manual",
            "metadata": {"payment": attempt.id, "order": attempt.order_number},
            "profileId": account.client_id,
            "locale": _LOCALES.get(attempt.language),
        }
        response = self._call(account, "POST", "/v2/payments", wanted, key)
        return NextStep(_text(response, "id"), _text(response, "_links", "checkout", "href"))

    def fetch(self, attempt: Attempt, account: PayeeAccount) -> Snapshot:
        """The payment with what became of its money. One that Mollie does not know (404) has expired."""
        payment = self._payment(attempt, account)
        return _FORGOTTEN if payment is None else self._seen(payment, account)

    def capture(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Take the money. Where there is nothing to take (any more), what there is instead."""
        snapshot = self.fetch(attempt, account)
        if snapshot.state is not PayState.AUTHORIZED:
            return snapshot
        try:
            self._call(
                account, "POST", f"{_path(attempt)}/captures", {"description": attempt.order_number}, key
            )
        except Refused:
            # Was somebody else quicker, or the bank?
            if self.fetch(attempt, account).state is PayState.AUTHORIZED:
                raise
        return self.fetch(attempt, account)

    def release(self, attempt: Attempt, account: PayeeAccount, key: str) -> Snapshot:
        """Close an open payment, or give an approval back. Where both is too late, what there is instead."""
        payment = self._payment(attempt, account)
        if payment is None:
            return _FORGOTTEN
        with suppress(Refused):  # it may have moved on; a page that cannot be closed does so by itself
            if payment["status"] == "open":
                self._call(account, "DELETE", _path(attempt), {}, f"{key}:cancel")
            elif payment["status"] == "authorized":
                wanted = {"profileId": account.client_id}
                self._call(account, "POST", f"{_path(attempt)}/release-authorization", wanted, key)
        return self.fetch(attempt, account)

    def refund(
        self, attempt: Attempt, account: PayeeAccount, receipt: Entry, amount: Money, key: str
    ) -> Snapshot:
        """Give money back. Mollie forgets our key after a while, so it is written on the refund and looked for."""
        if amount.currency != receipt.amount.currency:
            raise Refused("refund_capture_currency_mismatch", amount.currency)
        payment = self._payment(attempt, account)
        if payment is None:
            return _FORGOTTEN
        self._seen(payment, account)  # all of it can be read
        refunds = _embedded(payment, "refunds")
        known = [refund["status"] for refund in refunds if (refund.get("metadata") or {}).get("key") == key]
        if _GONE & set(known):
            raise PayeeProblem("refund_failed", str(known[0]))
        given = [_amount_in(refund).minor for refund in refunds if refund["status"] not in _GONE]
        left = receipt.amount.minor - sum(given)
        if not known and left > 0:
            if amount.minor > left:
                raise Refused("refund_amount_exceeded", str(amount))
            wanted = {
                "amount": _amount_out(amount),
                "description": attempt.order_number,
                "metadata": {"key": key, "payment": attempt.id},
            }
            self._call(account, "POST", f"{_path(attempt)}/refunds", wanted, key)
        return self.fetch(attempt, account)

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:  # noqa: ARG002
        """Check an event's signature. It covers no time: an event that comes again is known by its id."""
        given = {name.lower(): value for name, value in headers.items()}.get(_SIGNATURE, "")
        if not given:
            raise NotificationRefused("header_missing", _SIGNATURE)
        if not account.webhook_secret:
            raise NotificationRefused("no_secret", "the account was never registered for notifications")
        due = hmac.new(account.webhook_secret.encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given.strip().removeprefix("sha256=").encode(), due.encode()):
            raise NotificationRefused("bad_signature", "of another body or secret")
        return _hint(raw, account)

    def ensure_webhook(self, account: PayeeAccount, url: str) -> Webhook:
        """Have Mollie tell `url` of this account's payments. A webhook whose secret is not here is made anew."""
        listed = self._call(account, "GET", "/v2/webhooks", {"limit": "250"}).json()
        try:
            for webhook in _embedded(listed, "webhooks"):
                if webhook["url"] != url:
                    continue
                kept = webhook["id"] == account.webhook_id and account.webhook_secret
                if kept and webhook["status"] == "enabled" and set(webhook["eventTypes"]) == set(_EVENTS):
                    return Webhook(account.webhook_id, account.webhook_secret)
                self._call(account, "DELETE", f"/v2/webhooks/{quote(str(webhook['id']), safe='')}", {})
        except (KeyError, TypeError) as error:
            raise TryAgain("unreadable", "no webhook") from error
        wanted = {"name": "Voluntary cancellation", "url": url, "eventTypes": list(_EVENTS)}
        made = self._call(account, "POST", "/v2/webhooks", wanted)
        return Webhook(_text(made, "id"), _text(made, "webhookSecret"))

    def probe(self, account: PayeeAccount, key: str) -> AccountReport:  # noqa: ARG002
        """Whose token is it, as Mollie says it, and does the profile take cards?"""
        if self._owner(account) != account.external_id:
            raise PayeeProblem("wrong_account", "the token of another organisation")
        method = self._call(account, "GET", f"/v2/methods/{_METHOD}", {"profileId": account.client_id})
        if _text(method, "status") != "activated":
            raise PayeeProblem("not_enabled", "cards are not active in this profile")
        return AccountReport(account.external_id, account.livemode)

    def lead_in(self, account: PayeeAccount, applicant: Applicant, return_url: str, key: str) -> NextStep:  # noqa: ARG002
        """A provider brings a token of their own."""
        raise OnlyByHand("own_credentials")

    def close(self) -> None:
        """Drop kept connections."""
        self._http.close()

    def _payment(self, attempt: Attempt, account: PayeeAccount) -> Any:
        """The payment with its captures, refunds and chargebacks; None where Mollie has none (any more)."""
        try:
            payment = self._call(
                account, "GET", _path(attempt), {"embed": "captures,refunds,chargebacks"}
            ).json()
        except Refused as refusal:
            if refusal.code != "not_found":
                raise
            return None
        if not isinstance(payment, dict) or not {"status", "mode", "_embedded"} <= payment.keys():
            raise TryAgain("unreadable", "no payment")
        return payment

    def _seen(self, payment: Any, account: PayeeAccount) -> Snapshot:
        ours = payment["mode"] == _mode(account) and payment.get("profileId") == account.client_id
        payee = self._owner(account) if ours else None
        try:
            state, reason = _state(payment)
            return Snapshot(
                state=state,
                entries=tuple(_entries(payment)),
                amount=_amount_in(payment),
                payee=payee,
                reference=(payment["metadata"] or {}).get("payment"),
                reason=reason,
                redirect_url=payment["_links"]["checkout"]["href"] if state is PayState.STARTED else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise TryAgain("unreadable", type(error).__name__) from error

    def _owner(self, account: PayeeAccount) -> str:
        """Whose token it is, as Mollie says it. Asked once: it never changes hands."""
        name = hashlib.sha256(account.secret.encode()).hexdigest()
        if name not in self._owners:
            self._owners[name] = _text(self._call(account, "GET", "/v2/organizations/me", {}), "id")
        return self._owners[name]

    def _call(
        self, account: PayeeAccount, method: str, path: str, values: Mapping[str, Any], key: str | None = None
    ) -> Response:
        """Ask as the provider, in the account's mode. Raises TryAgain, OutcomeUnknown and the kinds of Refused."""
        if account.mode != "own_key":
            raise ValueError(f"Mollie accounts of mode {account.mode!r} are not supported")
        headers = {"Authorization": f"Bearer {account.secret}"} | ({"Idempotency-Key": key} if key else {})
        said = {**values, **({} if account.livemode else {"testmode": True})}
        sent: dict[str, Any] = {"params": said} if method == "GET" else {"json": said}
        response = self._http.request(method, path, headers=headers, **sent)
        if response.status < 400:
            return response
        about: int | str = response.status
        if about == 422:
            with suppress(NeighbourError, AttributeError):
                about = str(response.json().get("field")).partition(".")[0]
        kind, code = _ERRORS.get(about, (Refused, "refused"))
        raise kind(code, str(response.status))


_FORGOTTEN = Snapshot(PayState.EXPIRED, reason="forgotten")


def _state(payment: Any) -> tuple[PayState, str | None]:
    """An approval whose capture is under way, or has failed, is still called authorized there."""
    state = _STATES[payment["status"]]
    captures = {capture["status"] for capture in _embedded(payment, "captures")}
    if state is PayState.CAPTURED and "succeeded" not in captures:
        raise ValueError("paid without a capture")
    if state is PayState.PENDING or (state is PayState.AUTHORIZED and "pending" in captures):
        return PayState.PENDING, "unconfirmed"
    if state is PayState.FAILED or (state is PayState.AUTHORIZED and "failed" in captures):
        return PayState.FAILED, "declined"
    if state is not PayState.EXPIRED:
        return state, None
    given_back = "released" if payment["status"] == "canceled" else "reversed"
    return state, given_back if payment.get("authorizedAt") else "unfinished"


def _entries(payment: Any) -> list[Entry]:
    """What has moved: captures, refunds that the bank has, chargebacks; and what of these came back."""
    found: list[Entry] = []
    for thing in (*_embedded(payment, "captures"), *_embedded(payment, "refunds")):
        kinds = _MOVED.get(f"{thing['resource']} {thing['status']}", "").split()
        found += [_entry(kind, thing, "createdAt") for kind in kinds]
    for thing in _embedded(payment, "chargebacks"):
        found.append(_entry("chargeback", thing, "createdAt"))
        if thing.get("reversedAt"):
            found.append(_entry("chargeback_won", thing, "reversedAt"))
    return found


def _entry(kind: str, thing: Any, when: str) -> Entry:
    at = datetime.fromisoformat(thing[when]).astimezone(UTC)
    return Entry(kind, str(thing["id"]), _amount_in(thing), at)


def _hint(raw: bytes, account: PayeeAccount) -> Hint:
    try:
        event = json.loads(raw)
        about = event["_embedded"]["entity"]
        if about.get("mode", _mode(account)) != _mode(account):
            raise NotificationRefused("livemode", "for trying out, or not")
        mentioned = (event["entityId"], about.get("id"), about.get("paymentId"))
        reference = (about.get("metadata") or {}).get("payment")
        ids = tuple(dict.fromkeys(found for found in mentioned if isinstance(found, str)))
        references = (reference,) if isinstance(reference, str) else ()
        return Hint(str(event["id"]), str(event["type"]), ids, references)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotificationRefused("unreadable", type(error).__name__) from error


def _text(response: Response, *names: str) -> str:
    """A text in an answer, by the way to it. TryAgain or OutcomeUnknown where it is not there."""
    found = response.json()
    try:
        for name in names:
            found = found[name]
    except (KeyError, TypeError) as error:
        raise response.unreadable(f"no {names[-1]}") from error
    return str(found)


def _embedded(thing: Any, name: str) -> Any:
    return thing["_embedded"].get(name) or ()


def _path(attempt: Attempt) -> str:
    if attempt.external_id is None:
        raise ValueError("the attempt was never started")
    return f"/v2/payments/{quote(attempt.external_id, safe='')}"


def _mode(account: PayeeAccount) -> str:
    return "live" if account.livemode else "test"


def _amount_out(amount: Money) -> dict[str, str]:
    """Mollie counts decimals as ISO 4217 does: "25.50" EUR, "2500" JPY."""
    return {"currency": amount.currency, "value": f"{amount.amount:f}"}


def _amount_in(thing: Any) -> Money:
    return Money.parse(thing["amount"]["value"], thing["amount"]["currency"])
