"""One platform and one browser for each test worker, and people who come to it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import URL

from tests.databases import address_of, copy_database
from tests.stories.browsing import Watch, open_browser
from tests.stories.navigators import PATIENCE, Buyer
from tests.stories.platform import Platform, raise_platform
from tests.stories.sites import SandboxSite, Site, site_at_keycloak

Arrive = Callable[..., Buyer]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def platform(
    postgres: URL, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    with (
        copy_database(postgres, template_database) as name,
        raise_platform(tmp_path_factory.mktemp("stories"), address_of(postgres.set(database=name))) as raised,
    ):
        yield raised


# Not for the whole session: while Playwright runs, nobody else in this thread could run an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with open_browser() as opened:
        yield opened


@pytest.fixture
def arrive(platform: Platform, browser: Browser) -> Iterator[Arrive]:
    """Somebody new comes: `arrive("fr", width=390, script=False)`. In the end nothing bad was seen by anybody."""
    watch = Watch(platform.url, platform.town.paypal.url)
    contexts = []

    def somebody(language: str = "en", *, width: int = 1280, script: bool = True, **options: Any) -> Buyer:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, locale=language, **options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch.over(context)
        email = f"buyer-{uuid4().hex[:12]}@example.com"
        return Buyer(context.new_page(), platform, watch, language=language, script=script, email=email)

    yield somebody
    for context in contexts:
        context.close()
    assert watch.complaints == []


@pytest.fixture(scope="session")
def at_keycloak(
    request: pytest.FixtureRequest, platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The platform at the real Keycloak."""
    folder = tmp_path_factory.mktemp("at-keycloak")
    with site_at_keycloak(platform, request.getfixturevalue("keycloak"), folder) as site:
        yield site


@pytest.fixture(params=["sandbox", "keycloak"])
def site(request: pytest.FixtureRequest, platform: Platform) -> Site:
    return SandboxSite(platform) if request.param == "sandbox" else request.getfixturevalue("at_keycloak")


@pytest.fixture
def window(site: Site, browser: Browser) -> Iterator[Open]:
    """A browser of somebody's own; nothing bad happens in it."""
    watch = Watch(site.url, site.identity)
    contexts = []

    def opened(
        *, width: int = 1280, script: bool = True, expects: Iterable[int] = (), also: str = "", **options: Any
    ) -> Page:
        watch.answers_expected |= set(expects)
        watch.also = also or watch.also
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, locale="en", **options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch.over(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert watch.complaints == []
