"""Whom a call is made for: PayPal-Auth-Assertion, an unsigned JWT in which a platform names a seller."""

import base64
import json
import sqlite3

from sandbox.paypal.partners import Consent, consent_of
from sandbox.paypal.problems import Problem

HEADER = "PayPal-Auth-Assertion"
TOKEN_SECONDS = 9 * 3600  # how long a token lasts


def read_assertion(db: sqlite3.Connection, caller: sqlite3.Row, assertion: str) -> tuple[str, Consent] | None:
    """The seller that the caller acts for, and what they let it do; None without an assertion.

    Raises Problem 401 for one that is none, or of another application; 403 where the seller has not agreed, or
    only after the caller's token was issued.
    """
    if not assertion:
        return None
    try:
        head, claims, signature = assertion.split(".")
        algorithm, issuer = _decoded(head)["alg"], _decoded(claims)["iss"]
        merchant_id = str(_decoded(claims)["payer_id"])
    except (ValueError, KeyError, TypeError):
        raise Problem(401) from None
    if (algorithm, signature, issuer) != ("none", "", caller["client_id"]):
        raise Problem(401)
    consent = consent_of(db, caller["id"], merchant_id)
    if consent is None or caller["expires"] - TOKEN_SECONDS < consent.since:
        raise Problem(403, "PERMISSION_DENIED")
    return merchant_id, consent


def _decoded(part: str) -> dict[str, object]:
    decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(decoded, dict):
        raise TypeError(part)
    return decoded
