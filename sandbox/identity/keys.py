"""One RSA key pair per realm, made once and kept; and signing with them, honestly or not."""

import hmac
import json
import sqlite3
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.identity.realms import REALMS

# How a token may be signed: as it should be, by a key that nobody published under the name of one that is, by the
# other realm's key, not at all, or with the published key as if it were a shared secret.
SIGNATURES = ("own", "foreign", "other_realm", "none", "hmac")


def load_keys(db: sqlite3.Connection) -> dict[str, RSAKey]:
    """The key of each realm by name; the missing ones are made."""
    stored = {row["realm"]: row["pem"] for row in db.execute("SELECT realm, pem FROM realm_key")}
    for realm in REALMS:
        if realm not in stored:
            stored[realm] = RSAKey.generate_key(2048).as_pem(private=True).decode()
            db.execute("INSERT INTO realm_key (realm, pem) VALUES (?, ?)", (realm, stored[realm]))
    return {realm: _with_id(pem) for realm, pem in stored.items()}


def _with_id(pem: str) -> RSAKey:
    key = RSAKey.import_key(pem, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key


def sign(
    keys: dict[str, RSAKey], realm: str, claims: dict[str, Any], signature: str = "own", typ: str = "JWT"
) -> str:
    """The claims that are not None as a JWT of this realm; `signature` is one of SIGNATURES."""
    payload = {name: value for name, value in claims.items() if value is not None}
    own = keys[realm]
    if signature == "none":
        return _by_hand({"alg": "none", "typ": typ}, payload, None)
    if signature == "hmac":
        return _by_hand({"alg": "HS256", "typ": typ, "kid": own.kid}, payload, own.as_pem(private=False))
    key = {"own": own, "foreign": _foreign_key(), "other_realm": _other(keys, realm)}[signature]
    kid = own.kid if signature == "foreign" else key.kid
    return jwt.encode({"alg": "RS256", "typ": typ, "kid": kid}, payload, key, algorithms=["RS256"])


def _by_hand(header: dict[str, Any], payload: dict[str, Any], secret: bytes | None) -> str:
    # joserfc rightly makes neither an unsigned token nor one whose shared secret everybody knows.
    signed = ".".join(
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, payload)
    )
    seal = hmac.digest(secret, signed.encode(), "sha256") if secret else b""
    return f"{signed}.{urlsafe_b64encode(seal).decode().rstrip('=')}"


def _other(keys: dict[str, RSAKey], realm: str) -> RSAKey:
    return next(key for name, key in keys.items() if name != realm)


@cache
def _foreign_key() -> RSAKey:
    return RSAKey.generate_key(2048)
