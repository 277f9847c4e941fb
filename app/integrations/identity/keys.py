"""A realm's public keys: kept, and asked for again when a token names one that is not among them."""

import threading
import time
from collections.abc import Callable
from typing import Any

from joserfc.jwk import RSAKey

from app.integrations.errors import Refused


class RealmKeys:
    """`fetch` gives the key set as the realm publishes it; `clock` counts seconds and never goes back.

    Safe to share by threads. Strangers can make us ask, by naming keys: at most once a second.
    """

    def __init__(
        self, fetch: Callable[[], dict[str, Any]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, RSAKey] = {}
        self._asked_at: float | None = None

    def get(self, kid: str) -> RSAKey:
        """The key of this name. Refused when the realm has none; what `fetch` raises."""
        with self._lock:
            if kid not in self._keys and (self._asked_at is None or self._clock() - self._asked_at >= 1.0):
                self._asked_at = self._clock()
                self._keys = _signing_keys(self._fetch())
            if kid not in self._keys:
                raise Refused("signature", "no such key")
            return self._keys[kid]


def _signing_keys(published: dict[str, Any]) -> dict[str, RSAKey]:
    return {
        each["kid"]: RSAKey.import_key({"kty": "RSA", "n": each["n"], "e": each["e"]})
        for each in published.get("keys", [])
        if each.get("kty") == "RSA"
        and each.get("use", "sig") == "sig"
        and each.get("alg", "RS256") == "RS256"
    }
