"""A browser and the client that relies on what the identity provider says, in one."""

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
from bs4 import BeautifulSoup
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.neighbours import PEOPLE, PUBLIC_CLIENT_SECRET, REGISTRY_CLIENT_SECRET, SIGN_IN_CLIENT_ID, Program

PLATFORM = "http://127.0.0.1:9"
SECRETS = {"public": PUBLIC_CLIENT_SECRET, "registry": REGISTRY_CLIENT_SECRET}
SCOPE = "openid profile email"
ANA = "ana.buyer@example.org"
OTTO = "otto.organisation@example.org"
PAULA = "paula.provider@provider.example"
PIPPA = "pippa.provider@provider.example"
VERA = "vera.administrator@registry.example"
SEED = json.loads(PEOPLE.read_text(encoding="utf-8"))


def seeded(realm: str, email: str) -> dict[str, Any]:
    """What the seed file says about somebody."""
    [found] = [person for person in SEED["people"] if (person["realm"], person["email"]) == (realm, email)]
    return found


def code_now(email: str = VERA) -> str:
    """What the authenticator of somebody of the registry's realm shows."""
    return pyotp.TOTP(seeded("registry", email)["totp_secret"]).now()


class Relying:
    """One realm seen by one browser (`http` keeps its cookies) and by one client."""

    def __init__(
        self,
        identity: Program,
        realm: str,
        client: tuple[str, str] | None = None,
        platform: str = PLATFORM,
    ) -> None:
        self.identity = identity
        self.realm = realm
        self.issuer = f"{identity.url}/realms/{realm}"
        self.endpoints = f"{self.issuer}/protocol/openid-connect"
        self.client = client or (SIGN_IN_CLIENT_ID, SECRETS[realm])
        self.redirect_uri = f"{platform}/sign-in/{realm}/back"
        self.signed_out = f"{platform}/signed-out"
        self.verifier = secrets.token_urlsafe(48)
        self.http = httpx.Client(trust_env=False, timeout=30)

    def query(self, **more: str | None) -> dict[str, str]:
        """An authorization request; None leaves a parameter out."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        usual = {
            "response_type": "code",
            "client_id": self.client[0],
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **more}.items() if value is not None}

    def ask(self, **more: str | None) -> httpx.Response:
        """Open the authorization endpoint."""
        return self.http.get(f"{self.endpoints}/auth", params=self.query(**more))

    def send(self, form: BeautifulSoup | str, answer: httpx.Response, **fields: str) -> httpx.Response:
        """Fill in a form of the page and send it; hidden fields go along."""
        page = BeautifulSoup(answer.text, "html.parser")
        tag = page.select_one(form) if isinstance(form, str) else form
        hidden = {field["name"]: field["value"] for field in tag.select("input[type=hidden]")}
        return self.http.post(str(answer.url.join(tag["action"])), data={**hidden, **fields})

    def password(self, answer: httpx.Response, email: str, password: str = "demonstration") -> httpx.Response:
        """Type it on the sign-in page."""
        return self.send("#kc-form-login", answer, username=email, password=password)

    def sign_in(self, email: str, **more: str | None) -> dict[str, Any]:
        """All the way to the tokens, by a demonstration button; with a one-time code where it is asked for."""
        answer = self.ask(**more)
        if answer.status_code == 200:
            button = BeautifulSoup(answer.text, "html.parser").select_one(
                f"button[value='{seeded(self.realm, email)['id']}']"
            )
            answer = self.send(button.find_parent("form"), answer, person=button["value"])
        if answer.status_code == 200:
            answer = self.send("#kc-otp-login-form", answer, otp=code_now(email))
        return self.tokens(answer)

    def tokens(self, answer: httpx.Response) -> dict[str, Any]:
        """Of the code in a redirect."""
        redeemed = self.redeem(back(answer)["code"])
        assert redeemed.status_code == 200, redeemed.text
        return redeemed.json()

    def redeem(self, code: str, **more: str) -> httpx.Response:
        usual = {"code": code, "redirect_uri": self.redirect_uri, "code_verifier": self.verifier}
        return self.token(grant_type="authorization_code", **{**usual, **more})

    def refresh(self, refresh_token: str, **more: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **more)

    def token(self, **form: str) -> httpx.Response:
        return httpx.post(f"{self.endpoints}/token", data=form, auth=self.client, trust_env=False)

    def post(self, endpoint: str, **form: str) -> httpx.Response:
        """A call of the client to another endpoint."""
        return httpx.post(f"{self.endpoints}/{endpoint}", data=form, auth=self.client, trust_env=False)

    def claims(self, token: str) -> dict[str, Any]:
        """What a token says, after its signature was checked by the published keys."""
        keys = KeySet.import_key_set(httpx.get(f"{self.endpoints}/certs", trust_env=False).json())
        return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)

    def userinfo(self, access_token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {access_token}"}
        return httpx.get(f"{self.endpoints}/userinfo", headers=headers, trust_env=False)


def back(answer: httpx.Response) -> dict[str, str]:
    """The query of the address that the browser is sent back to."""
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: value for name, [value] in query.items()}


def heading(answer: httpx.Response) -> str:
    """What a page is about."""
    return BeautifulSoup(answer.text, "html.parser").select_one("h1").get_text()


def alert(answer: httpx.Response) -> str:
    """What a page complains about."""
    return BeautifulSoup(answer.text, "html.parser").select_one("[role=alert]").get_text(strip=True)
