"""The bare address leads on to the catalogue, in the language that the browser asks for."""

import pytest
from flask import Flask

from tests.web.pages import Client


@pytest.mark.parametrize(
    "accepted,language",
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("fr", "fr"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("es-MX, en;q=0.5", "es"),
        ("en;q=0.5, FR-ca", "fr"),
        ("de, pt-BR;q=0.9", "en"),
        ("de, es;q=0.1", "es"),
        ("fr;q=0, es;q=0.1", "es"),
        ("fr;q=x;;,\u00ff", "en"),
    ],
)
def test_the_bare_address_leads_to_the_catalogue_in_the_browsers_language(
    alone: Flask, accepted: str | None, language: str
):
    headers = {} if accepted is None else {"Accept-Language": accepted}
    page = Client(alone.test_client()).get("/", status=302, follow=False, headers=headers)
    assert page.location == f"/{language}/projects"
    assert "Accept-Language" in page.response.vary, "a cache must not give one reader's language to the next"


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_a_language_alone_leads_to_its_catalogue(alone: Flask, language: str):
    visitor = Client(alone.test_client())
    headers = {"Accept-Language": "de"}
    assert (
        visitor.get(f"/{language}/", status=302, follow=False, headers=headers).location
        == f"/{language}/projects"
    )
    without_slash = visitor.get(f"/{language}", status=308, follow=False)
    assert without_slash.location == f"http://127.0.0.1:8000/{language}/"


def test_the_front_leads_to_a_page_that_opens(client: Client):
    page = client.get("/", headers={"Accept-Language": "fr"})
    assert page.url == "/fr/projects"
