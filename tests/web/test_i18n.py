"""Languages: which one a request is in, and that mails and documents are in their reader's, not the request's."""

import json

import pytest
from flask import Flask
from flask_babel import gettext
from sqlalchemy import Engine

from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, in_language, language_name, locale_tag, request_language
from app.jobs.mails import mail_writer
from app.settings import Settings
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.pages import Client

BASKET = {"en": "Basket", "fr": "Panier", "es": "Cesta"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_of_its_address(alone: Flask, language: str):
    page = Client(alone.test_client()).get(
        f"/{language}/find-order", headers={"Accept-Language": "de, fr;q=0.5"}
    )
    html = page.one("html")
    assert (html["lang"], html["dir"]) == (language, "ltr")
    assert BASKET[language] in page.text


def test_the_direction_is_that_of_the_script(alone: Flask):
    with alone.test_request_context("/en/"), in_language("ar"):
        assert alone.jinja_env.globals["text_direction"]() == "rtl"
    with alone.test_request_context("/en/"), in_language("fr"):
        assert alone.jinja_env.globals["text_direction"]() == "ltr"


@pytest.mark.parametrize("address", ["/de/find-order", "/EN/find-order", "/fr-FR/find-order", "/xx/"])
def test_a_language_that_there_is_not_is_not_found(alone: Flask, address: str):
    Client(alone.test_client()).get(address, status=404)


@pytest.mark.parametrize(
    "address,accepted,language",
    [
        ("/fr/nowhere", "es", "fr"),
        ("/nowhere", "es-MX, en;q=0.5", "es"),
        ("/nowhere", "de", "en"),
        ("/de/projects", "fr-CA", "fr"),
        ("/frank/projects", "es", "es"),
    ],
)
def test_a_page_that_is_not_there_speaks_the_language_of_its_address_or_of_its_reader(
    alone: Flask, address: str, accepted: str, language: str
):
    page = Client(alone.test_client()).get(address, status=404, headers={"Accept-Language": accepted})
    assert page.one("html")["lang"] == language
    assert BASKET[language] in page.text


def test_a_refused_method_speaks_the_language_of_its_address(alone: Flask):
    page = Client(alone.test_client()).open(
        "DELETE", "/fr/find-order", status=405, follow=False, headers={"Accept-Language": "es"}
    )
    assert page.one("html")["lang"] == "fr"


def switch(page) -> dict[str, str]:
    """Language → address, as the language menu has it; both menus are the same."""
    menus = [
        {str(a["hreflang"]): str(a["href"]) for a in page.all(f"{nav} a[hreflang]")}
        for nav in (".nav", ".small-nav")
    ]
    assert menus[0] == menus[1]
    return menus[0]


@pytest.mark.parametrize(
    "rest",
    [
        "/find-order",
        "/certificates?code=&page=2&code=again",
        "/find-order?q=caf%C3%A9+%26+more%3D1",
        # Names that mean something to url_for, or to the route.
        "/find-order?_external=1&_scheme=javascript&_anchor=x&_method=POST&endpoint=x&lang_code=es&code=y",
    ],
)
def test_the_switch_keeps_page_and_query(alone: Flask, rest: str):
    visitor = Client(alone.test_client())
    page = visitor.get(f"/fr{rest}")
    addresses = switch(page)
    assert addresses == {language: f"/{language}{rest}" for language in LANGUAGES}
    current = page.all("nav a[hreflang][aria-current=true]")
    assert {str(a["hreflang"]) for a in current} == {"fr"}
    assert [language_name(code) in page.text for code in LANGUAGES] == [True, True, True]
    for language, address in addresses.items():
        assert visitor.get(address).one("html")["lang"] == language


def test_other_languages_are_told_to_search_engines_at_the_public_address(alone: Flask):
    page = Client(alone.test_client()).get("/es/find-order?x=1", headers={"Host": "elsewhere.example"})
    told = {str(link["hreflang"]): link["href"] for link in page.all("link[rel=alternate]")}
    assert told == {language: f"http://127.0.0.1:8000/{language}/find-order?x=1" for language in LANGUAGES}


def test_the_switch_of_a_refused_form_leads_back_to_the_form(alone: Flask):
    visitor = Client(alone.test_client())
    page = visitor.get("/fr/find-order").form("/fr/find-order").submit(email="nobody", status=422)
    assert switch(page)["es"] == "/es/find-order"


def test_the_switch_leads_to_pages_that_can_be_opened_even_after_a_form_without_one(client: Client):
    page = client.post("/fr/orders/unknown/withdraw", status=400)
    assert switch(page) == {language: f"/{language}/projects" for language in LANGUAGES}
    for address in switch(page).values():
        client.get(address)


def test_a_page_without_a_language_leads_to_the_catalogue_in_each(alone: Flask):
    page = Client(alone.test_client()).get("/nowhere?x=1", status=404)
    assert switch(page) == {language: f"/{language}/projects" for language in LANGUAGES}


def test_outside_a_request_the_language_is_the_default(alone: Flask):
    assert request_language() == DEFAULT_LANGUAGE
    with alone.app_context():
        assert locale_tag() == DEFAULT_LANGUAGE
        with in_language("es"):
            assert locale_tag() == "es"
        assert locale_tag() == DEFAULT_LANGUAGE


def test_a_document_is_in_its_own_language_within_a_request_in_another(alone: Flask):
    with alone.test_request_context("/fr/projects"):
        assert gettext("Basket") == BASKET["fr"]
        with in_language("es"):
            assert gettext("Basket") == BASKET["es"]
        assert gettext("Basket") == BASKET["fr"]


def test_a_mail_is_in_its_readers_language_and_links_to_pages_in_it(
    app: Flask, settings: Settings, engine: Engine, fakes: Fakes
):
    journey = Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)
    order = journey.place(20, language="fr", certificate_language="es")
    [mail] = journey.mails("order_placed")
    with app.test_request_context("/en/projects"), journey.sessions() as session:
        message = mail_writer(app, settings)(session, mail)
    assert message.language == "fr"
    assert message.subject.startswith(f"Votre commande {order.number}")
    assert f"{settings.public_url}/fr/orders/{order.token}" in message.text
    assert '<html lang="fr"' in message.html


def test_a_certificate_is_in_the_language_that_was_chosen_for_it(settings: Settings, engine: Engine):
    journey = Journey(settings, engine)
    certificate = journey.complete(journey.place(20, language="fr", certificate_language="es"))
    assert json.loads(certificate.json_twin)["language"] == "es"
    assert certificate.language == "es"
