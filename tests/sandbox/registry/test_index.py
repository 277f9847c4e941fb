"""The page for people."""

import html5lib
import httpx

from tests.sandbox.registry.conftest import cancel, request_for


def test_the_page_shows_the_books_in_strict_html(service, registry, mandate):
    done = cancel(service, request_for(mandate, "<b>shown</b>", 12)).json()
    page = httpx.get(registry.url)
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page.text)
    assert tree.get("lang") == "en"
    assert tree.findtext(".//title") == tree.findtext(".//h1") == "Sandbox registry"
    cells = [cell.text for cell in tree.iter("td")]
    assert {done["cancellation_id"], "<b>shown</b>", done["serial_ranges"][0]["printed"]} <= set(cells)
    assert mandate["mandate_id"] in cells
