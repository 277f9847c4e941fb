"""A guest who buys: over HTTP alone, form by form, with the fields that the pages' own forms hold."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
from bs4 import BeautifulSoup, Tag

DETAILS = {
    "beneficiary_type": "organisation",
    "disclosure": "public",
    "beneficiary_name": "Sample Buyer GmbH",
    "beneficiary_country": "DE",
    "purpose": "voluntary_contribution",
    "reason": "For the sample conference of 2026",
    "certificate_language": "en",
    "method": "paypal",
}
CONSENTS = {"consent_terms": "yes", "consent_immediate": "yes"}


class Unexpected(Exception):
    """A page was not the one that the guest expected; says which."""


@dataclass(frozen=True)
class AtGateway:
    """The guest sees the gateway's page. `token` opens the order."""

    token: str
    gateway_page: str
    http: httpx.Client

    def approve(self) -> str:
        """Click "Pay". The gateway's answer: the address to come back to. Raises Unexpected."""
        parts = urlsplit(self.gateway_page)
        answer = self.http.post(
            parts._replace(query="").geturl(),
            data={"token": parse_qs(parts.query)["token"][0], "scenario": "approve"},
        )
        if answer.status_code != 303:
            raise Unexpected(f"the approval was answered with {answer.status_code}")
        return str(answer.headers["Location"])

    def come_back(self, address: str) -> None:
        """Follow the gateway's answer to the order's page, as a browser does. Raises Unexpected."""
        answer = self.http.get(address, follow_redirects=True)
        if answer.status_code != 200 or not answer.url.path.endswith(self.token):
            raise Unexpected(f"after the approval {answer.url.path} answered {answer.status_code}")


def new_guest(url: str) -> httpx.Client:
    """A browser without cookies. The caller closes it."""
    return httpx.Client(base_url=url, trust_env=False, timeout=30)


def projects(http: httpx.Client, wanted: int) -> list[str]:
    """Addresses of the first `wanted` projects of the catalogue, again from the first if there are fewer."""
    found: dict[str, None] = {}
    number = 1
    while len(found) < wanted:
        soup = _page(http.get("/en/projects", params={"page": number}))
        links = [str(link["href"]) for link in soup.select("article.project h3 a")]
        if not set(links) - set(found):
            break
        found.update(dict.fromkeys(links))
        number += 1
    return [list(found)[index % len(found)] for index in range(wanted)]


def order(http: httpx.Client, project: str, email: str) -> AtGateway:
    """Order the smallest quantity of a project's first offer, up to the gateway's page. Raises Unexpected."""
    page = _page(http.get(project))
    quantity = page.select_one('form[action$="/basket"] input[name="quantity"]')
    if quantity is None:
        raise Unexpected(f"{project} has nothing on sale")
    _submit(http, page, "/en/basket", {"quantity": str(quantity.get("min") or "1")}, "/en/basket")
    page = _page(http.get("/en/checkout"))
    _submit(http, page, "/en/checkout", {**DETAILS, "email": email}, "/en/checkout/confirm")
    page = _page(http.get("/en/checkout/confirm"))
    onwards = _submit(http, page, "/en/checkout/confirm", CONSENTS, "/pay")
    hop = http.get(onwards)
    gateway_page = hop.headers.get("Refresh", "").partition("url=")[2]
    if not gateway_page:
        raise Unexpected(f"{hop.url.path} leads to no gateway")
    _page(http.get(gateway_page))
    return AtGateway(onwards.split("/")[-2], gateway_page, http)


def _submit(http: httpx.Client, page: BeautifulSoup, action: str, values: dict[str, str], end: str) -> str:
    """Send the page's form and return where it leads, an address that must end with `end`."""
    form = page.select_one(f'form[method="post"][action="{action}"]')
    if form is None:
        raise Unexpected(f"there is no form to {action}")
    answer = http.post(action, data={**_hidden(form), **values})
    onwards = answer.headers.get("Location", "")
    if answer.status_code != 303 or not onwards.endswith(end):
        raise Unexpected(f"{action} answered {answer.status_code} and led to {onwards!r}, not to {end}")
    return onwards


def _hidden(form: Tag) -> dict[str, str]:
    return {str(field["name"]): str(field["value"]) for field in form.select('input[type="hidden"]')}


def _page(answer: httpx.Response) -> BeautifulSoup:
    if answer.status_code != 200:
        raise Unexpected(f"{answer.url.path} answered {answer.status_code}")
    return BeautifulSoup(answer.text, "html.parser")
