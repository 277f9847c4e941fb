"""The catalogue and the project's page, as a visitor sees them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import event

from app.domain.catalogue.models import Block
from app.domain.offers.models import OfferState
from tests.factories import make_activity, make_offer, make_provider
from tests.web.pages import words

HTMX = {"HX-Request": "true"}


@pytest.fixture
def catalogue(session):
    """Thirty stoves in Kenya and one wind farm in Brazil."""
    provider = make_provider(session, "Sample Seller Ltd")
    for number in range(30):
        activity = make_activity(session, f"A6.4-KE-{number:06d}", title=f"Sample stoves {number}")
        make_offer(session, provider=provider, activity=activity, quantity=1000 + number, vintage=2024)
    wind = make_activity(
        session,
        "A6.4-BR-001042",
        title="Sample wind farm, Taíba",
        technology="wind",
        sectoral_scopes=(1,),
        sdgs=(7, 9),
    )
    make_offer(
        session, provider=provider, activity=wind, price="6.10", currency="EUR", quantity=250, vintage=2023
    )
    make_offer(
        session,
        provider=provider,
        activity=wind,
        price="7.00",
        currency="EUR",
        quantity=12345,
        vintage=2025,
        unit_class="MCER",
        uses=(),
        min_quantity=10,
        max_quantity=500,
    )
    session.commit()


def titles(page):
    return [words(link) for link in page.all(".project h3")]


def test_the_catalogue_shows_cards_counts_and_figures(client, catalogue):
    page = client.get("/en/projects")
    assert len(titles(page)) == 24
    assert words(page.one("#count")) == "31 projects, page 1 of 2"
    assert [words(figure) for figure in page.all(".figures dd")] == ["31", "2", "0"]
    assert len(page.all("svg.scene")) == 24


def test_a_card_says_what_is_inside(client, catalogue):
    page = client.get("/en/projects?country=BR")
    card = words(page.one(".project"))
    assert "Sample wind farm, Taíba" in card
    assert "Brazil · Energy industries · vintages 2025, 2023" in card
    assert "from €6.10" in card
    assert "12,595 t available" in card
    assert [words(chip) for chip in page.all(".project .chip")] == [
        "Authorized for other purposes",
        "Mitigation contribution",
    ]
    assert [words(goal) for goal in page.all(".project .sdg")] == ["7", "9"]
    assert page.one(".project h3 a")["href"] == "/en/projects/A6.4-BR-001042"


def test_the_second_page_has_the_rest_and_an_address(client, catalogue):
    first = client.get("/en/projects?sort=title&vintage=2024")
    second = first.follow("Next")
    assert len(titles(second)) == 6
    assert not set(titles(first)) & set(titles(second))
    assert (
        second.one("[aria-current=page].count, .pages [aria-current=page]").get_text(strip=True).endswith("2")
    )
    assert parse_qs(urlsplit(first.link("Next")).query) == {
        "vintage": ["2024"],
        "sort": ["title"],
        "page": ["2"],
    }


def test_filters_are_a_form_that_keeps_what_was_chosen(client, catalogue):
    page = client.get("/en/projects?country=BR&country=KE&technology=wind&q=sample&sort=price&max_price=7")
    assert titles(page) == ["Sample wind farm, Taíba"]
    form = page.form("/en/projects")
    assert form.fields["country"] == ["BR", "KE"]
    assert form.fields["technology"] == ["wind"]
    assert form.fields["max_price"] == ["7"]
    assert page.one("#q")["value"] == "sample"
    assert words(page.one("#sort option[selected]")) == "Price, low to high"
    assert words(page.one("label:has(#country-KE) span")) == "0"


def test_the_form_works_without_a_script(client, catalogue):
    page = client.get("/en/projects").form("/en/projects").submit(vintage=["2023", "2025"])
    assert titles(page) == ["Sample wind farm, Taíba"]


def test_each_filter_in_force_can_be_taken_away(client, catalogue):
    page = client.get(
        "/en/projects?country=BR&country=KE&technology=wind&sdg=7&min_price=6&class=AER&scope=1&q=x"
    )
    chips = {words(chip).removeprefix("Remove filter: "): chip["href"] for chip in page.all(".chosen .chip")}
    assert set(chips) == {
        "“x”",
        "Brazil",
        "Kenya",
        "Wind",
        "Energy industries",
        "Authorized for other purposes",
        "Goal 7",
        "From 6",
    }
    left = parse_qs(urlsplit(chips["Brazil"]).query)
    assert left["country"] == ["KE"]
    assert set(left) == {"country", "technology", "sdg", "min_price", "class", "scope", "q"}


def test_nothing_found_says_so_and_leads_back(client, catalogue):
    page = client.get("/en/projects?q=unicorn")
    assert words(page.one("#count")) == "0 projects"
    assert "No project matches all of this" in page.text
    assert [words(legend) for legend in page.all("legend")] == ["Price per tonne"]
    assert len(titles(page.follow("See all projects"))) == 24


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=-3",
        "page=99999999999999999999",
        "page=²",
        "country=Atlantis&country=%01&country=",
        "technology=%27%3B--",
        "scope=0&scope=99&scope=x",
        "vintage=-1&vintage=99999999999",
        "class=XYZ",
        "sdg=18&sdg=1.5",
        "sort=cheapest",
        "q=%01%F0%9F%8C%B1%ff",
        "min_price=&max_price=",
        "lang_code=xx",
        "&".join(f"country=A{number}" for number in range(500)),
    ],
)
def test_a_query_that_makes_no_sense_is_no_error(client, catalogue, query):
    assert client.get(f"/en/projects?{query}").h1


@pytest.mark.parametrize("price", ["-5", "1e9", "NaN", "Infinity", "cheap", "1.2345", "1 000"])
def test_a_price_that_is_no_number_is_told_and_left_out(client, catalogue, price):
    page = client.get("/en/projects", query_string={"max_price": price, "country": "BR"})
    assert page.error("max_price").startswith("Enter a price as a number")
    assert page.one("#max_price")["value"] == price
    assert len(titles(page)) == 1


def test_a_decimal_comma_is_a_price_too(client, catalogue):
    page = client.get("/fr/projects?max_price=6,10&country=BR")
    assert len(titles(page)) == 1
    assert page.error("max_price") == ""
    assert titles(client.get("/fr/projects?max_price=6,09&country=BR")) == []


def test_a_highest_price_below_the_lowest_is_told(client, catalogue):
    page = client.get("/en/projects?min_price=9&max_price=5")
    assert "below the lowest" in page.error("max_price")
    assert titles(page) == []


def test_orders_by_price_say_that_nothing_is_converted(client, catalogue):
    note = "Prices are not converted"
    assert note in client.get("/en/projects?sort=price").text
    assert note not in client.get("/en/projects?sort=price&country=BR").text  # euros only
    assert note not in client.get("/en/projects").text


def test_htmx_gets_only_what_changes(client, catalogue):
    page = client.get("/en/projects?country=BR&sort=mixed&q=", headers=HTMX)
    assert not page.whole
    assert page.all("h1, header, #filters, #q") == []
    assert titles(page) == ["Sample wind farm, Taíba"]
    assert page.one("#count")["hx-swap-oob"] == "innerHTML"
    assert page.one("#facets")["hx-swap-oob"] == "true"
    assert page.response.headers["HX-Push-Url"] == "/en/projects?country=BR"
    assert "HX-Request" in page.response.vary


def test_the_history_gets_the_whole_page_and_caches_know_the_difference(client, catalogue):
    page = client.get("/en/projects", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert page.whole
    assert "HX-Request" in page.response.vary


def test_a_page_takes_at_most_six_queries(client, catalogue, engine):
    client.get("/en/projects")
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    client.get("/en/projects?country=KE&page=2")
    assert 1 <= len(statements) <= 6


def test_a_first_view_is_light(client, catalogue):
    page = client.get("/en/projects")
    urls = [tag["href"] for tag in page.all("link[rel=stylesheet], link[rel=icon]")]
    urls += [tag["src"] for tag in page.all("script[src], img[src]")]
    sizes = []
    for url in ["/en/projects", *urls]:
        with client.inner.get(url, headers={"Accept-Encoding": "br"}) as response:
            assert (response.status_code, response.headers["Content-Encoding"]) == (200, "br")
            sizes.append(len(response.data))
    assert len(sizes) <= 12
    assert sum(sizes) < 60 * 1024


def test_a_project_shows_its_offers_with_a_form_each(client, catalogue, session):
    page = client.get("/en/projects/A6.4-BR-001042")
    assert page.h1 == "Sample wind farm, Taíba"
    assert len(page.forms("/en/basket")) == 2
    assert "Sample Seller Ltd" in page.text
    assert "At least 10 t" not in page.text
    assert "From 10 t to 500 t an order" in page.text
    assert [words(cell) for cell in page.all("#offers tbody th")] == [
        "2025 " + words(page.all("#issuance-title ~ * tbody th")[0]),
        "2023 " + words(page.all("#issuance-title ~ * tbody th")[1]),
    ]
    fields = [form.tag.select_one("[name=quantity]") for form in page.forms("/en/basket")]
    assert [(field["value"], field["min"], field["max"]) for field in fields] == [
        ("10", "10", "500"),
        ("1", "1", "250"),
    ]


def test_a_project_says_what_its_units_are(client, catalogue):
    text = client.get("/en/projects/A6.4-BR-001042").text
    assert "Brazil, the host Party, has authorized these units" in text
    assert "a contribution to mitigation in Brazil" in text
    kenya = client.get("/en/projects/A6.4-KE-000001").text
    assert "Kenya, the host Party, has authorized these units" in kenya
    assert "contribution to mitigation" not in kenya


def test_its_serial_numbers_are_to_the_letter(client, catalogue, session):
    page = client.get("/en/projects/A6.4-KE-000001")
    printed = session.query(Block).filter_by(activity_ref="A6.4-KE-000001").one().serial_printed
    assert page.one(".serial").get_text() == printed


@pytest.mark.parametrize(
    "fields,status,reason",
    [
        (
            {"state": OfferState.SOLD_OUT, "quantity": 10, "cancelled": 10},
            "registered",
            "cancelled or withdrawn",
        ),
        ({"state": OfferState.WITHDRAWN}, "registered", "may offer units later"),
        ({}, "deregistered", "does not list this project as registered"),
    ],
)
def test_a_project_of_which_nothing_is_sold_says_why(client, session, fields, status, reason):
    activity = make_activity(session, "A6.4-MW-000007", title="Sample stoves", status=status)
    make_offer(session, activity=activity, **fields)
    session.commit()
    page = client.get("/en/projects/A6.4-MW-000007")
    assert page.h1 == "Sample stoves"
    assert "Nothing of this project is on sale now" in page.text
    assert reason in page.text
    assert page.forms("/en/basket") == []


@pytest.mark.parametrize("ref", ["A6.4-XX-000000", "nonsense", "%00"])
def test_a_project_that_is_not_there_is_not_found(client, ref):
    assert client.get(f"/en/projects/{ref}", status=404).h1 == "Page not found"


def test_what_the_registry_says_is_text_never_markup(client, session):
    activity = make_activity(
        session,
        "A6.4-MW-000008",
        title="Stoves <script>alert(1)</script> & “more”",
        summary="<img src=x onerror=alert(1)>",
        participants=("<b>Participant</b>",),
    )
    make_offer(session, activity=activity)
    session.commit()
    for url in ("/en/projects", "/en/projects/A6.4-MW-000008"):
        page = client.get(url)
        assert "Stoves <script>alert(1)</script> & “more”" in page.text
        assert page.all("main script, main img, main b:-soup-contains(Participant)") == []


def test_a_price_filter_is_written_as_the_reader_writes_numbers(client, catalogue):
    page = client.get("/fr/projects?min_price=7.50&max_price=1000")
    chips = {words(chip).removeprefix("Retirer le filtre : ") for chip in page.all(".chosen .chip")}
    assert any(chip.endswith("7,5") for chip in chips), chips
