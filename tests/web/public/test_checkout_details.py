"""The certificate's details: what is asked, what is refused and why, and what is kept."""

import pytest
from sqlalchemy import select

from app.domain.offers.models import OfferState
from app.domain.orders.details import PURPOSES
from app.domain.orders.models import Basket
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from tests.factories import make_offer, make_payee_account, make_provider
from tests.web.public.steps import DETAILS, fill_in, put


@pytest.fixture
def offer(session):
    made = make_offer(session, quantity=100, price="11.20")
    session.commit()
    return made


@pytest.fixture
def visitor(client, offer):
    """Somebody with 25 t in the basket."""
    put(client, offer)
    return client


def kept(session):
    return session.execute(select(Basket.details)).scalar_one()


def test_without_a_basket_the_basket_comes_first(client):
    assert client.get("/en/checkout").url == "/en/basket"


def test_the_form_asks_plain_questions_and_begins_empty(visitor):
    page = visitor.get("/en/checkout")
    assert page.h1 == "Your certificate"
    assert "Who should the certificate name?" in page.text
    form = page.form("/en/checkout")
    assert form.fields == {
        "csrf_token": form.fields["csrf_token"],
        "beneficiary_name": [""],
        "beneficiary_country": [""],
        "purpose": [""],
        "reason": [""],
        "email": [""],
        "certificate_language": ["en"],
        "method": ["paypal"],
    }
    assert form.options("beneficiary_type") == ["organisation", "individual"]
    assert form.options("disclosure") == ["public", "anonymous"]
    assert form.options("purpose") == ["", *PURPOSES]
    assert form.options("certificate_language") == ["en", "fr", "es"]
    assert form.options("method") == ["paypal"]


def test_the_certificate_is_first_offered_in_the_readers_language(visitor):
    assert visitor.get("/fr/checkout").form("/fr/checkout").fields["certificate_language"] == ["fr"]


def test_the_countries_are_those_of_iso_3166(visitor):
    codes = visitor.get("/en/checkout").form("/en/checkout").options("beneficiary_country")
    assert codes[:3] == ["", "AF", "AX"]  # by name: Afghanistan, Åland Islands
    assert len(codes) == len(set(codes)) == 250  # 249 countries and "Choose a country"
    assert not {"EU", "UN", "ZZ", "XK"} & set(codes)


def test_what_is_ordered_stands_beside_the_form(visitor, offer):
    beside = visitor.get("/en/checkout").one("aside").get_text(" ")
    assert offer.mandate.block.activity.title in beside
    assert "25 t" in beside
    assert "$280.00" in beside


def test_valid_details_are_kept_and_read_back(visitor, session):
    page = fill_in(visitor)
    assert page.url == "/en/checkout/confirm"
    assert kept(session) == {
        "email": "buyer@example.org",
        "beneficiary_type": "organisation",
        "beneficiary_name": "Sample Buyer GmbH",
        "beneficiary_country": "DE",
        "disclosure": "public",
        "purpose": "event",
        "reason": "For the sample conference of 2026",
        "certificate_language": "en",
    }


def test_kept_details_come_back_into_the_form(visitor):
    fill_in(visitor)
    form = visitor.get("/en/checkout").form("/en/checkout")
    assert {name: values[0] for name, values in form.fields.items() if name in DETAILS} == DETAILS


def test_everything_missing_is_told_at_once_in_the_order_of_the_page(visitor, session):
    page = (
        visitor.get("/en/checkout")
        .form("/en/checkout")
        .submit(status=422, without=("certificate_language", "method"))
    )
    assert page.errors == {
        "beneficiary_type": "Say whether the certificate is for an organisation or a person.",
        "beneficiary_country": "Choose the country.",
        "purpose": "Choose what the cancellation is for.",
        "email": "Enter the e-mail address to which the certificate should go.",
        "certificate_language": "Choose the language of the certificate.",
        "method": "Choose how you would like to pay.",
    }
    assert next(iter(page.errors)) == "beneficiary_type"
    assert all(page.error(name) == message for name, message in page.errors.items())
    assert kept(session) is None


def test_what_was_typed_comes_back_with_an_error(visitor):
    page = fill_in(visitor, status=422, beneficiary_country="")
    assert list(page.errors) == ["beneficiary_country"]
    form = page.form("/en/checkout")
    assert {name: values[0] for name, values in form.fields.items() if name in DETAILS} == DETAILS | {
        "beneficiary_country": ""
    }


def test_values_that_the_form_does_not_offer_are_refused(visitor):
    form = visitor.get("/en/checkout").form("/en/checkout")
    sent = {name: values[0] for name, values in form.fields.items()} | DETAILS
    strange = dict.fromkeys(
        (
            "beneficiary_type",
            "disclosure",
            "beneficiary_country",
            "purpose",
            "certificate_language",
            "method",
        ),
        "EU",
    )
    page = visitor.post("/en/checkout", sent | strange, status=422)
    assert set(page.errors) == set(strange)


# Who is named.


def test_people_are_anonymous_unless_they_choose_otherwise(visitor, session):
    form = visitor.get("/en/checkout").form("/en/checkout")
    values = DETAILS | {"beneficiary_type": "individual", "beneficiary_name": "Anna Sample"}
    del values["disclosure"]
    page = form.submit(**values)
    assert page.url == "/en/checkout/confirm"
    assert kept(session)["disclosure"] == "anonymous"
    assert kept(session)["beneficiary_name"] is None
    assert "Anna Sample" not in page.text


def test_organisations_are_named_unless_they_choose_otherwise(visitor, session):
    form = visitor.get("/en/checkout").form("/en/checkout")
    values = {name: value for name, value in DETAILS.items() if name != "disclosure"}
    assert form.submit(**values).url == "/en/checkout/confirm"
    assert kept(session)["disclosure"] == "public"


def test_a_person_who_says_so_is_named(visitor, session):
    fill_in(visitor, beneficiary_type="individual", beneficiary_name="Anna Sample", disclosure="public")
    assert kept(session)["beneficiary_name"] == "Anna Sample"


@pytest.mark.parametrize("kind", ["organisation", "individual"])
def test_a_name_is_needed_only_in_public(visitor, kind):
    page = fill_in(visitor, status=422, beneficiary_type=kind, beneficiary_name="  ")
    assert page.errors == {
        "beneficiary_name": "Enter the name that the certificate should show, or choose to stay anonymous."
    }
    page = fill_in(visitor, beneficiary_type=kind, beneficiary_name="", disclosure="anonymous")
    assert page.url == "/en/checkout/confirm"


@pytest.mark.parametrize(
    "typed,printed",
    [
        ("  Sample \t Buyer\u00a0GmbH ", "Sample Buyer GmbH"),
        ("Sample\u202eBuyer", "SampleBuyer"),
        ("Ame\u0301lie", "Amélie"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<b>Sample</b> & Söhne", "<b>Sample</b> & Söhne"),
        ("株式会社サンプル", "株式会社サンプル"),
        ("O'Sample-Ünlü, Jr.", "O'Sample-Ünlü, Jr."),
    ],
)
def test_a_name_is_cleaned_and_otherwise_left_alone(visitor, session, typed, printed):
    page = fill_in(visitor, beneficiary_name=typed)
    assert kept(session)["beneficiary_name"] == printed
    assert printed in page.text


def test_a_name_fits_the_registry(visitor, session):
    page = fill_in(visitor, status=422, beneficiary_name="N" * 201)
    assert page.errors == {
        "beneficiary_name": "This name has 201 characters. The registry takes 200 at most."
    }
    fill_in(visitor, beneficiary_name="N" * 200)
    assert len(kept(session)["beneficiary_name"]) == 200


# What is said.


def test_a_reason_fits_the_registry(visitor, session):
    page = fill_in(visitor, status=422, reason="r" * 257)
    assert page.errors == {"reason": "This reason has 257 characters. The registry takes 256 at most."}
    fill_in(visitor, reason="r" * 256)
    assert len(kept(session)["reason"]) == 256


def test_a_reason_is_not_needed_and_becomes_one_line(visitor, session):
    fill_in(visitor, reason=" ")
    assert kept(session)["reason"] is None
    fill_in(visitor, reason="one\r\ntwo")
    assert kept(session)["reason"] == "one two"


def test_the_reason_is_said_to_be_public_and_permanent(visitor):
    hint = visitor.get("/en/checkout").one("#reason-hint").get_text()
    assert "public" in hint
    assert "for good" in hint
    assert "personal data" in hint


def test_words_that_somebody_will_look_at_are_named_and_may_stay(visitor, session):
    """A hint, with the one at the address beside it, and both only once."""
    page = fill_in(
        visitor,
        status=422,
        beneficiary_name="Net Zero Bakery",
        reason="See www.example.org",
        email="anna@gmial.com",
    )
    assert page.errors == {}
    for said in (
        "“Net Zero”",
        "Directive (EU) 2024/825",
        "“www.example.org”",
        "Did you mean anna@gmail.com?",
    ):
        assert said in page.text
    again = page.form("/en/checkout").submit(reason="See www.example.org and @samples", status=422)
    assert "“@samples”" in again.text
    assert "Did you mean" not in again.text
    read = again.form("/en/checkout").submit()
    assert read.url == "/en/checkout/confirm"
    assert "a person looks at “Net Zero”, “www.example.org”, “@samples”" in read.text
    assert (kept(session)["beneficiary_name"], kept(session)["email"]) == (
        "Net Zero Bakery",
        "anna@gmial.com",
    )


def test_words_that_are_changed_are_not_spoken_of_any_more(visitor):
    page = fill_in(visitor, status=422, reason="Carbon-neutral conference")
    read = page.form("/en/checkout").submit(reason="Sample conference")
    assert read.url == "/en/checkout/confirm"
    assert "a person looks at" not in read.text


@pytest.mark.parametrize("field", ["beneficiary_name", "reason"])
def test_what_the_certificate_cannot_print_is_refused_by_name(visitor, fakes, field):
    fakes.certificates.unprintable = "𓀀😀"
    page = fill_in(visitor, status=422, **{field: "Sample 😀 and 𓀀"})
    assert page.errors == {
        field: "The certificate cannot print these characters: 😀 (U+1F600), 𓀀 (U+13000). Write it without them."
    }


def test_an_anonymous_name_is_not_looked_at(visitor, fakes):
    fakes.certificates.unprintable = "😀"
    page = fill_in(visitor, disclosure="anonymous", beneficiary_name="net zero 😀")
    assert page.url == "/en/checkout/confirm"


# Where it goes.


@pytest.mark.parametrize(
    "typed",
    ["anna", "anna@", "@example.org", "anna@example", "a b@example.org", "anna@example.org, b@example.org"],
)
def test_what_is_no_address_is_refused(visitor, typed):
    page = fill_in(visitor, status=422, email=typed)
    assert page.errors == {
        "email": "This is no e-mail address that we can write to. It looks like name@example.org."
    }
    assert page.one("#email")["value"] == typed


def test_an_address_is_kept_in_its_normal_form(visitor, session):
    fill_in(visitor, email=" Anna@EXAMPLE.org ")
    assert kept(session)["email"] == "Anna@example.org"


def test_a_slip_is_hinted_at_and_never_blocks(visitor, session):
    page = fill_in(visitor, status=422, email="anna@gmial.com")
    assert page.errors == {}
    assert "Did you mean anna@gmail.com?" in page.text
    assert kept(session) is None
    assert page.form("/en/checkout").submit().url == "/en/checkout/confirm"
    assert kept(session)["email"] == "anna@gmial.com"


def test_the_hint_is_taken_by_one_button(visitor, session):
    page = fill_in(visitor, status=422, email="anna@gmial.com")
    page = page.form("/en/checkout").submit(button="Use anna@gmail.com")
    assert page.url == "/en/checkout/confirm"
    assert kept(session)["email"] == "anna@gmail.com"


def test_another_slip_is_hinted_at_again(visitor):
    page = fill_in(visitor, status=422, email="anna@gmial.com")
    page = page.form("/en/checkout").submit(email="anna@hotmial.com", status=422)
    assert "Did you mean anna@hotmail.com?" in page.text


# How it is paid.


def test_only_ways_that_every_seller_takes_are_offered(client, session, app, fakes):
    """A second gateway is offered as long as everybody in the basket has an account there."""
    app.extensions["vcp_works"].neighbours.gateways["stripe"] = fakes.gateway
    both, other = make_provider(session), make_provider(session)
    make_payee_account(session, both, gateway="stripe")
    make_payee_account(session, both, gateway="unknown-here")
    offers = [make_offer(session, provider=provider) for provider in (both, other)]
    session.commit()
    put(client, offers[0])
    form = client.get("/en/checkout").form("/en/checkout")
    assert form.options("method") == ["paypal", "stripe"]
    assert "method" not in form.fields  # a choice is not made for anybody
    put(client, offers[1])
    assert client.get("/en/checkout").form("/en/checkout").options("method") == ["paypal"]


def test_two_services_for_cards_are_told_apart(client, session, app, fakes):
    provider = make_provider(session, account=False)
    for gateway in ("mollie", "stripe"):
        app.extensions["vcp_works"].neighbours.gateways[gateway] = fakes.gateway
        make_payee_account(session, provider, gateway=gateway)
    offer = make_offer(session, provider=provider)
    session.commit()
    put(client, offer)
    page = client.get("/en/checkout")
    assert page.form("/en/checkout").options("method") == ["mollie", "stripe"]
    assert "Card (Mollie)" in page.text
    assert "Card (Stripe)" in page.text
    assert "You enter it on a page of Mollie" in page.text


def test_sellers_without_a_common_way_are_told_apart(client, session):
    paypal, bank = make_provider(session), make_provider(session, account=False)
    make_payee_account(session, bank, gateway="bank")
    offers = [make_offer(session, provider=provider) for provider in (paypal, bank)]
    session.commit()
    for offer in offers:
        put(client, offer)
    page = client.get("/en/checkout")
    assert "These sellers cannot be paid in one and the same way" in page.text
    sent = {name: values[0] for name, values in page.form("/en/checkout").fields.items()} | DETAILS
    assert client.post("/en/checkout", sent, status=422).errors == {
        "method": "Choose how you would like to pay."
    }


def test_a_way_that_is_not_open_any_more_is_not_taken(visitor, session):
    page = visitor.get("/en/checkout")
    make_payee_account(
        session, session.execute(select(ProviderPayeeAccount)).scalar_one().provider, gateway="bank"
    )
    session.execute(
        select(ProviderPayeeAccount).filter_by(gateway="paypal")
    ).scalar_one().state = AccountState.DEGRADED
    session.commit()
    assert list(page.form("/en/checkout").submit(status=422, **DETAILS).errors) == ["method"]


def test_a_basket_that_has_become_impossible_leads_back_to_it(visitor, offer, session):
    page = visitor.get("/en/checkout")
    offer.state = OfferState.PAUSED
    session.commit()
    page = page.form("/en/checkout").submit(**DETAILS)
    assert page.url == "/en/basket"
    assert page.error("quantity-1-1") == "These units are not on sale any more."
    assert visitor.get("/en/checkout").url == "/en/basket"


def test_no_purpose_is_offered_that_the_certificate_would_contradict(client, session) -> None:
    offer = make_offer(session, unit_class="MCER", uses=())
    session.commit()
    put(client, offer)
    form = client.get("/en/checkout").form("/en/checkout")
    assert "voluntary_compensation" not in form.options("purpose")
    assert "voluntary_contribution" in form.options("purpose")
