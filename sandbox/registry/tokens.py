"""Whose call is it? Bearer tokens of the registry's own issuer, checked against its published keys."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from sandbox.registry.problems import Problem

LEEWAY = 5  # seconds that two clocks may differ
KEYS_AGE = 300  # seconds
REFETCH_PAUSE = 1  # seconds; unknown key ids may not make us flood the issuer


@dataclass(frozen=True)
class Caller:
    """`accounts` is None for a service token, the accounts a person represents (maybe none) for a delegated one."""

    subject: str
    client: str
    scopes: frozenset[str]
    accounts: frozenset[str] | None

    @property
    def kind(self) -> str:
        return "service" if self.accounts is None else "delegated"


class TokenCheck:
    """`service_client`: whose tokens are service tokens. All others are a person's, whatever claims they lack."""

    def __init__(self, issuer: str, audience: str, service_client: str) -> None:
        self._issuer = issuer
        self._service_client = service_client
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched = float("-inf")

    def caller(self, authorization: str | None) -> Caller:
        """Who sends this `Authorization` header.

        Raises Problem `unauthenticated`, or `registry_unavailable` when the issuer's keys cannot be read.
        """
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not value.strip():
            raise Problem("unauthenticated", "A bearer token is needed.")
        claims = self._checked_claims(value.strip())
        accounts = claims.get("accounts", [])
        if not isinstance(accounts, list):
            raise Problem("unauthenticated", "The token's accounts claim is not a list.")
        client = str(claims.get("azp", ""))
        return Caller(
            subject=str(claims["sub"]),
            client=client,
            scopes=frozenset(str(claims.get("scope", "")).split()),
            accounts=None if client == self._service_client else frozenset(map(str, accounts)),
        )

    def _checked_claims(self, value: str) -> dict[str, Any]:
        try:
            try:
                token = jwt.decode(value, self._key_set(KEYS_AGE), algorithms=["RS256"])
            except InvalidKeyIdError:
                token = jwt.decode(value, self._key_set(REFETCH_PAUSE), algorithms=["RS256"])
            self._claims.validate(token.claims)
        except (JoseError, ValueError) as error:
            raise Problem("unauthenticated", f"The token is not valid ({type(error).__name__}).") from error
        return token.claims

    def _key_set(self, max_age: float) -> KeySet:
        with self._lock:
            if self._keys is None or time.monotonic() - self._fetched > max_age:
                self._keys = self._fetch()
                self._fetched = time.monotonic()
            return self._keys

    def _fetch(self) -> KeySet:
        try:
            answer = httpx.get(f"{self._issuer}/protocol/openid-connect/certs", timeout=5, trust_env=False)
            return KeySet.import_key_set(answer.raise_for_status().json())
        except (httpx.HTTPError, JoseError, ValueError, KeyError) as error:
            raise Problem(
                "registry_unavailable", "The identity provider does not answer.", retry_after=2
            ) from error
