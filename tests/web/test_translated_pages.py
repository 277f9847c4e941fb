"""Every page in every language says everything in it: nothing falls back to English."""

import io
import re
from functools import cache

import pytest
from babel.messages.mofile import write_mo
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.domain.mails.models import Mail
from app.domain.offers.models import Offer
from app.jobs.mails import mail_writer
from app.settings import Settings
from scripts import strings
from tests.factories import make_activity, make_offer, make_provider
from tests.journey import Journey
from tests.web.catalogues import PLACEHOLDER, catalogue, pairs
from tests.web.conftest import Fakes
from tests.web.pages import Client, Page
from tests.web.public.steps import CONSENTS, fill_in, put

LONG_ENOUGH = 25  # letters that are not by chance on a page in another language


@cache
def english(language: str) -> list[tuple[str, list[str], re.Pattern[str]]]:
    """The texts that must not be on a page in this language: those that are long and that it says otherwise."""
    found = []
    for source, text in pairs(language):
        pieces = PLACEHOLDER.split(source)[::2]
        if source != text and sum(map(len, pieces)) > LONG_ENOUGH:
            found.append((source, pieces, re.compile(".{0,200}?".join(map(re.escape, pieces)))))
    return found


def left_in_english(text: str, language: str) -> list[str]:
    """There are many texts: looking for their pieces is quick, and what lies between them asked only where all are."""
    text = " ".join(text.split())
    return [
        source
        for source, pieces, pattern in english(language)
        if all(piece in text for piece in pieces) and pattern.search(text)
    ]


def read(page: Page, language: str) -> Page:
    """Assert that everything on the page is in the language: words, labels, and what only a machine reads."""
    hidden = [
        str(tag[name])
        for name in ("aria-label", "placeholder", "content", "title", "alt", "data-copied")
        for tag in page.all(f"[{name}]")
    ]
    assert left_in_english("\n".join([page.title, page.text, *hidden]), language) == []
    assert str(page.one("html")["lang"]) == language
    assert page.title.endswith({"fr": "Annulation volontaire", "es": "Cancelación voluntaria"}[language])
    return page


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """The pages show what is compiled: it must be what is in the catalogues."""
    for language in strings.translated():
        path = strings.FOLDER / language / "LC_MESSAGES" / "messages.mo"
        fresh = io.BytesIO()
        write_mo(fresh, catalogue(language))
        if not path.exists() or path.read_bytes() != fresh.getvalue():
            pytest.fail(f"{path.relative_to(strings.ROOT)} is not what is in the catalogue: run `make setup`")


@pytest.fixture(params=strings.translated())
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


@pytest.fixture
def shelf(session: Session) -> list[Offer]:
    """Offers of three projects and two sellers, of both classes, in two currencies, and a project without any."""
    first, second = make_provider(session, "Sample Seller Ltd"), make_provider(session, "Sample Seller GmbH")
    wind = make_activity(session, technology="wind", host_party="BR", sdgs=tuple(range(1, 18)))
    gas = make_activity(session, technology="industrial-gas", sectoral_scopes=(11, 10))
    make_activity(session, "A6.4-MW-000777", status="deregistered")
    offers = [
        make_offer(session, provider=first, activity=wind, min_quantity=10, max_quantity=90),
        make_offer(session, provider=first, activity=wind, unit_class="MCER", uses=(), price="7.00"),
        make_offer(session, provider=second, activity=gas, currency="EUR", vintage=2024),
        make_offer(session, provider=second, activity=gas, currency="EUR", quantity=1),
    ]
    session.commit()
    return offers


def test_finding_a_project(client: Client, shelf: list[Offer], language: str):
    read(client.get(f"/{language}/projects"), language)
    query = "q=sample&sort=price&sdg=13&sdg=7&scope=11&scope=1&min_price=1&max_price=90"
    read(client.get(f"/{language}/projects?{query}"), language)
    read(client.get(f"/{language}/projects?country=DE&min_price=9&max_price=1"), language)
    read(client.get(f"/{language}/projects?min_price=cheap"), language)
    for offer in shelf:
        read(client.get(f"/{language}/projects/{offer.mandate.block.activity_ref}"), language)
    read(client.get(f"/{language}/projects/A6.4-MW-000777"), language)


def test_the_basket(client: Client, shelf: list[Offer], session: Session, language: str):
    read(client.get(f"/{language}/basket"), language)
    for typed in ("", "1.5", "9999999999", "5", "95"):
        read(put(client, shelf[0], typed, language), language)
    for offer in shelf[:3]:
        page = read(put(client, offer, "25", language), language)
    form = page.forms(f"/{language}/basket", offer=str(shelf[0].id))[0]
    read(form.submit(quantity="1000", status=422), language)
    page = client.get(f"/{language}/basket")
    read(page.form(f"/{language}/basket", offer=str(shelf[1].id), quantity="0").submit(), language)
    shelf[2].quantity = 7
    session.commit()
    read(client.get(f"/{language}/basket"), language)


def test_the_checkout(client: Client, shelf: list[Offer], language: str):
    put(client, shelf[0], "25", language)
    read(client.get(f"/{language}/checkout"), language)
    mistakes = {
        "beneficiary_name": "n" * 300,
        "reason": "We are climate neutral",
        "email": "nobody",
        "beneficiary_country": "",
        "purpose": "",
    }
    read(fill_in(client, language, 422, **mistakes), language)
    read(fill_in(client, language, 422, beneficiary_name="", reason="r" * 300, email=""), language)
    read(fill_in(client, language, 422, email="buyer@gmial.com"), language)
    page = read(fill_in(client, language, certificate_language=language), language)
    read(page.form(f"/{language}/checkout/confirm").submit(status=422), language)
    put(client, shelf[2], "25", language)
    page = read(client.get(f"/{language}/checkout/confirm"), language)
    orders = page.form(f"/{language}/checkout/confirm").submit(**CONSENTS)
    read(orders, language)
    for link in orders.all("main a.order-number"):
        read(client.get(str(link["href"])), language)


def test_orders_in_their_states(client: Client, journey: Journey, language: str):
    waiting, paid, done = (journey.place(20, 5, certificate_language=language) for _ in range(3))
    page = read(client.get(f"/{language}/orders/{waiting.token}"), language)
    read(client.get(f"/{language}/orders/{waiting.token}/pay"), language)
    read(page.form(f"/{language}/orders/{waiting.token}/withdraw").submit(), language)
    journey.pay(paid)
    read(client.get(f"/{language}/orders/{paid.token}"), language)
    certificate = journey.complete(done)
    read(client.get(f"/{language}/orders/{done.token}"), language)
    read(client.get(f"/{language}/certificates/{certificate.code}"), language)


def test_the_ways_back(client: Client, language: str):
    page = read(client.get(f"/{language}/find-order"), language)
    read(page.form(f"/{language}/find-order").submit(email="nobody", status=422), language)
    read(page.form(f"/{language}/find-order").submit(email="buyer@example.org"), language)
    read(client.get(f"/{language}/certificates"), language)
    read(client.get(f"/{language}/certificates/AAAA-BBBB", status=404), language)
    read(client.get(f"/{language}/orders/nonsense", status=404), language)
    read(client.get(f"/{language}/nothing", status=404), language)
    read(client.post(f"/{language}/basket", status=400), language)


def test_mails(app: Flask, settings: Settings, journey: Journey, language: str):
    journey.complete(journey.place(20, 5, language=language))
    for kind in ("order_placed", "certificate"):
        [mail] = journey.mails(kind)
        with journey.sessions() as session:
            written = mail_writer(app, settings)(session, session.get_one(Mail, mail.id))
        assert left_in_english(f"{written.subject}\n{written.text}", language) == []


def test_english_is_found_where_it_is(client: Client, shelf: list[Offer]):
    """The search is no use if it does not find English on English pages."""
    page = client.get(f"/en/projects/{shelf[0].mandate.block.activity_ref}")
    found = left_in_english(page.text, "es")
    assert "Cancelled through this platform" not in found
    assert [text for text in found if text.startswith("One unit is one tonne")]
    assert [text for text in found if text.startswith("%(country)s, the host Party")], "with a value put in"
