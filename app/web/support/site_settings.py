"""The settings that every page of the public needs: the notice on top and the featured projects.

They cost no page a query: each process asks for them every few seconds at most. A process in which one is changed asks at once;
the others follow within that time.
"""

import time
from dataclasses import dataclass
from threading import Lock

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.domain.settings.notice import Notice
from app.domain.settings.queries import featured_activities, notice, number
from app.domain.settings.settings import SETTINGS
from app.extensions import database, now
from app.i18n import locale_tag
from app.web.support.setting_words import setting_amount

_FRESH = 5.0  # seconds
_NAME = "vcp_site_settings"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Banner:
    """The notice in the reader's language."""

    kind: str
    text: str


@dataclass
class _Known:
    """What this process has read last, and until when that is believed."""

    notice: Notice | None = None
    featured: tuple[str, ...] = ()
    until: float = 0.0


class SiteSettings:
    """One for each application."""

    def __init__(self) -> None:
        self._known = _Known()
        self._asking = Lock()

    def known(self) -> _Known:
        """What counts, as far as this process knows. While one request asks, the others go on with what was known."""
        if time.monotonic() >= self._known.until and self._asking.acquire(blocking=False):
            try:
                self._known = self._read()
            finally:
                self._asking.release()
        return self._known

    def forget(self) -> None:
        """Ask at the next page."""
        self._known.until = 0.0

    def _read(self) -> _Known:
        until = time.monotonic() + _FRESH
        try:
            with current_app.extensions["vcp_reading"]() as session:
                return _Known(notice(session), featured_activities(session), until)
        except SQLAlchemyError as error:
            # A page that needs no database stands without it, too.
            log.warning("settings not read", error=type(error).__name__)
            return _Known(self._known.notice, self._known.featured, until)


def init_app(app: Flask) -> None:
    """Give templates `site_banner()` and `setting_said(name)`."""
    app.extensions[_NAME] = SiteSettings()
    app.jinja_env.globals.update(site_banner=site_banner, setting_said=setting_said)


def site_banner() -> Banner | None:
    """The notice, if it is its time."""
    found = _site().known().notice
    if found is None or not found.shown_at(now()):
        return None
    return Banner(found.kind, found.texts[locale_tag()])


def setting_said(name: str) -> str:
    """A number that is a setting, with its unit, as it is now."""
    return setting_amount(SETTINGS[name].kind, number(database(), name))


def featured() -> tuple[str, ...]:
    """References of the activities that are shown first."""
    return _site().known().featured


def forget_site_settings() -> None:
    """After one was changed here."""
    _site().forget()


def _site() -> SiteSettings:
    site: SiteSettings = current_app.extensions[_NAME]
    return site
