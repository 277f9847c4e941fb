"""The browser: where it is, what is noted of every page it visits, and what a first view weighs."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# What the answers were is looked at by themselves; and htmx calls it an error when a newer request takes the
# place of one under way, as it should while somebody types.
NO_TROUBLE = ("Failed to load resource", "htmx:afterRequest,", "htmx:sendAbort,")
GUIDELINES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The system's Chromium without a window; skips the test where there is none."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        missing(f"no browser on PATH ({', '.join(NAMES)}); `make test` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def missing(what: str) -> None:
    """Skip, or fail where nothing may be left out."""
    if os.environ.get("VCP_REQUIRE_REAL") == "1":
        pytest.fail(what)
    pytest.skip(what)


@dataclass
class Watch:
    """Notes everything that must not happen while somebody reads the platform's pages."""

    platform: str
    gateway: str
    also: str = ""  # another place to go to, where that is the story
    answers_expected: set[int] = field(default_factory=set)  # 404 and the like, where that is the story
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Begin."""
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"script error: {error.error}"))

    def _request(self, request: Request) -> None:
        host = _origin(request.url)
        if host == self.platform or request.url.startswith("data:"):
            return
        # The gateway is a place to go to; its page may then load what is its own.
        if host in {self.gateway, self.also} and (
            request.is_navigation_request() or _origin(request.frame.url) == host
        ):
            return
        self._note(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.answers_expected:
            self._note(f"answer {response.status}: {response.request.method} {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(NO_TROUBLE):
            self._note(f"console: {message.text} ({message.location['url']})")

    def _note(self, complaint: str) -> None:
        self.complaints.append(complaint)


@dataclass
class FirstView:
    """What one page cost a browser that has nothing in its cache. Bytes as transferred, headers included."""

    requests: list[str] = field(default_factory=list)
    transferred: int = 0


def first_view(page: Page, url: str) -> FirstView:
    """Open an address in a fresh context and count."""
    view = FirstView()
    protocol = page.context.new_cdp_session(page)
    protocol.on("Network.requestWillBeSent", lambda event: _sent(view, event))
    protocol.on("Network.loadingFinished", lambda event: _finished(view, event["encodedDataLength"]))
    protocol.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    protocol.detach()
    return view


def _sent(view: FirstView, event: dict[str, Any]) -> None:
    if event["request"]["url"].startswith("data:"):
        return
    view.requests.append(event["request"]["url"])
    _finished(view, event.get("redirectResponse", {}).get("encodedDataLength", 0))


def _finished(view: FirstView, transferred: float) -> None:
    view.transferred += int(transferred)


def barriers(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, a line each: rule, element, what is wrong."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    # Half-way between two colours nothing has the contrast that it will have.
    page.evaluate(
        "for (const change of document.getAnimations())"
        " if (change.effect.getComputedTiming().endTime < Infinity) change.finish()"
    )
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        GUIDELINES,
    )
    assert found["passes"], "axe looked at nothing"
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@cache
def _axe() -> str:
    if not AXE.is_file():
        missing("axe-core is not installed; `make setup-dev` does it")
    return AXE.read_text(encoding="utf-8")


def too_wide(page: Page) -> list[str]:
    """The elements that stick out, where the page would have to be scrolled sideways; none is right."""
    return list(
        page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= width) return [];
                return [...document.body.querySelectorAll("*")]
                    .filter((element) => !element.childElementCount && element.getBoundingClientRect().right > width)
                    .map((element) => `${element.tagName} ${element.className} ${element.textContent.trim()}`.slice(0, 120))
                    .concat(`the page is ${document.documentElement.scrollWidth} wide`);
            }"""
        )
    )


def sound(page: Page) -> None:
    """Nobody is kept out of the page, and it fits."""
    assert barriers(page) == []
    assert too_wide(page) == []


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
