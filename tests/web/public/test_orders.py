"""An order's page: in every state it says what happened and what comes next, and it moves by itself until the end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from app.domain.certificates.issue_certificate import issue_certificate
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import Payment, PaymentState
from app.integrations.errors import OutcomeUnknown, TryAgain
from app.integrations.gateways.interface import Declined
from app.settings import Settings
from tests.journey import PROVIDER, Journey
from tests.traces import timed_jobs
from tests.web.pages import Client, Page, words

HTMX = {"HX-Request": "true"}


def page_of(client: Client, order: Order, query: str = "") -> Page:
    return client.get(f"/en/orders/{order.token}{query}")


def chip(page: Page) -> str:
    return words(page.one(".page-head .chip"))


def timeline(page: Page) -> list[tuple[str, str]]:
    """(state, title) of each entry."""
    return [(item["class"][0], words(item.b)) for item in page.all(".timeline > li")]


def poll_address(page: Page) -> str:
    return str(page.one("#order")["hx-get"])


def waiting(journey: Journey, order: Order) -> None:
    """As it was placed."""


def declined(journey: Journey, order: Order) -> None:
    journey.approve(order)
    journey.gateway.fail_next("capture", Declined("declined"))
    journey.look(order)


def approved(journey: Journey, order: Order) -> None:
    journey.approve(order)
    journey.registry.fail_next("mandate", TryAgain)
    with pytest.raises(TryAgain):
        journey.look(order)


def pending(journey: Journey, order: Order) -> None:
    journey.pay(order, "pending")


def cancelling(journey: Journey, order: Order) -> None:
    journey.pay(order)


def unanswered(journey: Journey, order: Order) -> None:
    journey.pay(order)
    journey.registry.fail_next("cancel", OutcomeUnknown)
    with pytest.raises(OutcomeUnknown):
        journey.cancel(order)


def cancelled(journey: Journey, order: Order) -> None:
    journey.pay(order)
    journey.cancel(order)


def certified(journey: Journey, order: Order) -> None:
    journey.complete(order)


def expired(journey: Journey, order: Order) -> None:
    journey.expire(order)


def not_charged(journey: Journey, order: Order) -> None:
    journey.registry.change_mandate(journey.mandate_of(order), status="revoked")
    journey.pay(order)


def refused(journey: Journey, order: Order) -> None:
    journey.pay(order)
    for line in (0, 1):
        journey.registry.change_block(journey.mandate_of(order, line), status="frozen")
    journey.cancel(order)


def refunded(journey: Journey, order: Order) -> None:
    refused(journey, order)
    journey.refund(order)


def partly(journey: Journey, order: Order) -> None:
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)


@pytest.mark.parametrize(
    "act,state,heading,said",
    [
        (waiting, "Waiting for payment", "Waiting for your payment", "Nothing has been paid or cancelled yet."),
        (declined, "Waiting for payment", "The payment did not go through", "The payment was declined. Another card or account may work. You were not charged."),
        (approved, "Payment approved", "Your payment is approved", "Before the money is taken, the registry is asked"),
        (pending, "Payment pending", "Your payment is pending at PayPal", "You pay from a bank account"),
        (cancelling, "Cancelling units", "Your units are being cancelled", f"Received. {PROVIDER} has your payment of US$280.00. The registry is being asked to cancel 25 t."),
        (unanswered, "Cancelling units", "Your units are being cancelled", "Nothing is lost: we ask again"),
        (cancelled, "Units cancelled", "Your units are cancelled", "The certificate is being made."),
        (certified, "Units cancelled", "Your units are cancelled", "Keep the address of this page"),
        (expired, "Expired", "This order has expired", "Nothing was paid and nothing was cancelled."),
        (not_charged, "Withdrawn", "You were not charged", "The provider has taken back its permission to cancel these units."),
        (refused, "Refund under way", "Your money is going back", "The registry has frozen or moved these units."),
        (refunded, "Refunded", "Refunded", f"{PROVIDER} has given US$280.00 back through PayPal."),
        (partly, "Being looked into", "Your order is being looked into", "The registry cancelled some of the units and refused the others."),
    ],
)  # fmt: skip
def test_every_state_says_what_happened(
    client: Client,
    journey: Journey,
    act: Callable[[Journey, Order], None],
    state: str,
    heading: str,
    said: str,
):
    order = journey.place(20, 5)
    act(journey, order)
    page = page_of(client, order)
    assert (chip(page), page.h1) == (state, heading)
    assert said in page.text
    assert order.number in page.text


@pytest.mark.parametrize(
    "act", [waiting, declined, approved, pending, cancelling, unanswered, cancelled, refused]
)
def test_an_open_order_moves_by_itself(
    client: Client, journey: Journey, act: Callable[[Journey, Order], None]
):
    order = journey.place(20, 5)
    act(journey, order)
    region = page_of(client, order).one("#order")
    assert region["hx-trigger"] == "every 2s"
    assert region["hx-swap"] == "outerHTML"


@pytest.mark.parametrize("act", [certified, expired, not_charged, refunded, partly])
def test_a_final_state_asks_no_more(client: Client, journey: Journey, act: Callable[[Journey, Order], None]):
    order = journey.place(20, 5)
    act(journey, order)
    page = page_of(client, order)
    assert page.all("[hx-get], [hx-trigger], noscript meta") == []


def test_only_an_order_that_waits_can_be_paid_or_withdrawn(client: Client, journey: Journey):
    order = journey.place(20, 5)
    page = page_of(client, order)
    assert page.link("Pay US$280.00 with PayPal") == f"/en/orders/{order.token}/pay"
    assert page.forms(f"/en/orders/{order.token}/withdraw")
    for act in (approved, pending, cancelling):
        order = journey.place(20, 5)
        act(journey, order)
        page = page_of(client, order)
        assert page.forms() == []
        assert page.all(f"a[href='/en/orders/{order.token}/pay']") == []


def test_the_way_of_an_order(client: Client, journey: Journey):
    order = journey.place(20, 5)
    assert [state for state, _ in timeline(page_of(client, order))] == [
        "done",
        "wait",
        "later",
        "later",
        "later",
    ]
    journey.pay(order)
    assert timeline(page_of(client, order)) == [
        ("done", "Order placed"),
        ("done", "Payment received"),
        ("now", "Cancelling units"),
        ("later", "Units cancelled"),
        ("later", "Certificate"),
    ]
    journey.cancel(order)
    assert timeline(page_of(client, order))[3:] == [
        ("done", "Units cancelled"),
        ("now", "Certificate is being made"),
    ]
    certificate = journey.certify(order)
    page = page_of(client, order)
    assert timeline(page)[4] == ("done", f"Certificate {certificate.number}")
    assert page.link("Open the certificate") == f"/en/certificates/{certificate.code}"
    assert page.link("Download the PDF") == f"/certificates/{certificate.code}.pdf"


def test_a_certificate_without_its_pdf_is_not_shown_yet(client: Client, journey: Journey, settings: Settings):
    order = journey.place(20)
    cancelled(journey, order)
    with journey.sessions.begin() as session:
        code = issue_certificate(session, order.id, settings.public_url, journey.now).code
    page = page_of(client, order)
    assert "The certificate is being made." in page.text
    assert code not in page.response.text
    assert page.one("#order")["hx-get"]
    assert client.get(f"/orders/{order.token}.json").json["certificate"] is None


def test_a_silent_registry_is_said_with_its_time(client: Client, journey: Journey):
    order = journey.place(20, 5)
    unanswered(journey, order)
    page = page_of(client, order)
    assert f"The registry has not answered yet since {datetime.now(UTC):%H:}" in page.text
    assert ("wait", "Cancelling units") in timeline(page)


def test_serial_numbers_are_the_registrys_to_the_letter(client: Client, journey: Journey):
    order = journey.place(20, 5)
    journey.complete(order)
    done = list(journey.registry.cancellations())
    printed = {span.printed for receipt in done for span in receipt.serial_ranges}
    assert len(printed) == 4, "several ranges a line are what this test is about"
    page = page_of(client, order)
    assert {tag.get_text() for tag in page.all(".serial")} == printed
    for receipt in done:
        assert receipt.cancellation_id in page.text
        assert receipt.attestation.reference in page.text


def test_the_money_goes_to_the_seller_and_not_through_the_platform(client: Client, journey: Journey):
    page = page_of(client, journey.place(20, 5))
    facts = {words(row.dt): words(row.dd) for row in page.all(".facts > div")}
    assert facts["Paid to"] == f"{PROVIDER}, Malawi"
    assert facts["On your statement"] == f"PayPal and the name of {PROVIDER}"
    assert facts["Received by this platform"] == "US$0.00"
    assert facts["Amount"] == "US$280.00"


def test_an_anonymous_beneficiary_is_not_named(client: Client, journey: Journey):
    order = journey.place(
        1, beneficiary_type="individual", disclosure="anonymous", beneficiary_name="Sample Person"
    )
    page = page_of(client, order)
    assert "An individual, Germany" in page.text
    assert "Sample Person" not in page.text


def test_the_orders_of_one_basket_know_each_other(client: Client, journey: Journey):
    order = journey.place(20, 5, providers=2)
    page = page_of(client, order)
    with journey.sessions() as session:
        [other] = [each for each in session.get_one(Order, order.id).group.orders if each.id != order.id]
        group = other.group.token
    assert page.link(other.number) == f"/en/orders/{other.token}"
    assert page.link("See all of them") == f"/en/order-groups/{group}"
    assert "From the same basket" not in page_of(client, journey.place(3)).text


@pytest.mark.parametrize("path", ["", "/pay", ".json"])
def test_the_address_stays_with_its_reader(client: Client, journey: Journey, path: str):
    order = journey.place(20)
    url = f"/orders/{order.token}.json" if path == ".json" else f"/en/orders/{order.token}{path}"
    headers = client.get(url).response.headers
    assert headers["Cache-Control"] == "private, no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_an_unknown_link_says_how_to_find_ones_orders(client: Client):
    page = client.get("/en/orders/nothing-like-this", status=404)
    assert page.h1 == "No order has this link"
    assert page.link("Have the links to your orders sent to you") == "/en/find-order"
    assert client.get("/orders/nothing-like-this.json", status=404).json == {"status": 404}
    for path in ("/en/order-groups/nothing", "/en/orders/nothing/pay"):
        assert client.get(path, status=404).h1 == "No order has this link"


# Polling.


def test_nothing_is_swapped_while_nothing_moves(client: Client, journey: Journey):
    order = journey.place(20)
    page = page_of(client, order)
    answer = client.get(poll_address(page), status=204, headers=HTMX)
    assert answer.response.data == b""


def test_what_has_moved_is_swapped_and_said(client: Client, journey: Journey):
    order = journey.place(20)
    page = page_of(client, order)
    assert page.one("#order-said")["role"] == "status"
    journey.pay(order)
    part = client.get(poll_address(page), headers=HTMX)
    assert not part.whole
    assert part.h1 == "Your units are being cancelled"
    assert words(part.one("[hx-swap-oob]")).startswith("Your units are being cancelled. Received.")
    assert part.one("[hx-swap-oob]")["hx-swap-oob"] == "innerHTML:#order-said"
    assert part.one("#order")["hx-get"] != page.one("#order")["hx-get"]


def test_the_fragment_is_the_page_without_its_frame(client: Client, journey: Journey):
    order = journey.place(20)
    whole = page_of(client, order)
    part = client.get(f"/en/orders/{order.token}", headers=HTMX)
    assert words(part.one("#order")) == words(whole.one("#order"))
    assert part.response.headers["Vary"] == whole.response.headers["Vary"]


def test_the_history_gets_the_whole_page(client: Client, journey: Journey):
    order = journey.place(20)
    page = client.get(
        poll_address(page_of(client, order)), headers={**HTMX, "HX-History-Restore-Request": "true"}
    )
    assert page.whole


@pytest.mark.parametrize("quiet,pace", [(1, "2s"), (5, "5s"), (20, "20s"), (90, "60s")])
def test_a_page_that_waits_long_asks_less_often(client: Client, journey: Journey, quiet: int, pace: str):
    order = journey.place(20)
    before = datetime.now(UTC) - timedelta(minutes=quiet)
    journey.age(order.id, placed_at=before)
    assert page_of(client, order).one("#order")["hx-trigger"] == f"every {pace}"


def test_without_a_script_there_is_a_link_and_what_moves_alone_comes_alone(client: Client, journey: Journey):
    order = journey.place(20)
    page = page_of(client, order)
    assert page.all("noscript meta") == [], "a reader who is to act is not disturbed"
    assert words(page.one("noscript a")) == "Refresh this page"
    journey.pay(order)
    page = page_of(client, order)
    assert page.one("head noscript meta")["http-equiv"] == "refresh"


# Back from the gateway.


def test_coming_back_proves_nothing_but_has_the_gateway_asked(client: Client, journey: Journey):
    order = journey.place(20)
    payment = journey.start(order)
    page = page_of(client, order, "?back=paid&token=5O190127TN364715T&PayerID=FSMVU44LF3YUS")
    assert page.url == f"/en/orders/{order.token}"
    assert page.response.request.query_string == b""
    assert page.h1 == "Checking your payment with PayPal"
    assert page.all(f"a[href='/en/orders/{order.token}/pay']") == []
    assert journey.fresh(order).state == OrderState.AWAITING_PAYMENT
    assert journey.jobs("look_at_payment") == [{"payment_id": str(payment.id)}]


def test_the_gateway_is_not_asked_for_every_reload(client: Client, journey: Journey):
    order = journey.place(20)
    journey.start(order)
    for _ in range(3):
        page_of(client, order, "?back=paid")
    assert len(journey.jobs("look_at_payment")) == 1


def test_a_payment_that_was_looked_at_just_now_is_looked_at_a_little_later(client: Client, journey: Journey):
    """What was seen may be older than the buyer's paying: their card was declined first, say."""
    order = journey.place(20)
    payment = journey.start(order)
    journey.look(order)
    for _ in range(3):
        client.inner.delete_cookie("vcp")
        page = page_of(client, order, "?back=paid")
    assert page.h1 == "Checking your payment with PayPal"
    with journey.sessions() as session:
        [(asked, at)] = timed_jobs(session, "look_at_payment")
        seen = session.get_one(Payment, payment.id).looked_at
    assert (asked, at) == ({"payment_id": str(payment.id)}, seen + timedelta(seconds=5))


def test_the_answer_ends_the_waiting(client: Client, journey: Journey):
    order = journey.place(20)
    journey.start(order)
    assert page_of(client, order, "?back=paid").h1 == "Checking your payment with PayPal"
    journey.look(order)
    assert page_of(client, order).h1 == "Waiting for your payment"
    journey.pay(order)
    assert page_of(client, order).h1 == "Your units are being cancelled"


def test_without_a_payment_there_is_nothing_to_ask(client: Client, journey: Journey):
    order = journey.place(20)
    page_of(client, order, "?back=paid")
    assert journey.jobs("look_at_payment") == []


def test_money_for_an_expired_order_is_looked_for(client: Client, journey: Journey):
    order = journey.place(20)
    payment = journey.start(order)
    journey.expire(order)
    with journey.sessions.begin() as session:
        session.get_one(Payment, payment.id).looked_at = order.placed_at - timedelta(minutes=1)
    page_of(client, order, "?back=paid")
    assert journey.jobs("look_at_payment") == [{"payment_id": str(payment.id)}]


def test_coming_back_without_paying(client: Client, journey: Journey):
    order = journey.place(20)
    page = page_of(client, order, "?back=unpaid")
    assert page.h1 == "You came back without paying"
    assert f"20 t are held for you until {order.hold_until:%H:%M} UTC." in page.text
    journey.pay(order)
    assert page_of(client, order, "?back=unpaid").h1 == "Your units are being cancelled"


def test_after_the_hold_nobody_is_sent_to_pay(client: Client, journey: Journey):
    order = journey.place(20)
    journey.age(order.id, hold_until=datetime.now(UTC) - timedelta(seconds=1))
    page = page_of(client, order)
    assert page.h1 == "The time to pay is over"
    assert page.all("#pay") == []


# Withdrawing.


def test_a_buyer_withdraws(client: Client, journey: Journey):
    order = journey.place(20)
    payment = journey.start(order)
    page = page_of(client, order).form(f"/en/orders/{order.token}/withdraw").submit()
    assert page.h1 == "You have withdrawn this order"
    with journey.sessions() as session:
        assert session.get_one(Order, order.id).lines[0].offer.held == 0
        assert session.get_one(Payment, payment.id).state == PaymentState.ABANDONED
    assert journey.fresh(order).state_reason == "buyer"


def test_what_is_paid_is_not_withdrawn(client: Client, journey: Journey):
    order = journey.place(20)
    form = page_of(client, order).form(f"/en/orders/{order.token}/withdraw")
    journey.pay(order)
    page = form.submit()
    assert "This order cannot be withdrawn any more." in page.text
    assert journey.fresh(order).state == OrderState.CANCELLING


def test_another_site_cannot_withdraw(client: Client, journey: Journey):
    order = journey.place(20)
    client.post(f"/en/orders/{order.token}/withdraw", status=400)
    client.get(f"/en/orders/{order.token}/withdraw", status=405)
    assert journey.fresh(order).state == OrderState.AWAITING_PAYMENT


# For programs.


def test_the_json_twin_has_the_facts_of_the_page(client: Client, journey: Journey):
    order = journey.place(20, 5)
    twin = client.get(f"/orders/{order.token}.json").json
    assert (twin["number"], twin["state"], twin["certificate"]) == (order.number, "awaiting_payment", None)
    assert datetime.fromisoformat(twin["hold_until"]) == order.hold_until
    assert (twin["total"], twin["currency"]) == ("280.00", "USD")
    assert {(line["quantity"], line["unit_price"], line["total"]) for line in twin["lines"]} == {
        (20, "11.20", "224.00"),
        (5, "11.20", "56.00"),
    }
    assert [line["cancellation"] for line in twin["lines"]] == [None, None]
    certificate = journey.complete(order)
    twin = client.get(f"/orders/{order.token}.json").json
    assert (twin["state"], twin["hold_until"]) == ("completed", None)
    for line in twin["lines"]:
        done = line["cancellation"]
        assert done["state"] == "completed"
        assert sum(span["count"] for span in done["serial_ranges"]) == line["quantity"]
        receipt = journey.registry.cancellation(done["registry_cancellation_id"])
        assert receipt.client_reference == done["id"]
        assert [span["printed"] for span in done["serial_ranges"]] == [
            span.printed for span in receipt.serial_ranges
        ]
        assert datetime.fromisoformat(done["completed_at"]) == receipt.completed_at
    assert twin["certificate"]["number"] == certificate.number
    for name, path in {
        "url": f"/en/certificates/{certificate.code}",
        "pdf": f"/certificates/{certificate.code}.pdf",
        "json": f"/certificates/{certificate.code}.json",
    }.items():
        assert urlsplit(twin["certificate"][name]).path == path
        client.get(path)
