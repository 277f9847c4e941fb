"""Reading back and placing: what was read is what is ordered, once, or nothing is."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask_babel import get_locale, gettext
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.domain.offers.models import OfferState
from app.domain.orders.models import Basket, Consent, Order, OrderGroup
from app.domain.payments.models import AccountState, Payment, PaymentState, ProviderPayeeAccount
from app.i18n import in_language
from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import PayeeProblem
from app.web.public.checkout import confirm
from tests.factories import make_activity, make_offer, make_orders, make_payee_account, make_provider
from tests.web.pages import words
from tests.web.public.steps import CONSENTS, fill_in, put

CONFIRM = "/en/checkout/confirm"


@pytest.fixture
def offer(session):
    provider = make_provider(session, "Sample Stoves Ltd", country="MW")
    made = make_offer(
        session,
        quantity=100,
        price="11.20",
        provider=provider,
        activity=make_activity(session, title="Sample stoves"),
    )
    session.commit()
    return made


@pytest.fixture
def second(session):
    """Another provider's offer, a mitigation contribution in euros."""
    provider = make_provider(session, "Second Ltd", country="BR")
    made = make_offer(session, price="20.00", currency="EUR", provider=provider, unit_class="MCER")
    session.commit()
    return made


@pytest.fixture
def read(client, offer):
    """The read-back page of 25 t."""
    put(client, offer)
    return fill_in(client)


def place(page, **expected):
    return page.form(CONFIRM).submit(**({"follow": False, "status": 303} | expected), **CONSENTS)


def orders(session):
    session.expire_all()
    return session.execute(select(Order).order_by(Order.placed_at, Order.number)).scalars().all()


# What is read.


def test_without_a_basket_or_details_they_come_first(client, offer):
    assert client.get(CONFIRM).url == "/en/basket"
    put(client, offer)
    assert client.get(CONFIRM).url == "/en/checkout"


def test_everything_is_read_back(read, offer):
    assert read.url == CONFIRM
    facts = {words(row.dt): words(row.dd) for row in read.all("dl.facts > div")}
    assert facts["Presented to"] == "Sample Buyer GmbH"
    assert facts["Country"] == "Germany"
    assert facts["In public"] == "The name is public"
    assert facts["Purpose"] == "An event"
    assert facts["Reason"] == "For the sample conference of 2026"
    assert facts["Language"] == "English"
    assert facts["Sent to"] == "buyer@example.org"
    assert facts["Paid by"] == "PayPal"
    assert facts["Seller"] == "Sample Stoves Ltd, Malawi"
    assert facts["Platform fee"] == "none"
    assert facts["Total"] == "US$280.00"
    row = words(read.one("tbody tr"))
    assert row.startswith("Sample stoves Malawi · vintage 2025 · Authorized for other purposes · ")
    assert row.endswith("25 t US$11.20 US$280.00")
    assert offer.mandate.block.activity_ref in row


def test_each_detail_can_be_changed(read):
    changes = {str(link["href"]) for link in read.all("dd.change a")}
    assert changes == {
        f"/en/checkout#{name}"
        for name in (
            *("beneficiary_type", "beneficiary_country", "disclosure", "purpose", "reason"),
            *("certificate_language", "email", "method"),
        )
    }


def test_the_step_that_cannot_be_undone_is_said_before_it(read):
    assert "A cancellation is final" in read.text
    assert "the registry cancels 25 t for good. Nobody can undo it" in read.text
    assert "The units will be held for 60 minutes from when you place the order." in read.text
    assert "you will find Sample Stoves Ltd as the payee of US$280.00, not this platform" in read.text
    assert [words(tag) for tag in read.all(".steps [aria-current]")] == ["Payment"]


def test_an_anonymous_beneficiary_is_shown_as_the_certificate_will_say(client, offer):
    put(client, offer)
    page = fill_in(client, beneficiary_type="individual", disclosure="anonymous")
    facts = {words(row.dt): words(row.dd) for row in page.all("dl.facts > div")}
    assert facts["Presented to"] == "An individual, Germany"
    assert facts["In public"] == "No name is printed or published"
    page = fill_in(client, disclosure="anonymous")
    assert "An organisation, Germany" in page.text


def test_the_beneficiarys_country_is_named_in_the_certificates_language(client, offer):
    put(client, offer)
    page = fill_in(client, disclosure="anonymous", certificate_language="fr")
    presented_to = next(
        words(row.dd) for row in page.all("dl.facts > div") if words(row.dt) == "Presented to"
    )
    assert presented_to.endswith(", Allemagne")


def test_an_anonymous_beneficiary_is_worded_in_the_certificates_language(client, offer, monkeypatch):
    put(client, offer)
    worded = {}

    def remember(words, **values):
        worded[words] = str(get_locale())
        return words % values

    monkeypatch.setattr(confirm, "_", remember)
    fill_in(client, disclosure="anonymous", certificate_language="fr")
    assert worded["An organisation, %(country)s"] == "fr"


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize(
    "kind,words",
    [("individual", "An individual, %(country)s"), ("organisation", "An organisation, %(country)s")],
)
def test_the_words_for_the_unnamed_are_the_certificates_own(app, language, kind, words):
    folder = Path(app.root_path) / "templates" / "certificates" / "words"
    printed = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))[f"an_{kind}"]
    with app.test_request_context(), in_language(language):
        shown = gettext(words, country="{country}")
    if language != "en" and shown == words % {"country": "{country}"}:
        pytest.skip(f"not translated into {language} yet; make check tells")
    assert shown == printed


def test_each_class_of_unit_has_its_notice(client, offer, second):
    put(client, offer)
    page = fill_in(client)
    assert "is to apply a corresponding adjustment" in page.text
    assert "supports no claim that your own emissions are compensated" not in page.text
    put(client, second)
    page = client.get(CONFIRM)
    assert "is to apply a corresponding adjustment" in page.text
    assert "supports no claim that your own emissions are compensated" in page.text
    assert "bans such claims about products" in page.text


def test_several_sellers_are_read_back_as_several_orders(client, offer, second):
    put(client, offer, "25")
    put(client, second, "3")
    page = fill_in(client)
    assert ["Order 1 of 2" in page.text, "Order 2 of 2" in page.text] == [True, True]
    facts = [(words(row.dt), words(row.dd)) for row in page.all("dl.facts > div")]
    assert ("Seller", "Second Ltd, Brazil") in facts
    assert ("To pay to this seller", "€60.00") in facts
    assert ("Total in EUR", "€60.00") in facts
    assert ("Total in USD", "US$280.00") in facts
    assert "Sample Stoves Ltd as the payee of US$280.00" in page.text
    assert "Second Ltd as the payee of €60.00" in page.text


# Consent.


def test_the_boxes_are_empty_and_name_the_seller(read):
    assert [box.has_attr("checked") for box in read.all("[type=checkbox]")] == [False, False]
    terms, immediate = (words(tag) for tag in read.all(".check"))
    assert "Sample Stoves Ltd" in terms
    assert "the terms of this platform" in terms
    assert "immediately" in immediate
    assert "lose my right of withdrawal" in immediate


@pytest.mark.parametrize(
    "missing,message",
    [
        ("consent_terms", "Tick the box about the contract and the terms to go on."),
        ("consent_immediate", "Tick the box about immediate cancellation to go on."),
    ],
)
def test_both_boxes_are_needed(read, session, missing, message):
    ticked = {name: value for name, value in CONSENTS.items() if name != missing}
    page = read.form(CONFIRM).submit(status=422, **ticked)
    assert page.errors == {missing: message}
    assert page.error(missing) == message
    assert [box["name"] for box in page.all("[type=checkbox][checked]")] == list(ticked)
    assert orders(session) == []
    assert len(place(page).location) > 20


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_the_very_words_beside_the_boxes_are_what_is_kept(client, offer, second, session, language):
    put(client, offer, language=language)
    put(client, second, "1", language=language)
    page = fill_in(client, language)
    shown = {str(tag.input["name"]): words(tag) for tag in page.all(".check")}
    page.form(f"/{language}/checkout/confirm").submit(follow=False, status=303, **CONSENTS)
    kept = session.execute(select(Consent)).scalars().all()
    assert {f"consent_{consent.kind}": consent.text_sha256 for consent in kept} == {
        name: hashlib.sha256(text.encode()).hexdigest() for name, text in shown.items()
    }
    assert {consent.language for consent in kept} == {language}
    assert "Sample Stoves Ltd" in shown["consent_terms"]
    assert "Second Ltd" in shown["consent_terms"]


# Placing.


def test_one_order_leads_to_its_payment(read, session, fakes):
    answer = place(read)
    order = orders(session)[0]
    assert answer.location == f"/en/orders/{order.token}/pay"
    assert (order.total_minor, order.currency, order.quantity) == (28000, "USD", 25)
    assert (order.method, order.language) == ("paypal", "en")
    assert (order.email, order.beneficiary_name, order.purpose) == (
        "buyer@example.org",
        "Sample Buyer GmbH",
        "event",
    )
    assert order.hold_until - order.placed_at == timedelta(minutes=60)
    payment = session.execute(select(Payment)).scalar_one()
    assert payment.state == PaymentState.STARTED
    assert payment.redirect_url == f"https://gateway.test/pay/{payment.external_id}"
    assert [call[0] for call in fakes.gateway.calls] == ["start"]


def test_several_orders_lead_to_their_group(client, offer, second, session):
    put(client, offer)
    put(client, second, "1")
    answer = place(fill_in(client))
    group = session.execute(select(OrderGroup)).scalar_one()
    assert answer.location == f"/en/order-groups/{group.token}"
    assert {(order.total_minor, order.currency) for order in orders(session)} == {
        (28000, "USD"),
        (2000, "EUR"),
    }
    assert session.execute(select(func.count()).select_from(Payment)).scalar_one() == 2


def test_the_order_is_in_the_language_of_the_page(client, offer, session):
    put(client, offer, language="fr")
    page = fill_in(client, "fr", certificate_language="es")
    page.form("/fr/checkout/confirm").submit(follow=False, status=303, **CONSENTS)
    assert [(order.language, order.certificate_language) for order in orders(session)] == [("fr", "es")]


def test_afterwards_the_visitor_has_a_new_basket(client, read, offer, session):
    place(read)
    assert "Nothing in it yet" in client.get("/en/basket").text
    put(client, offer, "5")
    assert session.execute(select(func.count()).select_from(Basket)).scalar_one() == 2
    form = client.get("/en/checkout").form("/en/checkout")
    assert form.fields["beneficiary_name"] == [""]


def test_the_same_page_sent_twice_is_one_order(read, session):
    first, second = place(read), place(read)
    assert first.location == second.location
    assert len(orders(session)) == 1


def test_two_clicks_at_once_are_one_order(app, read, session, monkeypatch):
    """Both requests have begun before either has looked at the basket."""
    both = threading.Barrier(2, timeout=30)

    def unseal_together(text):
        both.wait()
        return unseal(text)

    unseal = confirm.unseal
    monkeypatch.setattr(confirm, "unseal", unseal_together)
    sent = {name: values[0] for name, values in read.form(CONFIRM).fields.items()} | CONSENTS
    cookie = read.response.request.headers["Cookie"]

    def click(_):
        return app.test_client(use_cookies=False).post(CONFIRM, data=sent, headers={"Cookie": cookie})

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(click, range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.location for answer in answers}) == 1
    assert len(orders(session)) == 1


def test_nobody_changes_the_basket_between_the_last_look_and_the_order(read, sessions, monkeypatch):
    locked = []

    def place_locked(session, basket_id, *args, **kwargs):
        with sessions() as other, pytest.raises(OperationalError, match="could not obtain lock"):
            other.get(Basket, basket_id, with_for_update={"nowait": True})
        locked.append(basket_id)
        return place_order(session, basket_id, *args, **kwargs)

    place_order = confirm.place_order
    monkeypatch.setattr(confirm, "place_order", place_locked)
    place(read)
    assert len(locked) == 1


def test_the_same_page_sent_again_after_another_basket_was_begun_is_still_one_order(
    client, read, offer, session
):
    first = place(read)
    put(client, offer, "1")
    assert place(read).location == first.location
    assert len(orders(session)) == 1


@pytest.mark.parametrize(
    "failure", [TryAgain("away"), OutcomeUnknown("timeout"), PayeeProblem("payee_account_restricted")]
)
def test_a_gateway_that_fails_does_not_lose_the_order(read, session, fakes, failure):
    fakes.gateway.fail_next("start", failure)
    answer = place(read)
    order = orders(session)[0]
    assert answer.location == f"/en/orders/{order.token}/pay"
    assert order.state == "awaiting_payment"


def test_one_gateway_failure_does_not_keep_the_other_order_from_its_payment(
    client, offer, second, session, fakes
):
    put(client, offer)
    put(client, second, "1")
    fakes.gateway.fail_next("start", TryAgain("away"))
    place(fill_in(client))
    states = session.execute(select(Payment.state)).scalars().all()
    assert sorted(states) == [PaymentState.CREATED, PaymentState.STARTED]


def test_no_transaction_is_open_while_the_gateway_is_asked(read, app, fakes, engine):
    seen = []
    start = fakes.gateway.start

    def look_and_start(attempt, account, key):
        seen.append(engine.pool.checkedout())
        return start(attempt, account, key)

    fakes.gateway.start = look_and_start
    before = engine.pool.checkedout()
    place(read)
    assert seen == [before]


# What has changed meanwhile.


def test_units_that_are_gone_lead_back_to_the_basket_with_what_is_left(read, offer, session):
    make_orders(session, {offer: 92})
    session.commit()
    page = place(read, follow=True, status=200)
    assert page.url == "/en/basket"
    assert "Nothing was ordered and nothing is charged." in page.text
    assert page.error("quantity-1-1") == "Only 8 t are left."
    assert len(orders(session)) == 1


def test_units_that_go_at_the_last_moment_lead_back_too(read, offer, session, monkeypatch):
    """Somebody else is quicker between the look at the basket and the lock on the offer."""
    place_order = confirm.place_order

    def too_late(*args, **kwargs):
        make_orders(session, {offer: 92})
        session.commit()
        return place_order(*args, **kwargs)

    monkeypatch.setattr(confirm, "place_order", too_late)
    page = place(read, follow=True, status=200)
    assert page.url == "/en/basket"
    assert "Nothing was ordered and nothing is charged." in page.text
    assert page.error("quantity-1-1") == "Only 8 t are left."


def test_a_sellers_new_limit_leads_back_to_the_basket(read, offer, session):
    offer.max_quantity = 20
    session.commit()
    page = place(read, follow=True, status=200)
    assert page.url == "/en/basket"
    assert page.error("quantity-1-1") == "The seller takes orders of at most 20 t."


def test_an_offer_that_was_withdrawn_leads_back_to_the_basket(read, offer, session):
    offer.state = OfferState.WITHDRAWN
    session.commit()
    page = place(read, follow=True, status=200)
    assert page.error("quantity-1-1") == "These units are not on sale any more."
    assert orders(session) == []


def test_a_new_price_is_read_back_first(read, offer, session):
    offer.price_minor = 1130
    session.commit()
    page = place(read, follow=True, status=200)
    assert page.url == CONFIRM
    assert "A seller has changed a price. Nothing was ordered; please read it once more." in page.text
    assert "$282.50" in page.text
    assert orders(session) == []
    place(page)
    assert [order.total_minor for order in orders(session)] == [28250]


def test_another_quantity_is_read_back_first(client, read, offer, session):
    put(client, offer, "30")
    page = place(read, follow=True, status=200)
    assert page.url == CONFIRM
    assert "have changed. Nothing was ordered; please read it once more." in page.text
    assert orders(session) == []


def test_other_details_are_read_back_first(client, read, session):
    fill_in(client, beneficiary_name="Somebody Else AG")
    page = place(read, follow=True, status=200)
    assert "have changed. Nothing was ordered; please read it once more." in page.text
    assert "Somebody Else AG" in page.text
    assert orders(session) == []


def test_a_page_that_was_tampered_with_is_read_back_again(read, session):
    token = read.form(CONFIRM).fields["read_back"][0]
    for tampered in ("", "nonsense", token[:-2], "x" + token):
        page = read.form(CONFIRM).submit(read_back=tampered, **CONSENTS)
        assert page.url == CONFIRM
        assert "This page was not sent as it was made." in page.text
    assert orders(session) == []


def test_somebody_elses_page_places_nothing(app, read, client, offer, session):
    """The signed field belongs to the visitor whose basket it is."""
    other = type(client)(app.test_client())
    put(other, offer, "1")
    token = read.form(CONFIRM).fields["read_back"][0]
    page = fill_in(other).form(CONFIRM).submit(read_back=token, **CONSENTS)
    assert page.url == "/en/basket"
    assert "Nothing was ordered from the earlier one." in page.text
    assert orders(session) == []


def test_a_way_to_pay_that_closed_meanwhile_is_chosen_again(read, session):
    account = session.execute(select(ProviderPayeeAccount)).scalar_one()
    make_payee_account(session, account.provider, gateway="bank")
    account.state = AccountState.DEGRADED
    session.commit()
    page = place(read, follow=True, status=200)
    assert page.url == "/en/checkout"
    assert orders(session) == []


# Where the money goes, and how much may wait.


@pytest.mark.parametrize(
    ("currency", "price", "total", "none"),
    [
        ("USD", "11.20", "US$280.00", "US$0.00"),
        ("JPY", "1200", "JP¥30,000", "JP¥0"),
        ("KWD", "3.205", "KWD80.125", "KWD0.000"),
    ],
)
def test_where_the_money_goes_is_read_before_it_is_paid(client, session, currency, price, total, none):
    provider = make_provider(session, "Sample Stoves Ltd", account=False)
    account = make_payee_account(session, provider, currencies=[currency], statement_text="SAMPLE*STOVES")
    offer = make_offer(session, provider=provider, price=price, currency=currency)
    session.commit()
    put(client, offer)
    page = fill_in(client)
    [card] = [tag for tag in page.all("section") if tag.get("aria-labelledby") == "money-title"]
    facts = {words(row.dt): words(row.dd).replace("\xa0", " ") for row in card.select(".facts > div")}
    assert facts == {
        "Paid to": "Sample Stoves Ltd, Malawi",
        "Paid by": "PayPal",
        "Account": f"ends in {account.external_id[-4:]}",
        "On your statement": "SAMPLE*STOVES",
        "Amount": total,
        "Received by this platform": none,
    }


def test_who_lets_too_many_orders_wait_pays_or_withdraws_one_first(client, session, read):
    waiting = [make_orders(session, {make_offer(session): 1}).orders[0] for _ in range(5)]
    session.commit()
    page = place(read, follow=True, status=422)
    assert "Too many orders wait for their payment" in page.text
    assert "5 at most can wait at the same time. Nothing was ordered." in page.text
    assert page.link("Find my orders") == "/en/find-order"
    assert len(orders(session)) == 5
    session.get_one(Order, waiting[0].id).state = "withdrawn"
    session.commit()
    assert page.form(CONFIRM).fields["consent_terms"] == ["yes"], "what was ticked is kept"
    page.form(CONFIRM).submit(status=303, follow=False)
    assert len(orders(session)) == 6


def test_who_presses_again_and_again_has_to_wait(client, read):
    for _ in range(6):
        read.form(CONFIRM).submit(status=422)
    read.form(CONFIRM).submit(status=429)
