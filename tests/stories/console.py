"""Somebody at the console: pages that are looked at one by one, and what administrators do, noted with its reason."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.domain.audit.models import AuditEvent
from app.domain.audit.queries import reason_of
from app.domain.audit.record import Event
from app.domain.people.models import Person as KnownPerson
from tests.stories.browsing import barriers, too_wide
from tests.stories.platform import Platform
from tests.stories.sites import Person, Site, signs_in

# Who has something looked at gives no reason.
LOOKING = (Event.TRAIL_VERIFIED.value, Event.RECONCILIATION_ASKED.value)

IDS = re.compile(r"/(?:[0-9a-f]{8}-[0-9a-f-]{27}|VC-\w+-\w+)")


@dataclass
class Desk:
    """A person with a browser of their own at the console, who reads it in English."""

    page: Page
    site: Site
    person: Person
    looked_at: set[str] = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)  # of every act of an administrator

    def opens(self, path: str) -> None:
        """A page by its address behind /console. Whoever has to prove who they are does so."""
        self.page.goto(f"{self.site.url}/en/console{path}")
        self.proves()
        self.looks()

    def follows(self, link: str | Locator) -> None:
        """A link by its words, or one of a row, to a page that is sound."""
        named = (
            self.page.locator("main").get_by_role("link", name=link).first if isinstance(link, str) else link
        )
        with self.page.expect_navigation():
            named.click()
        self.proves()
        self.looks()

    def presses(self, name: str) -> None:
        """A button, which leads to a page that is sound."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()
        self.proves()
        self.looks()

    def looks(self) -> None:
        """The page fits, and keeps nobody out; the second is looked for once at each address."""
        assert too_wide(self.page) == []
        address = IDS.sub("/*", urlsplit(self.page.url).path)
        if address not in self.looked_at:
            assert barriers(self.page) == []
        self.looked_at.add(address)

    def proves(self) -> None:
        """At the identity provider, if the page leads there."""
        if self.page.url.startswith(self.site.identity):
            signs_in(self.page, self.site, self.person)

    def fills(self, **typed: str) -> None:
        """Fields by their names."""
        for name, text in typed.items():
            entry = self.page.locator(f"main [name={name}]")
            if entry.evaluate("entry => entry.tagName") == "SELECT":
                entry.select_option(text)
            else:
                entry.fill(text)

    def does(self, link: str | Locator, reason: str) -> None:
        """As an administrator: a link to the page of an act, the reason, and its one button."""
        self.follows(link)
        act = self.page.url
        self.fills(reason=reason)
        with self.page.expect_navigation():
            self.page.locator("main form button").first.click()
        expect(self.page).not_to_have_url(act)
        self.looks()
        self.reasons.append(reason)


def assert_all_is_in_the_trail(platform: Platform, *desks: Desk) -> list[AuditEvent]:
    """Every act of these administrators, with who did it and why; and nothing that they did without a reason.

    The rows.
    """
    found = []
    with platform.works.sessions() as session:
        for desk in desks:
            rows = session.scalars(
                select(AuditEvent)
                .join(KnownPerson, AuditEvent.actor_person_id == KnownPerson.id)
                .where(AuditEvent.actor == "administrator", KnownPerson.email == desk.person.email)
                .where(AuditEvent.event.not_in(LOOKING))
                .order_by(AuditEvent.id)
            ).all()
            assert rows, f"{desk.person.email} did nothing"
            assert set(desk.reasons) <= {reason_of(row) for row in rows}
            assert all(reason_of(row) for row in rows), [row.event for row in rows]
            found += rows
    return found
