"""The buyer's side of money that goes back: said in words in every state, and asked about once it was sent by hand."""

from uuid import uuid4

import pytest

from app.domain.orders.models import Order, OrderState
from app.domain.payments.proofs import check_proof
from app.domain.payments.refund_models import Refund, RefundState
from app.domain.payments.refunds.say_refund_sent import say_refund_sent
from app.integrations.gateways.interface import PayeeProblem
from app.money import Money
from tests.journey import Journey
from tests.web.pages import Client


@pytest.fixture
def due(journey: Journey) -> Order:
    order = journey.place(20)
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)
    assert journey.fresh(order).state == OrderState.REFUND_DUE
    return order


@pytest.fixture
def sent(journey: Journey, due: Order) -> Refund:
    """The payment service could not; the provider has sent it by hand."""
    journey.gateway.fail_next("refund", PayeeProblem("insufficient_funds"))
    journey.refund(due)
    (refund,) = journey.refunds(due)
    proof = check_proof(b"%PDF-1.7 sample", "advice.pdf")
    with journey.sessions.begin() as session:
        say_refund_sent(session, refund.id, journey.now.date(), "by transfer", proof, None, journey.now)
    return refund


def test_it_is_said_how_far_it_is(client: Client, journey: Journey, due: Order):
    address = f"/en/orders/{due.token}"
    page = client.get(address)
    assert "Money that goes back to you" in page.text
    assert "It goes back the way it came, through PayPal." in page.text
    journey.gateway.refunds_wait = True
    journey.refund(due)
    assert "PayPal has taken it on." in client.get(address).text
    (external_id,) = journey.gateway.checkouts
    journey.gateway.finish_refunds(external_id)
    journey.look(due)
    assert "It went back on" in client.get(address).text


def test_who_must_send_it_is_said(client: Client, journey: Journey, due: Order):
    journey.gateway.fail_next("refund", PayeeProblem("insufficient_funds"))
    journey.refund(due)
    page = client.get(f"/en/orders/{due.token}")
    assert "sends it to you by another way and shows how" in page.text
    assert "How far each part of it is stands under" in page.text
    assert "enough money" not in page.text, "that is between the seller and PayPal"


@pytest.mark.parametrize(
    "came,state,order_state,words",
    [
        ("yes", RefundState.DONE, OrderState.REFUNDED, "The refund is closed"),
        ("no", RefundState.FAILED, OrderState.REFUND_DUE, "administrators have been told"),
    ],
)
def test_the_buyer_says_whether_it_has_come(
    client: Client,
    journey: Journey,
    due: Order,
    sent: Refund,
    came: str,
    state: RefundState,
    order_state: OrderState,
    words: str,
):
    page = client.get(f"/en/orders/{due.token}")
    assert "by transfer" in page.text
    assert "advice.pdf" in page.text
    form = page.form(f"/en/orders/{due.token}/refunds/{sent.id}/answer")
    assert words in form.submit(came=came).text
    assert (journey.refunds(due)[0].state, journey.fresh(due).state) == (state, order_state)
    assert "answered already" in form.submit(came=came).text


def test_only_yes_or_no_and_only_about_ones_own(client: Client, journey: Journey, due: Order, sent: Refund):
    page = client.get(f"/en/orders/{due.token}")
    address = f"/en/orders/{due.token}/refunds/{sent.id}/answer"
    token = page.form(address).fields["csrf_token"]
    client.post(address, {"csrf_token": token, "came": "perhaps"}, status=400)
    other = journey.place(5)
    for wrong in (
        f"/en/orders/{other.token}/refunds/{sent.id}/answer",
        f"/en/orders/{due.token}/refunds/{uuid4()}/answer",
        f"/en/orders/nothing/refunds/{sent.id}/answer",
    ):
        client.post(wrong, {"csrf_token": token, "came": "yes"}, status=404)
    client.inner.post(address, data={"came": "yes"})
    assert journey.refunds(due)[0].state == RefundState.SENT, "not without the form's token"


def test_a_poll_sees_it_move(client: Client, journey: Journey, due: Order):
    address = f"/en/orders/{due.token}"
    (polled,) = client.get(address).all("#order[hx-get]")
    headers = {"HX-Request": "true"}
    assert client.inner.get(polled["hx-get"], headers=headers).status_code == 204
    journey.gateway.fail_next("refund", PayeeProblem("insufficient_funds"))
    journey.refund(due)
    moved = client.inner.get(polled["hx-get"], headers=headers)
    assert moved.status_code == 200
    assert "To be sent by the seller" in moved.get_data(as_text=True)


def test_a_refund_outside_is_a_note(client: Client, journey: Journey):
    order = journey.place(20)
    journey.complete(order)
    (external_id,) = journey.gateway.checkouts
    journey.gateway.refund_outside(external_id, Money(1000, order.currency))
    journey.look(order)
    page = client.get(f"/en/orders/{order.token}")
    assert "outside this platform" in page.text
    assert "US$10.00" in page.text
    assert journey.fresh(order).state == OrderState.COMPLETED


def test_nothing_is_said_where_nothing_goes_back(client: Client, journey: Journey):
    order = journey.place(20)
    assert "Money that goes back to you" not in client.get(f"/en/orders/{order.token}").text
