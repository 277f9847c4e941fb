"""Stripe's events: the signature with a shared secret, checked without asking anybody."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import stripe

from app.integrations.gateways.interface import CONNECT, Hint, NotificationRefused, PayeeAccount

# Stripe signs each attempt to deliver anew.
_SKEW = timedelta(minutes=5)
_HEADER = "stripe-signature"


def verify(raw: bytes, headers: Mapping[str, str], account: PayeeAccount, secret: str, now: datetime) -> Hint:
    """Check an event's signature, time, account and mode. Raises NotificationRefused."""
    given = {name.lower(): value for name, value in headers.items()}
    header = given.get(_HEADER, "")
    if not header:
        raise NotificationRefused("header_missing", _HEADER)
    if not secret:
        raise NotificationRefused("no_secret", "the account was never registered for notifications")
    try:
        stripe.WebhookSignature.verify_header(raw, header, secret)  # the time is ours to check: see below
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise NotificationRefused("bad_signature", type(error).__name__) from error
    _check_time(header, now)
    return _hint(raw, account)


def _check_time(header: str, now: datetime) -> None:
    (sent_at,) = [part.partition("=")[2] for part in header.split(",") if part.startswith("t=")][:1] or ["0"]
    if abs(now.timestamp() - int(sent_at)) > _SKEW.total_seconds():
        raise NotificationRefused("time", "too old, or of the future")


def _hint(raw: bytes, account: PayeeAccount) -> Hint:
    try:
        event = json.loads(raw)
        about = event["data"]["object"]
        named = event.get("account")
        if named not in ({account.external_id} if account.mode == CONNECT else {None, account.external_id}):
            raise NotificationRefused("account", "about somebody else's money")
        if event["livemode"] is not account.livemode:
            raise NotificationRefused("livemode", "for trying out, or not")
        references = (about.get("client_reference_id"), (about.get("metadata") or {}).get("payment"))
        return Hint(
            event_id=str(event["id"]),
            event_type=str(event["type"]),
            external_ids=tuple(_texts(about.get(name) for name in ("id", "payment_intent", "charge"))),
            references=tuple(_texts(references)),
            about_account=str(event["type"]).startswith("account."),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotificationRefused("unreadable", type(error).__name__) from error


def _texts(values: Any) -> list[str]:
    return list(dict.fromkeys(value for value in values if isinstance(value, str)))
