"""A person at an identity provider's sign-in pages, without a browser: forms are read, filled and sent."""

import base64
import hashlib
import http.cookies
import json
import secrets
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup, Tag


class Visit:
    """One browser with its own cookies. It shows one page at a time and follows redirects, also out of a form.

    Keycloak's cookies are Secure on http loopback, too: browsers send them there, Python's cookie jar does not, so
    they are kept by hand. `redirect_uri` is never called: the visit ends with the address that leads there.
    """

    def __init__(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri
        self.url = ""
        self.answer: httpx.Response | None = None
        self.back: dict[str, str] | None = None  # the query that the application would get
        self._cookies: dict[str, str] = {}
        self._client = httpx.Client(timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def open(self, url: str) -> Self:
        """GET the page."""
        return self._go("GET", url)

    def submit(self, **fields: str) -> Self:
        """Send the page's only form, what it has filled in already included."""
        form = self.form
        data = {
            field["name"]: field.get("value", "")
            for field in form.find_all("input")
            if field.get("name") and field.get("type") not in {"submit", "checkbox", "radio"}
        }
        return self._go("POST", urljoin(self.url, form["action"]), {**data, **fields})

    @property
    def page(self) -> BeautifulSoup:
        """What is shown."""
        assert self.answer is not None
        return BeautifulSoup(self.answer.text, "html.parser")

    @property
    def form(self) -> Tag:
        """The form to fill in."""
        form = self.page.find("form", method="post")
        assert isinstance(form, Tag), f"{self.url} has no form: {self.text}"
        return form

    @property
    def asked(self) -> set[str]:
        """The names of the fields that a person fills in; empty once the visit has ended."""
        if self.back is not None:
            return set()
        return {
            field["name"]
            for field in self.form.find_all("input")
            if field.get("name") and field.get("type") in {"text", "password", "email", "number"}
        }

    @property
    def text(self) -> str:
        """What a person reads."""
        return self.page.get_text(" ", strip=True)

    def _go(self, method: str, url: str, data: dict[str, str] | None = None) -> Self:
        for _ in range(10):
            if url.split("?", maxsplit=1)[0] == self.redirect_uri:
                self.url = url
                self.back = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
                return self
            self.back = None
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            self.answer = self._client.request(method, url, data=data, headers={"cookie": cookies})
            self._keep_cookies(self.answer)
            self.url = url
            if not self.answer.is_redirect:
                return self
            url, method, data = urljoin(url, self.answer.headers["location"]), "GET", None
        raise AssertionError(f"ten redirects, the last to {url}")

    def _keep_cookies(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            for name, cookie in http.cookies.SimpleCookie(line).items():
                if cookie["max-age"] == "0" or not cookie.value:
                    self._cookies.pop(name, None)
                else:
                    self._cookies[name] = cookie.value


class Flow:
    """Authorization code flow with PKCE, as any OpenID client would do it; nothing of the platform is used."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self.issuer = issuer
        self.endpoints = f"{issuer}/protocol/openid-connect"
        self.client = (client_id, client_secret)
        self.redirect_uri = redirect_uri
        self.nonce = secrets.token_urlsafe(16)
        self.verifier = secrets.token_urlsafe(48)

    def url(self, scope: str = "openid profile email", **more: str) -> str:
        """Where the person is sent to."""
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        )
        query = {
            "client_id": self.client[0],
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": scope,
            "state": secrets.token_urlsafe(16),
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return f"{self.endpoints}/auth?{urlencode({name: value for name, value in query.items() if value})}"

    def redeem(self, code: str) -> httpx.Response:
        """The answer of the token endpoint."""
        return self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.redirect_uri,
            code_verifier=self.verifier,
        )

    def token(self, **form: str) -> httpx.Response:
        """Ask the token endpoint for anything."""
        return httpx.post(f"{self.endpoints}/token", data=form, auth=self.client, timeout=30, trust_env=False)


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says; its signature is not looked at."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
