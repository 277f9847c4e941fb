"""Identifiers and times as PayPal writes them."""

import secrets
import string
from datetime import UTC, datetime

_ANY = string.digits + string.ascii_uppercase
_ACCOUNT = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_id(length: int = 17) -> str:
    """The id of an order, capture or refund, such as 5O190127TN364715T."""
    return "".join(secrets.choice(_ANY) for _ in range(length))


def new_account_id() -> str:
    """The id of a payer or merchant: 13 characters without 0, 1, I and O."""
    return "".join(secrets.choice(_ACCOUNT) for _ in range(13))


def iso(seconds: float) -> str:
    """2026-11-23T14:05:09Z"""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
