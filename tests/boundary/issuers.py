"""Tokens of every kind, good and bad, from the sandbox's identity provider and from the real Keycloak."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.deploy.visit import Flow, Visit, claims_of
from tests.keycloak import Keycloak
from tests.neighbours import Program

PLATFORM = "http://127.0.0.1:7"  # never called: sign-ins end with the address that leads there
SHORT_LIVED = "http://127.0.0.1:8"
SERVICE = "activities:read mandates:read cancellations:write cancellations:read"
PERSON = "activities:read holdings:read mandates:write"
LEEWAY = 5  # seconds that the registry allows two clocks to differ


class Issuer(Protocol):
    """Who gives out tokens, for the registry and for the platform's own public."""

    issuer: str

    def service(self) -> str:
        """The platform's own."""
        ...

    def person(self, *accounts: str, scope: str = PERSON) -> str:
        """Of somebody who signed in through the registry's single sign-on and represents these accounts."""
        ...

    def public(self) -> str:
        """Of a buyer."""
        ...

    def expired(self) -> str:
        """Good once."""
        ...

    def wrong_audience(self) -> str:
        """Of the registry's own issuer, for somebody else."""
        ...


class SandboxIssuer:
    """The sandbox signs whatever is asked for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.issuer = program.names["issuer"]

    def service(self) -> str:
        return self._mint(scope=SERVICE)

    def person(self, *accounts: str, scope: str = PERSON) -> str:
        return self._mint(scope=scope, accounts=list(accounts))

    def public(self) -> str:
        # Worse than any real one: it says everything that the registry's would say.
        return self._mint(realm="public", scope=f"{SERVICE} {PERSON}")

    def expired(self) -> str:
        return self._mint(scope=SERVICE, expires_in=-LEEWAY - 1)

    def wrong_audience(self) -> str:
        return self._mint(scope=SERVICE, aud="another-service")

    def _mint(self, **asked: Any) -> str:
        answer = httpx.post(f"{self.program.url}/sandbox/tokens", json=asked, timeout=60, trust_env=False)
        token: str = answer.raise_for_status().json()["access_token"]
        return token


class KeycloakIssuer:
    """The real one signs what its realms allow."""

    def __init__(self, keycloak: Keycloak) -> None:
        self.keycloak = keycloak
        self.issuer = keycloak.issuer("registry")

    def service(self) -> str:
        settings = self.keycloak.allow(PLATFORM)
        answer = httpx.post(
            settings["registry_token_url"],
            data={"grant_type": "client_credentials", "scope": SERVICE},
            auth=(settings["registry_client_id"], settings["registry_client_secret"]),
            timeout=30,
            trust_env=False,
        )
        token: str = answer.raise_for_status().json()["access_token"]
        return token

    def person(self, *accounts: str, scope: str = PERSON) -> str:
        return self._sign_in("registry", f"openid {scope}", accounts=accounts, roles=("provider",))

    def public(self) -> str:
        return self._sign_in("public", "openid profile email")

    def expired(self) -> str:
        self._shorten()
        token = self._sign_in("registry", f"openid {PERSON}", platform=SHORT_LIVED, roles=("provider",))
        until = claims_of(token)["exp"] + LEEWAY + 1
        while time.time() <= until:
            time.sleep(0.2)
        return token

    def wrong_audience(self) -> str:
        client_id, secret = f"another-service-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
        self.keycloak.admin("registry").create_client(
            {"clientId": client_id, "secret": secret, "serviceAccountsEnabled": True, "publicClient": False}
        )
        answer = Flow(self.issuer, client_id, secret, "").token(grant_type="client_credentials")
        token: str = answer.raise_for_status().json()["access_token"]
        assert claims_of(token)["iss"] == self.issuer
        assert "mechanism-registry" not in claims_of(token).get("aud", []), "it is for the registry after all"
        return token

    def _shorten(self) -> None:
        self.keycloak.allow(SHORT_LIVED)
        admin = self.keycloak.admin("registry")
        client = admin.get_client(admin.get_client_id("vcp-8"))
        client["attributes"]["access.token.lifespan"] = "2"
        admin.update_client(client["id"], client)

    def _sign_in(
        self,
        realm: str,
        scope: str,
        *,
        platform: str = PLATFORM,
        roles: tuple[str, ...] = (),
        accounts: tuple[str, ...] = (),
    ) -> str:
        settings = self.keycloak.allow(platform)
        person = self.keycloak.add_person(realm, roles=roles, accounts=accounts)
        back = f"{platform}/sign-in/{realm}/back"
        client = (settings[f"{realm}_realm_client_id"], settings[f"{realm}_realm_client_secret"])
        flow = Flow(self.keycloak.issuer(realm), *client, back)
        with Visit(back) as visit:
            visit.open(flow.url(scope)).submit(username=person.email, password=person.password)
            assert visit.back is not None, visit.text
            token: str = flow.redeem(visit.back["code"]).raise_for_status().json()["access_token"]
        return token


# What anybody can make of a token that was good.


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _header(token: str) -> dict[str, Any]:
    first = token.split(".", maxsplit=1)[0]
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    return header


def unsigned(token: str, _issuer: str) -> str:
    """`alg` none, and no signature."""
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims_of(token))}."


def of_another_key(token: str, _issuer: str) -> str:
    """Signed by a key that nobody published, under the name of the one that is."""
    header = {"alg": "RS256", "typ": "JWT", "kid": _header(token)["kid"]}
    return jwt.encode(header, claims_of(token), RSAKey.generate_key(2048), algorithms=["RS256"])


def with_the_public_key_as_secret(token: str, issuer: str) -> str:
    """HS256, the secret being what everybody can read."""
    keys = httpx.get(f"{issuer}/protocol/openid-connect/certs", timeout=30, trust_env=False).json()["keys"]
    [key] = [each for each in keys if each["kid"] == _header(token)["kid"]]
    secret = RSAKey.import_key(key).as_pem(private=False)
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': key['kid']})}.{_part(claims_of(token))}"
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def with_more_claimed(token: str, _issuer: str) -> str:
    """Another content under the same signature."""
    header, _, signature = token.split(".")
    return f"{header}.{_part(claims_of(token) | {'scope': f'{SERVICE} {PERSON}', 'exp': 2**31})}.{signature}"


FORGED: dict[str, Callable[[str, str], str]] = {
    "unsigned": unsigned,
    "of another key": of_another_key,
    "with the public key as secret": with_the_public_key_as_secret,
    "with more claimed": with_more_claimed,
}
