"""The catalogue's search: what is listed, found, counted, sorted and paged."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from app.domain.catalogue.queries import Search, activity_page, search
from app.domain.offers.models import OfferState
from app.domain.people.models import ProviderState
from app.money import Money
from tests.factories import NOW, make_activity, make_mandate, make_offer, make_payee_account, make_provider


def refs(session, **wanted):
    """References found, in the order of the page."""
    return [card.activity_ref for card in search(session, Search(**wanted), NOW).cards]


def test_an_activity_on_sale_is_one_card_with_what_is_inside(session):
    provider = make_provider(session)
    activity = make_activity(
        session,
        "A6.4-MW-001042",
        title="Sample stoves",
        technology="cookstoves",
        sectoral_scopes=(3, 13),
        sdgs=(5, 7),
    )
    common = {"provider": provider, "activity": activity}
    make_offer(session, **common, price="9.50", quantity=40, vintage=2023, held=5)
    make_offer(session, **common, price="8.10", quantity=60, vintage=2024, unit_class="MCER", uses=())
    make_offer(session, **common, price="7.00", currency="EUR", quantity=100, vintage=2024, cancelled=30)
    make_offer(session, **common, price="8.90", quantity=1, vintage=2023)
    (card,) = search(session, Search(), NOW).cards
    assert (card.activity_ref, card.title, card.host_party, card.technology) == (
        "A6.4-MW-001042",
        "Sample stoves",
        "MW",
        "cookstoves",
    )
    assert card.scopes == (3, 13)
    assert card.sdgs == (5, 7)
    assert card.vintages == (2024, 2023)
    assert card.classes == ("AER", "MCER")
    assert card.prices == (Money(700, "EUR"), Money(810, "USD"))
    assert card.offers == 4
    assert card.available == 35 + 60 + 70 + 1


NOT_ON_SALE = {
    "paused": {"state": OfferState.PAUSED},
    "draft": {"state": OfferState.DRAFT},
    "all held": {"quantity": 10, "held": 10},
    "all cancelled": {"quantity": 10, "cancelled": 10},
    "less left than may be ordered": {"quantity": 10, "held": 6, "min_quantity": 5},
    "authorized for NDC use only": {"uses": ("NDC",)},
    "authorized for IMP only": {"uses": ("IMP",)},
}


@pytest.mark.parametrize("fields", NOT_ON_SALE.values(), ids=NOT_ON_SALE)
def test_an_offer_that_cannot_be_bought_is_not_listed(session, fields):
    good = make_offer(session)
    make_offer(session, **fields)
    found = search(session, Search(), NOW)
    assert [card.activity_ref for card in found.cards] == [good.mandate.block.activity_ref]
    assert found.total == 1
    assert sum(found.counts.countries.values()) == 1


def test_what_the_registry_has_stopped_is_not_listed(session):
    provider = make_provider(session)
    mandates = [
        make_mandate(session, provider, block={"status": "frozen"}),
        make_mandate(session, provider, status="revoked"),
        make_mandate(session, provider, expires_at=NOW - timedelta(seconds=1)),
        make_mandate(session, provider, activity=make_activity(session, status="suspended")),
        make_mandate(session, provider, quantity_remaining=0),
    ]
    for mandate in mandates:
        make_offer(session, provider=provider, mandate=mandate)
    assert refs(session) == []


def test_a_suspended_provider_and_one_that_cannot_be_paid_are_not_listed(session):
    make_offer(session, provider=make_provider(session, state=ProviderState.SUSPENDED))
    make_offer(session, provider=make_provider(session, account=False))
    make_offer(session, currency="JPY", price="900")  # its provider takes USD and EUR
    assert refs(session) == []


@pytest.fixture
def three(session):
    """Wind in Brazil (2023, EUR), stoves in Malawi (2024, USD), and solar in Brazil with two kinds of unit."""
    provider = make_provider(session)
    wind = make_activity(
        session,
        "A6.4-BR-000001",
        title="Sample wind farm, Taíba",
        technology="wind",
        sectoral_scopes=(1,),
        sdgs=(7, 13),
        participants=("Sample Eólica Ltda",),
    )
    stoves = make_activity(
        session,
        "A6.4-MW-000002",
        title="Sample stoves",
        technology="cookstoves",
        sectoral_scopes=(3,),
        sdgs=(5, 13),
        participants=("Sample Clean Cooking Ltd",),
    )
    solar = make_activity(
        session,
        "A6.4-BR-000003",
        title="Sample solar park",
        technology="solar",
        sectoral_scopes=(1,),
        sdgs=(7, 9),
        participants=(),
    )
    make_offer(
        session, provider=provider, activity=wind, vintage=2023, price="6.10", currency="EUR", quantity=50
    )
    make_offer(session, provider=provider, activity=stoves, vintage=2024, price="11.20", quantity=500)
    make_offer(session, provider=provider, activity=solar, vintage=2023, price="4.00", quantity=200)
    make_offer(
        session,
        provider=provider,
        activity=solar,
        vintage=2025,
        price="9.00",
        unit_class="MCER",
        uses=(),
        quantity=1,
    )


@pytest.mark.parametrize(
    "wanted,expected",
    [
        ({"countries": ("BR",)}, {"BR-000001", "BR-000003"}),
        ({"countries": ("BR", "MW")}, {"BR-000001", "MW-000002", "BR-000003"}),
        ({"countries": ("ZZ",)}, set()),
        ({"technologies": ("wind", "cookstoves")}, {"BR-000001", "MW-000002"}),
        ({"scopes": (3,)}, {"MW-000002"}),
        ({"vintages": (2023,)}, {"BR-000001", "BR-000003"}),
        ({"classes": ("MCER",)}, {"BR-000003"}),
        ({"sdgs": (5, 9)}, {"MW-000002", "BR-000003"}),
        ({"min_price": Decimal("6.10"), "max_price": Decimal(9)}, {"BR-000001", "BR-000003"}),
        ({"min_price": Decimal("11.21")}, set()),
        ({"max_price": Decimal(0)}, set()),
        # The vintage and the class have to be those of one offer.
        ({"vintages": (2023,), "classes": ("MCER",)}, set()),
        ({"vintages": (2025,), "max_price": Decimal(5)}, set()),
    ],
)
def test_filters(session, three, wanted, expected):
    assert set(refs(session, **wanted)) == {f"A6.4-{ref}" for ref in expected}


@pytest.mark.parametrize(
    "text,expected",
    [
        ("taiba", {"BR-000001"}),
        ("TAÍBA", {"BR-000001"}),
        ("Brésil", {"BR-000001", "BR-000003"}),
        ("Brasil", {"BR-000001", "BR-000003"}),
        ("éolien", {"BR-000001"}),
        ("sample wind", {"BR-000001"}),
        ("stov", {"MW-000002"}),
        ("clean cooking", {"MW-000002"}),
        ("a6.4-mw-000002", {"MW-000002"}),
        ("wind malawi", set()),
        ("s%e", set()),
        ("s_mple", set()),
        ("s\\mple", set()),
        ("' & | ! :* \\ ( )", set()),
    ],
)
def test_free_text(session, three, text, expected):
    assert set(refs(session, text=text)) == {f"A6.4-{ref}" for ref in expected}


def test_a_card_shows_only_the_offers_that_match(session, three):
    (card,) = search(session, Search(technologies=("solar",), vintages=(2023,)), NOW).cards
    assert card.prices == (Money(400, "USD"),)
    assert (card.available, card.vintages, card.classes) == (200, (2023,), ("AER",))


def test_each_facet_is_counted_with_the_others_applied(session, three):
    counts = search(session, Search(countries=("BR",), vintages=(2023,)), NOW).counts
    assert counts.countries == {"BR": 2}  # of vintage 2023, in any country
    assert counts.vintages == {2023: 2, 2025: 1}  # in Brazil, of any vintage
    assert counts.technologies == {"wind": 1, "solar": 1}
    assert counts.scopes == {1: 2}
    assert counts.classes == {"AER": 2}
    assert counts.sdgs == {7: 2, 9: 1, 13: 1}


def test_the_price_is_that_of_the_smallest_order(session):
    make_offer(session, price="11.20", tiers={10: "10.00", 50: "9.00"}, min_quantity=10, quantity=100)
    make_offer(session, price="12.00", tiers={2: "6.00"}, quantity=100)
    found = search(session, Search(sort="price"), NOW)
    assert [card.prices for card in found.cards] == [(Money(1000, "USD"),), (Money(1200, "USD"),)]
    assert len(search(session, Search(max_price=Decimal(10)), NOW).cards) == 1


def test_text_and_price_limit_every_count(session, three):
    counts = search(session, Search(text="sample", max_price=Decimal(5)), NOW).counts
    assert counts.countries == {"BR": 1}
    assert counts.vintages == {2023: 1}


@pytest.mark.parametrize(
    "sort,expected",
    [
        ("newest", ["BR-000003", "MW-000002", "BR-000001"]),
        ("available", ["MW-000002", "BR-000003", "BR-000001"]),
        ("title", ["BR-000003", "MW-000002", "BR-000001"]),
        # Euros before dollars: 6.10 EUR is neither more nor less than 4.00 USD.
        ("price", ["BR-000001", "BR-000003", "MW-000002"]),
        ("price-desc", ["BR-000001", "MW-000002", "BR-000003"]),
    ],
)
def test_sorting(session, three, sort, expected):
    assert refs(session, sort=sort) == [f"A6.4-{ref}" for ref in expected]


def test_the_default_order_changes_every_day_and_not_within_it(session):
    provider = make_provider(session)
    for number in range(12):
        activity = make_activity(session, f"A6.4-KE-{number:06d}")
        make_offer(session, provider=provider, activity=activity, price=f"{number + 1}.00")
    today = refs(session)
    later = search(session, Search(), NOW + timedelta(hours=6)).cards
    tomorrow = search(session, Search(), NOW + timedelta(days=1)).cards
    assert [card.activity_ref for card in later] == today
    assert [card.activity_ref for card in tomorrow] != today
    assert sorted(card.activity_ref for card in tomorrow) == sorted(today)
    assert today != sorted(today)  # here also the order of the prices


def test_prices_are_compared_as_printed_whatever_the_decimals(session):
    provider = make_provider(session, account=False)
    make_payee_account(session, provider, currencies=["JPY", "KWD", "USD"])
    for ref, price, currency in (
        ("JP-0001", "900", "JPY"),
        ("KW-0001", "3.500", "KWD"),
        ("US-0001", "12.00", "USD"),
    ):
        activity = make_activity(session, f"A6.4-{ref}")
        make_offer(session, provider=provider, activity=activity, price=price, currency=currency)
    assert refs(session, min_price=Decimal("3.5"), max_price=Decimal("3.5")) == ["A6.4-KW-0001"]
    assert refs(session, min_price=Decimal(100)) == ["A6.4-JP-0001"]
    assert search(session, Search(), NOW).currencies == ("JPY", "KWD", "USD")


def test_pages_hold_24_and_never_run_past_the_end(session):
    provider = make_provider(session)
    for number in range(50):
        make_offer(session, provider=provider, activity=make_activity(session, f"A6.4-KE-{number:06d}"))
    pages = [search(session, Search(page=page), NOW) for page in (1, 2, 3)]
    assert [len(found.cards) for found in pages] == [24, 24, 2]
    assert len({card.activity_ref for found in pages for card in found.cards}) == 50
    past = search(session, Search(page=999_999), NOW)
    assert (past.total, past.pages, past.page) == (50, 3, 3)
    assert past.cards == pages[2].cards


def test_an_empty_catalogue_is_one_empty_page(session):
    found = search(session, Search(page=7), NOW)
    assert (found.cards, found.total, found.page, found.pages) == ([], 0, 1, 1)


def test_a_page_of_results_takes_one_query(session, three):
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    search(session, Search(text="sample", countries=("BR",), sort="price"), NOW)
    assert len(statements) == 1


def test_figures(session, three):
    make_offer(session, quantity=10, cancelled=10, state=OfferState.SOLD_OUT)
    make_offer(session, quantity=10, cancelled=4, activity=make_activity(session, "A6.4-KE-000009"))
    shown = search(session, Search(text="nothing of the kind"), NOW).figures
    assert (shown.activities, shown.countries, shown.cancelled) == (4, 3, 14)


def test_an_activitys_page_has_its_offers_blocks_and_cancelled_tonnes(session):
    provider = make_provider(session, "Sample Seller Ltd")
    activity = make_activity(session, "A6.4-MW-001042")
    make_offer(session, provider=provider, activity=activity, vintage=2023, quantity=40, held=1, cancelled=7)
    make_offer(session, provider=provider, activity=activity, vintage=2025, quantity=60)
    make_offer(
        session, provider=provider, activity=activity, vintage=2024, state=OfferState.PAUSED, cancelled=2
    )
    make_offer(session, cancelled=50)  # of another activity
    page = activity_page(session, "A6.4-MW-001042", NOW)
    assert page is not None
    assert page.activity is activity
    assert [(line.block.vintage, line.available) for line in page.offers] == [(2025, 60), (2023, 32)]
    assert page.offers[0].provider.legal_name == "Sample Seller Ltd"
    assert [block.vintage for block in page.blocks] == [2025, 2024, 2023]
    assert page.blocks[0].monitoring_start == date(2025, 1, 1)
    assert page.cancelled == 9


def test_an_activity_of_which_nothing_is_on_sale_still_has_its_page(session):
    offer = make_offer(session, quantity=10, cancelled=10, state=OfferState.SOLD_OUT)
    page = activity_page(session, offer.mandate.block.activity_ref, NOW)
    assert page is not None
    assert (page.offers, page.cancelled) == ([], 10)


def test_an_activity_that_the_registry_never_told_us_has_no_page(session):
    assert activity_page(session, "A6.4-XX-000000", NOW) is None
