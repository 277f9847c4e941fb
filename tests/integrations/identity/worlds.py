"""One identity provider, three times: the fake, the sandbox's, a real Keycloak; and the people who use it.

A world is also the platform's address, so that it gets what a provider posts to its back channel.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pyotp

from app.integrations.identity.fake import FakeIdentity, FakePerson
from app.integrations.identity.interface import IdentityProvider
from app.integrations.identity.keycloak import KeycloakIdentity
from tests.deploy.visit import Visit
from tests.keycloak import Keycloak, Person
from tests.neighbours import Program

REALMS = ("public", "registry")


@dataclass
class Who:
    """Somebody who can sign in at a world. `own` is the world's own way to know them."""

    realm: str
    subject: str
    email: str
    own: Any = field(repr=False)


class World(Protocol):
    """An identity provider and its other side."""

    url: str  # the platform's address, as the provider knows it

    def provider(self, realm: str) -> IdentityProvider: ...

    def person(
        self,
        realm: str,
        *,
        roles: tuple[str, ...] = (),
        accounts: tuple[str, ...] = (),
        second_factor: bool = False,
    ) -> Who:
        """Somebody new, with a verified address."""
        ...

    def approve(self, address: str, who: Who) -> dict[str, str]:
        """The person signs in where `begin` sent them. The query with which they come back."""
        ...

    def change(self, who: Who, roles: tuple[str, ...], accounts: tuple[str, ...]) -> None:
        """From now on they have these."""
        ...

    def sign_out(self, who: Who) -> str:
        """End all their sessions at the provider. The logout token that it tells us with."""
        ...


class Postbox:
    """The platform's back channel: keeps what is posted to it."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        postbox = self

        class Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                postbox.tokens += parse_qs(body).get("logout_token", [])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def next_after(self, act: Callable[[], object]) -> str:
        """The first token that comes because of what is done."""
        before = len(self.tokens)
        act()
        give_up = time.monotonic() + 30
        while len(self.tokens) == before:
            assert time.monotonic() < give_up, "nobody was told of the sign-out"
            time.sleep(0.02)
        return self.tokens[before]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class FakeWorld:
    url = "http://127.0.0.1:8000"

    def __init__(self) -> None:
        self._providers = {
            realm: FakeIdentity(f"https://login.example.org/realms/{realm}") for realm in REALMS
        }

    def provider(self, realm: str) -> FakeIdentity:
        return self._providers[realm]

    def person(self, realm: str, *, roles=(), accounts=(), second_factor=False) -> Who:
        email = f"{uuid4().hex[:8]}@person.example"
        own = FakePerson(email, "Test Person", roles=frozenset(roles), accounts=accounts)
        return Who(realm, own.subject, email, (own, second_factor))

    def approve(self, address: str, who: Who) -> dict[str, str]:
        own, second_factor = who.own
        back = self.provider(who.realm).approve(
            address, own, datetime.now(UTC), acr="2" if second_factor else "1"
        )
        return query_of(back)

    def change(self, who: Who, roles, accounts) -> None:
        who.own[0].roles, who.own[0].accounts = frozenset(roles), accounts

    def sign_out(self, who: Who) -> str:
        return self.provider(who.realm).sign_out_there(who.own[0])


class _Connected:
    """What the two worlds with real connections share."""

    def __init__(self, settings: dict[str, str], postbox: Postbox) -> None:
        self.url = postbox.url
        self._postbox = postbox
        self._settings = settings
        self._providers = {realm: self.client(realm) for realm in REALMS}

    def client(self, realm: str, **changes: str) -> KeycloakIdentity:
        """A client of its own, with other settings where `changes` says so."""
        names = {"realm_url": "url", "client_id": "client_id", "client_secret": "client_secret"}
        values = {name: self._settings[f"{realm}_realm_{key}"] for name, key in names.items()}
        return KeycloakIdentity(**(values | changes))

    def provider(self, realm: str) -> KeycloakIdentity:
        return self._providers[realm]

    def close(self) -> None:
        for provider in self._providers.values():
            provider.close()

    def redirect_uri(self, realm: str) -> str:
        return f"{self.url}/sign-in/{realm}/back"


class SandboxWorld(_Connected):
    """The client against the sandbox's identity provider."""

    def __init__(self, program: Program, postbox: Postbox) -> None:
        self._control = httpx.Client(base_url=program.url, timeout=60, trust_env=False)
        client = {"client_id": f"vcp-{uuid4().hex[:8]}", "client_secret": "secret-of-this-world"}
        self._order("POST", "/sandbox/clients", client | {"platform_url": postbox.url})
        settings = {
            f"{realm}_realm_{name.removeprefix('realm_')}": value
            for realm in REALMS
            for name, value in (client | {"url": program.names[f"{realm}_realm"]}).items()
        }
        super().__init__(settings, postbox)

    def close(self) -> None:
        self._order("DELETE", "/sandbox/faults")
        self._control.close()
        super().close()

    def forge(self, signature: str = "own", **claims: Any) -> None:
        """The next ID token is signed anew, with these claims in place of its own."""
        fault = {"operation": "token", "kind": "forge", "signature": signature, "claims": claims}
        self._order("POST", "/sandbox/faults", fault)

    def fault(self, operation: str, kind: str) -> None:
        """The next call of this operation goes wrong."""
        self._order("POST", "/sandbox/faults", {"operation": operation, "kind": kind})

    def mint(self, realm: str, signature: str = "own", **claims: Any) -> str:
        """Any token at all, signed with the realm's key."""
        body = {"realm": realm, "signature": signature, "typ": "logout+jwt", "claims": claims}
        return str(self._order("POST", "/sandbox/tokens", body)["access_token"])

    def person(self, realm: str, *, roles=(), accounts=(), second_factor=False) -> Who:
        email = f"{uuid4().hex[:8]}@person.example"
        secret = pyotp.random_base32() if second_factor else None
        person = {"realm": realm, "email": email, "given_name": "Test", "family_name": "Person"}
        person |= {"roles": list(roles), "accounts": list(accounts), "totp_secret": secret}
        made = self._order("POST", "/sandbox/people", person)
        return Who(realm, made["id"], email, secret)

    def approve(self, address: str, who: Who) -> dict[str, str]:
        fields = {"username": who.email, "password": "demonstration"}
        if who.own:
            fields["otp"] = pyotp.TOTP(who.own).now()
        page = address.replace("/protocol/openid-connect/auth?", "/login-actions/authenticate?")
        answer = httpx.post(page, data=fields, timeout=60, trust_env=False)
        assert answer.status_code == 302, answer.text
        return query_of(answer.headers["Location"])

    def change(self, who: Who, roles, accounts) -> None:
        changed = {"roles": list(roles), "accounts": list(accounts)}
        self._order("PATCH", f"/sandbox/people/{who.realm}/{who.subject}", changed)

    def sign_out(self, who: Who) -> str:
        path = f"/sandbox/sessions?realm={who.realm}&person={who.subject}"
        return self._postbox.next_after(lambda: self._order("DELETE", path))

    def _order(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._control.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


class KeycloakWorld(_Connected):
    """The client against the real Keycloak."""

    def __init__(self, keycloak: Keycloak, postbox: Postbox) -> None:
        self._keycloak = keycloak
        super().__init__(keycloak.allow(postbox.url), postbox)

    def person(self, realm: str, *, roles=(), accounts=(), second_factor=False) -> Who:
        own = self._keycloak.add_person(
            realm, roles=roles, accounts=accounts, code_generator_set_up=second_factor
        )
        return Who(realm, own.subject, own.email, own)

    def approve(self, address: str, who: Who) -> dict[str, str]:
        own: Person = who.own
        with Visit(self.redirect_uri(who.realm)) as visit:
            visit.open(address).submit(username=own.email, password=own.password)
            if "otp" in visit.asked:
                visit.submit(otp=own.code())
            assert visit.back is not None, visit.text
            return visit.back

    def change(self, who: Who, roles, accounts) -> None:
        admin = self._keycloak.admin(who.realm)
        for role in admin.get_realm_roles_of_user(who.subject):
            if not role["name"].startswith("default-roles"):
                admin.delete_realm_roles_of_user(who.subject, [role])
        if roles:
            admin.assign_realm_roles(who.subject, [admin.get_realm_role(role) for role in roles])
        user = admin.get_user(who.subject)
        user["attributes"] = {**user.get("attributes", {}), "accounts": list(accounts)}
        admin.update_user(who.subject, user)

    def sign_out(self, who: Who) -> str:
        return self._postbox.next_after(lambda: self._keycloak.sign_out(who.own))


def query_of(address: str) -> dict[str, str]:
    """The values in an address's query."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
