"""A browser without a screen for page tests. Every page that it opens is inspected on the way.

    page = client.get("/en/projects/A6.4-MW-001042")
    page = page.form("/en/basket").submit(quantity="25")  # follows the redirect, as a browser does
    assert page.h1 == "Your basket"

A page that breaks a rule of `inspect` fails the test that opened it, whatever the test is about.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib
from bs4 import BeautifulSoup, NavigableString, Tag
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_REDIRECTS = {301, 302, 303, 307, 308}
_VERBS = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete")
_UNTOUCHED = re.compile(r"\bNone\b|\bUndefined\b|%\([a-z_]+\)|\{\{|\{%|<built-in|object at 0x")
_INLINE = {"a", "abbr", "b", "bdi", "code", "em", "i", "small", "span", "strong", "sub", "sup", "time"}
_WITH_WORDS = {"value", "href", "action", "content", "aria-label", "title", "alt"}
_POINTERS = ("aria-describedby", "aria-labelledby", "aria-controls")
_NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}


class Client:
    """Wraps Flask's test client; cookies are kept. `inner` is that client."""

    def __init__(self, inner: FlaskClient) -> None:
        self.inner = inner

    def get(self, url: str, *, status: int = 200, follow: bool = True, **options: Any) -> "Page":
        """Open an address. `status` is that of the page at which redirects end."""
        return self.open("GET", url, status=status, follow=follow, **options)

    def post(
        self, url: str, data: Any = None, *, status: int = 200, follow: bool = True, **options: Any
    ) -> "Page":
        """Send data as it is: without a CSRF token it is refused. Page.form() sends forms."""
        return self.open("POST", url, status=status, follow=follow, data=data, **options)

    def open(self, method: str, url: str, *, status: int, follow: bool, **options: Any) -> "Page":
        response = self.inner.open(url, method=method, **options)
        for _ in range(10):
            if not (follow and response.status_code in _REDIRECTS):
                break
            url = urljoin(response.request.url, response.location)
            if urlsplit(url).netloc != urlsplit(response.request.url).netloc:
                raise AssertionError(f"leads elsewhere: {url}; open it with follow=False")
            response = self.inner.get(url)
        page = Page(self, response)
        assert response.status_code == status, (
            f"{page.url}: {response.status} instead of {status}\n{page.text}"
        )
        if response.mimetype == "text/html" and status not in _REDIRECTS:
            problems = list(inspect(page))
            assert not problems, f"{page.url}:\n" + "\n".join(f"  - {problem}" for problem in problems)
        return page


class Page:
    """What came back. `soup` is the parsed HTML, `response` what Flask answered."""

    def __init__(self, client: Client, response: TestResponse) -> None:
        self.client = client
        self.response = response
        self.status = response.status_code
        self.url = response.request.path
        self.soup = BeautifulSoup(response.text if "text" in response.mimetype else "", "html.parser")

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.response.location or ""

    @property
    def json(self) -> Any:
        return self.response.get_json()

    @property
    def whole(self) -> bool:
        """False for a fragment that htmx asked for."""
        return self.soup.html is not None

    @property
    def text(self) -> str:
        """The words on the page, single-spaced."""
        return words(self.soup.body or self.soup)

    @property
    def h1(self) -> str:
        return words(self.one("h1"))

    @property
    def title(self) -> str:
        return words(self.one("title"))

    def all(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def one(self, selector: str) -> Tag:
        """The only element that the CSS selector finds."""
        found = self.soup.select(selector)
        assert len(found) == 1, f"{self.url}: {len(found)} elements are {selector}"
        return found[0]

    def error(self, name: str) -> str:
        """The message beside a field; "" if there is none."""
        found = self.soup.find(id=f"{name}-error")
        return words(found) if found else ""

    @property
    def errors(self) -> dict[str, str]:
        """The error summary: field → message."""
        return {str(link["href"])[1:]: words(link) for link in self.soup.select(".error-summary a")}

    def link(self, text: str) -> str:
        """The address of the only link with these words in `main`, or else on the page."""
        for place in ("main a", "a"):
            found = {str(a["href"]) for a in self.soup.select(place) if words(a) == text}
            if found:
                assert len(found) == 1, f"{self.url}: several links say {text!r}: {found}"
                return found.pop()
        raise AssertionError(
            f"{self.url}: no link says {text!r}: {[words(a) for a in self.soup.select('a')]}"
        )

    def follow(self, text: str, **options: Any) -> "Page":
        """Click on the link with these words."""
        return self.client.get(urljoin(self.response.request.url, self.link(text)), **options)

    def forms(self, action: str = "", **having: str) -> list["Form"]:
        """Forms in `main` that lead to the path `action` and hold fields with these values."""
        found = [Form(self, tag) for tag in self.soup.select("main form")]
        return [
            form
            for form in found
            if (not action or form.action == action)
            and all(form.fields.get(name) == [value] for name, value in having.items())
        ]

    def form(self, action: str = "", **having: str) -> "Form":
        """The only such form: page.form("/en/basket", offer=str(offer.id))."""
        found = self.forms(action, **having)
        assert len(found) == 1, (
            f"{self.url}: {len(found)} forms lead to {action or 'somewhere'} with {having}"
        )
        return found[0]


@dataclass
class Form:
    """A form as it stands on a page."""

    page: Page
    tag: Tag

    @property
    def action(self) -> str:
        return urlsplit(urljoin(self.page.url, str(self.tag.get("action", "")))).path

    @property
    def fields(self) -> dict[str, list[str]]:
        """Field name → values that would be sent if a person pressed Enter now."""
        sent: dict[str, list[str]] = {}
        for field in self.tag.select("input[name], select[name], textarea[name]"):
            if field.has_attr("disabled"):
                continue
            for value in _values(field):
                sent.setdefault(str(field["name"]), []).append(value)
        return sent

    def options(self, name: str) -> list[str]:
        """The values that a select, radio or checkbox offers."""
        found = [str(tag["value"]) for tag in self.tag.select(f'select[name="{name}"] option')]
        return found or [
            str(tag["value"])
            for tag in self.tag.select(f'input[name="{name}"]')
            if not tag.has_attr("disabled")
        ]

    def submit(
        self,
        *,
        button: str | None = None,
        status: int = 200,
        follow: bool = True,
        without: tuple[str, ...] = (),
        **values: str | list[str],
    ) -> Page:
        """Fill in `values` (a field that is not there fails), leave out `without`, press `button` and look.

        `button` is the words of a button; needed where the button's own name and value matter.
        """
        names = {str(tag["name"]) for tag in self.tag.select("[name]")}
        assert not set(values) - names, f"no such field: {set(values) - names}"
        for name, value in values.items():
            offered = (
                self.options(name)
                if self.tag.select(f'select[name="{name}"], [type=radio][name="{name}"]')
                else []
            )
            assert not offered or value in offered, f"{name} does not offer {value!r}: {offered}"
        sent = {name: value for name, value in (self.fields | values).items() if name not in without}
        if button is not None:
            buttons = self.tag.select("button")
            if self.tag.get("id"):
                buttons += self.page.soup.select(f'button[form="{self.tag["id"]}"]')
            pressed = next(tag for tag in buttons if words(tag) == button)
            if pressed.has_attr("name"):
                sent[str(pressed["name"])] = str(pressed["value"])
        if str(self.tag.get("method", "get")).lower() == "get":
            return self.page.client.open("GET", self.action, status=status, follow=follow, query_string=sent)
        return self.page.client.post(self.action, sent, status=status, follow=follow)


def _values(field: Tag) -> list[str]:
    """What a field sends as it stands."""
    if field.name == "textarea":
        return [field.get_text().removeprefix("\n")]
    if field.name == "select":
        options = field.select("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return [str(option.get("value", words(option))) for option in chosen]
    kind = str(field.get("type", "text"))
    if kind in {"submit", "button", "reset", "image"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [str(field.get("value", "on"))] if field.has_attr("checked") else []
    return [str(field.get("value", ""))]


def words(tag: Tag) -> str:
    """The words in an element, single-spaced; elements that stand on lines of their own are set apart."""
    return " ".join("".join(_pieces(tag)).split())


def _pieces(tag: Tag) -> Iterator[str]:
    for child in tag.children:
        if isinstance(child, Tag):
            if child.name not in {"script", "style", "template"}:
                apart = "" if child.name in _INLINE else " "
                yield apart
                yield from _pieces(child)
                yield apart
        elif type(child) is NavigableString:
            yield str(child)


def inspect(page: Page) -> Iterator[str]:
    """What is wrong with an HTML page, whatever it is about. Fragments are not asked for a page's frame."""
    # Every rule looks at every element: one walk through the page is quicker than a selector for each.
    tags = page.soup.find_all(True)
    ids = Counter(str(tag["id"]) for tag in tags if tag.has_attr("id"))
    if page.whole:
        yield from _frame(page, tags)
        yield from _markup(page)
    yield from _policy(page, tags)
    yield from _fields(page.soup, tags, ids)
    yield from _links(tags, ids, whole=page.whole)
    for name, count in ids.items():
        if count > 1:
            yield f"{count} elements have the id {name}"
    if found := _UNTOUCHED.search(page.text):
        yield f"the text holds {found.group()!r}: …{page.text[max(found.start() - 40, 0) : found.end() + 40]}…"
    for tag in tags:
        for name in _WITH_WORDS & tag.attrs.keys():
            if _UNTOUCHED.search(str(tag[name])):
                yield f"{name} of <{tag.name}> is {tag[name]!r}"


def _named(tags: Iterable[Tag], *names: str) -> list[Tag]:
    return [tag for tag in tags if tag.name in names]


def _frame(page: Page, tags: Sequence[Tag]) -> Iterator[str]:
    soup = page.soup
    headings = [words(tag) for tag in _named(tags, "h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"one h1 with words is needed: {headings}"
    title = words(soup.title) if soup.title else ""
    own, _, site = title.rpartition("·")
    if not own.strip() or not site.strip():
        yield f"the title says no more than {title!r}"
    if soup.html and not re.fullmatch("[a-z]{2}", str(soup.html.get("lang", ""))):
        yield "html has no language"
    if soup.html and soup.html.get("dir") not in {"ltr", "rtl"}:
        yield "html has no direction"
    mains = _named(tags, "main")
    if len(mains) != 1:
        yield "one main is needed"
    levels = [
        int(tag.name[1])
        for main in mains
        for tag in _named(main.find_all(True), "h1", "h2", "h3", "h4", "h5")
    ]
    jumps = [(above, below) for above, below in pairwise(levels) if below > above + 1]
    if jumps:
        yield f"headings jump: {jumps}"


def _markup(page: Page) -> Iterator[str]:
    parser = html5lib.HTMLParser(tree=html5lib.treebuilders.getTreeBuilder("etree"))
    parser.parse(page.response.text)
    for (line, _column), code, data in parser.errors:
        yield f"line {line}: {code} {data}"


def _policy(page: Page, tags: Sequence[Tag]) -> Iterator[str]:
    policy = page.response.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy:
        yield f"the content security policy is weak: {policy!r}"
    for tag in tags:
        data = tag.get("type") in {"application/json", "application/ld+json"}
        if tag.name == "script" and not tag.has_attr("src") and not data:
            yield f"inline script: {words(tag)[:40]}"
        if tag.name == "style" or tag.has_attr("style"):
            yield f"inline style in <{tag.name}>"
        for name in tag.attrs:
            if name.startswith(("on", "hx-on")):
                yield f"event handler {name} in <{tag.name}>"
    for tag in _named(tags, "script", "link", "img", "iframe"):
        if tag.name == "link" and tag.get("rel") != ["stylesheet"]:
            continue
        address = str(tag.get("src") or tag.get("href") or "")
        if urlsplit(address).netloc:
            yield f"<{tag.name}> comes from elsewhere: {address}"


def _fields(soup: BeautifulSoup, tags: Sequence[Tag], ids: Container[str]) -> Iterator[str]:
    for field in _named(tags, "input", "select", "textarea"):
        name = field.get("name") or field.get("id")
        if field.name == "input" and str(field.get("type", "text")) in _NEEDS_NO_LABEL:
            continue
        if not _label(soup, field):
            yield f"field {name} has no label"
    for button in _named(tags, "button"):
        if not words(button) and not button.get("aria-label"):
            yield "a button has no words"
    for form in _named(tags, "form"):
        if str(form.get("method", "get")).lower() == "post":
            hidden = form.find_all("input", attrs={"type": "hidden", "name": "csrf_token"})
            tokens = [str(tag.get("value", "")) for tag in hidden]
            if len(tokens) != 1 or not tokens[0]:
                yield f"the form to {form.get('action')} has no CSRF token"
    for tag in tags if soup.html else ():
        for attribute in _POINTERS:
            for name in str(tag.get(attribute) or "").split():
                if name not in ids:
                    yield f"{attribute} of <{tag.name}> points at #{name}, which is not there"


def _label(soup: BeautifulSoup, field: Tag) -> str:
    if field.get("aria-label"):
        return str(field["aria-label"]).strip()
    if field.get("aria-labelledby"):
        found = (soup.find(id=name) for name in str(field["aria-labelledby"]).split())
        return " ".join(words(tag) for tag in found if tag)
    label = field.find_parent("label")
    if label is None and field.get("id"):
        label = soup.find("label", attrs={"for": field["id"]})
    if label is None:
        return ""
    # The options of a select inside its label do not name it.
    return " ".join(
        str(text) for text in label.find_all(string=True) if not text.find_parent(["select", "textarea"])
    ).strip()


def _links(tags: Sequence[Tag], ids: Container[str], *, whole: bool) -> Iterator[str]:
    for link in _named(tags, "a"):
        href = str(link.get("href", ""))
        name = words(link) or str(link.get("aria-label", ""))
        if not href or href == "#" or href.startswith("javascript:"):
            yield f"the link {name!r} leads nowhere"
        elif not name:
            yield f"the link to {href} has no words"
        elif whole and href.startswith("#") and href[1:] not in ids:
            yield f"the link {name!r} leads to {href}, which is not there"
    for form in _named(tags, "form"):
        if form.get("action") == "":
            yield "a form has an empty action"
    for tag in tags:
        verb = next((verb for verb in _VERBS if tag.has_attr(verb)), None)
        if verb is None:
            continue
        if not tag[verb]:
            yield f"{verb} of <{tag.name}> is empty"
        # What asks by itself while the page is open is no way to anywhere that a reader could take.
        if re.search(r"\b(every|load|revealed)\b", str(tag.get("hx-trigger", ""))):
            continue
        if not (tag.get("href") or tag.get("action") or tag.find_parent("form", action=True)):
            yield f"<{tag.name} {verb}> does nothing without a script"


def inspected(html: str) -> list[str]:
    """Problems of a page given as text, for testing this inspection."""
    app = Flask(__name__)
    response = Response(html, headers={"Content-Security-Policy": "default-src 'none'; script-src 'self'"})
    app.add_url_rule("/page", view_func=lambda: response)
    client = app.test_client()
    return list(inspect(Page(Client(client), client.get("/page"))))
