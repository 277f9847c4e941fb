"""The signature over each event, as Stripe makes it: HMAC-SHA256 with the endpoint's own secret."""

import hashlib
import hmac


def signature_header(secret: str, body: bytes, at: int) -> str:
    """Stripe-Signature: the time of sending, and the signature over time and body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
