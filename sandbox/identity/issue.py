"""Make a signed access token with the claims that Keycloak puts into one."""

import time
import uuid
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

SECONDS = 300


def issue(key: RSAKey, issuer: str, subject: str, scope: str, **claims: Any) -> str:
    """An RS256 JWT that ends in five minutes; `claims` replace or add to the usual ones, None leaves one out."""
    now = int(time.time())
    payload = {
        "iss": issuer,
        "sub": subject,
        "scope": scope,
        "typ": "Bearer",
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + SECONDS,
        **claims,
    }
    kept = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, kept, key, algorithms=["RS256"])
