"""Random tokens that browsers carry: the database knows their hashes only."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, as text for a cookie or an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """SHA-256. A random token needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()
