"""The platform with an identity provider beside it: the sandbox's or a real Keycloak; and who signs in there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol
from uuid import uuid4

import httpx
import pyotp
from playwright.sync_api import Locator, Page, expect

from tests.keycloak import Keycloak
from tests.keycloak import Person as KeycloakPerson
from tests.neighbours import free_port, start_program, start_registry
from tests.stories.platform import Platform

NAME = "Test Person"  # of everybody who is made for a story
PROVIDER = {"roles": ("provider",), "accounts": ("MW-ACC-100017",)}
ADMINISTRATOR = {"roles": ("registry-administrator",)}


@dataclass
class Person:
    """Somebody with a password; `own` is how the provider's helpers know them."""

    realm: str
    subject: str
    email: str
    password: str
    types_codes: bool
    own: Any = field(repr=False)


class Site(Protocol):
    """Where a story takes place."""

    url: str  # of the platform
    identity: str  # of the identity provider

    def person(
        self, realm: str, *, roles: tuple[str, ...] = (), accounts: tuple[str, ...] = (), codes: bool = False
    ) -> Person:
        """Somebody new; an administrator has a code generator, and so has whoever is to have one (`codes`)."""
        ...

    def code(self, person: Person) -> str:
        """What the person's code generator shows, and has not shown before."""
        ...

    def end_sessions(self, person: Person) -> None:
        """At the identity provider: the person, or somebody there, signs them out."""
        ...


@dataclass
class SandboxSite:
    platform: Platform

    @property
    def url(self) -> str:
        return self.platform.url

    @property
    def identity(self) -> str:
        return self.platform.town.identity.url

    def person(
        self, realm: str, *, roles: tuple[str, ...] = (), accounts: tuple[str, ...] = (), codes: bool = False
    ) -> Person:
        secret = pyotp.random_base32() if codes or "registry-administrator" in roles else None
        wanted = {"realm": realm, "email": f"{uuid4().hex[:10]}@person.example", "totp_secret": secret}
        first, last = NAME.split()
        wanted |= {"given_name": first, "family_name": last, "roles": list(roles), "accounts": list(accounts)}
        made = httpx.post(f"{self.identity}/sandbox/people", json=wanted).raise_for_status().json()
        return Person(realm, made["id"], made["email"], "demonstration", secret is not None, secret)

    def code(self, person: Person) -> str:
        return pyotp.TOTP(person.own).now()

    def end_sessions(self, person: Person) -> None:
        path = f"/sandbox/sessions?realm={person.realm}&person={person.subject}"
        httpx.delete(f"{self.identity}{path}").raise_for_status()


@dataclass
class KeycloakSite:
    url: str
    keycloak: Keycloak

    @property
    def identity(self) -> str:
        return self.keycloak.base_url

    def person(
        self, realm: str, *, roles: tuple[str, ...] = (), accounts: tuple[str, ...] = (), codes: bool = False
    ) -> Person:
        own = self.keycloak.add_person(
            realm,
            roles=roles,
            accounts=accounts,
            code_generator_set_up=codes or "registry-administrator" in roles,
        )
        return Person(realm, own.subject, own.email, own.password, own.totp_secret is not None, own)

    def code(self, person: Person) -> str:
        own: KeycloakPerson = person.own
        return own.code()

    def end_sessions(self, person: Person) -> None:
        self.keycloak.sign_out(person.own)


@contextmanager
def site_at_keycloak(platform: Platform, keycloak: Keycloak, folder: Path) -> Iterator[KeycloakSite]:
    """A second web process on the same database, at which people sign in at the real Keycloak.

    Beside a registry of its own, which takes Keycloak's tokens and began with the same books as the other.
    """
    url = f"http://127.0.0.1:{free_port()}"
    settings = {name.upper(): value for name, value in keycloak.allow(url).items()}
    issuer = SimpleNamespace(names={"issuer": keycloak.issuer("registry")})
    with start_registry(folder / "registry", issuer) as registry:
        own = {"PUBLIC_URL": url, "VAR_DIR": str(folder / "var"), "REGISTRY_URL": registry.url}
        command = ["web", "--port", url.rpartition(":")[2]]
        environment = platform.environment | settings | own
        with start_program("app.cli", command, f"{url}/readyz", folder / "web.log", environment):
            yield KeycloakSite(url, keycloak)


def signs_in(page: Page, site: Site, person: Person) -> None:
    """On the identity provider's pages, which look alike at both. Ends on a page of the platform."""
    expect(page.locator("#kc-login")).to_be_visible()
    assert page.url.startswith(f"{site.identity}/realms/{person.realm}/"), page.url
    # Whoever proves it once more is not asked who they are.
    if page.locator("#username").is_visible() and page.locator("#username").is_editable():
        page.fill("#username", person.email)
    page.fill("#password", person.password)
    page.click("#kc-login")
    if person.types_codes:
        expect(page.locator("#otp")).to_be_visible()
        page.fill("#otp", site.code(person))
        page.click("#kc-login")
    page.wait_for_url(f"{site.url}/**")


def header(page: Page) -> Locator:
    """The part of the header that is shown at this width, its menu opened."""
    if page.locator(".small-nav").is_visible():
        menu = page.locator(".small-nav details")
        if menu.get_attribute("open") is None:
            menu.locator("summary").click()
        return menu
    return page.locator(".nav")


def names(page: Page) -> list[str]:
    """Who is signed in, as the header says."""
    return header(page).locator(".who bdi").all_inner_texts()
