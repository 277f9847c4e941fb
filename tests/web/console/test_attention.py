"""Administrators decide about orders for which there is no rule: shown in words, with a reason and a second factor."""

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.domain.audit.models import AuditEvent
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import PaymentState, ProviderPayeeAccount, ReleaseRule
from app.domain.payments.payees.degrade_account import degrade_account
from app.domain.payments.refund_models import PaymentClaim, RefundState
from app.domain.payments.release_terms import ReleaseTerms
from app.money import Money
from app.settings import Settings
from tests.domain.payments.attempts import make_payment
from tests.domain.payments.refunds.books import make_refund
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.console.conftest import confirm_the_proposal
from tests.web.pages import Client
from tests.web.roles import sign_in_administrator

LIST = "/en/console/admin/attention"
HEADINGS = (
    "Money that has not gone back",
    "Payments that the provider does not confirm",
    "Ways to be paid that are out of order",
)


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


def mismatched(journey: Journey) -> Order:
    """What the buyer agreed to at the gateway is not what was asked for."""
    order = journey.place(20)
    payment = journey.approve(order)
    journey.gateway.checkouts[payment.external_id or ""].amount = Money(1, order.currency)
    journey.look(order)
    return order


def test_the_list_says_why_and_leads_to_the_order(journey: Journey, administrator: Client):
    assert "Nothing to decide" in administrator.get(LIST).text
    order, other = mismatched(journey), journey.place(5)
    page = administrator.get(LIST)
    assert "The payment that was reported is not the one that was asked for" in page.text
    assert other.number not in page.text
    page = page.follow(order.number)
    assert page.h1 == f"Order {order.number}"
    assert "The payment that was reported is not the one that was asked for" in page.text
    assert "Received by this platform" in page.text
    assert order.token not in page.response.text
    assert (
        "the order goes its way by itself"
        in administrator.get(f"/en/console/admin/orders/{other.number}").text
    )
    administrator.get("/en/console/admin/orders/VC-0000-0000", status=404)


@pytest.mark.parametrize(
    ("act", "link", "button", "state"),
    [
        ("clear", "Let it go on…", "Let it go on", OrderState.AWAITING_PAYMENT),
        ("reject", "End it…", "End the order", OrderState.WITHDRAWN),
    ],
)
def test_it_is_decided_by_two_with_a_reason(
    journey: Journey,
    administrator: Client,
    second_administrator: Client,
    act: str,
    link: str,
    button: str,
    state: OrderState,
):
    order = mismatched(journey)
    form_page = administrator.get(f"/en/console/admin/orders/{order.number}").follow(link)
    form = form_page.form(f"/en/console/admin/orders/{order.number}/{act}")
    assert form.submit(status=422, reason=" ").error("reason").startswith("Write why.")
    assert journey.fresh(order).state == OrderState.NEEDS_ATTENTION
    page = form.submit(button=button, reason="The seller has confirmed it.")
    assert "Another administrator has to confirm it" in page.text
    assert journey.fresh(order).state == OrderState.NEEDS_ATTENTION
    assert "Something is proposed already" in form.submit(reason="Again").text
    assert "Another administrator has to confirm it" in page.follow("Look at it").text
    assert "Done." in confirm_the_proposal(second_administrator).text
    assert journey.fresh(order).state == state
    assert "cannot be decided any more" in form.submit(reason="Again").text
    with journey.sessions() as session:
        rows = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.order_id == order.id, AuditEvent.actor == "administrator")
            .order_by(AuditEvent.id)
        ).all()
    told = [row.payload.get("note") or row.payload["reason"] for row in rows]
    assert told == ["The seller has confirmed it."] * 3
    assert [row.payload["step"] for row in rows][:2] == ["propose", "confirm"]
    assert len({row.actor_person_id for row in rows}) == 2


def test_the_second_factor_must_be_fresh(app: Flask, journey: Journey):
    order, client = mismatched(journey), Client(app.test_client())
    sign_in_administrator(app, client, elevated=False)
    answer = client.get(f"/en/console/admin/orders/{order.number}/reject", status=303, follow=False)
    assert "/console/elevate" in answer.location


def test_units_that_are_gone_can_only_end(
    journey: Journey, administrator: Client, second_administrator: Client
):
    order = mismatched(journey)
    with journey.sessions.begin() as session:
        [line] = session.get_one(Order, order.id).lines
        line.offer.held = line.offer.quantity
    form = administrator.get(f"/en/console/admin/orders/{order.number}/clear").form()
    form.submit(reason="Try")
    assert "it can only end" in confirm_the_proposal(second_administrator).text
    assert journey.fresh(order).state == OrderState.NEEDS_ATTENTION


def test_what_the_registry_has_in_hand_cannot_be_decided(journey: Journey, administrator: Client):
    order = journey.place(20, 5)
    journey.pay(order)
    journey.registry.change_block(journey.mandate_of(order), status="frozen")
    journey.cancel(order)
    page = administrator.get(f"/en/console/admin/orders/{order.number}")
    assert "Nothing can be decided here" in page.text
    assert (
        "cannot be decided any more"
        in administrator.get(f"/en/console/admin/orders/{order.number}/reject").text
    )


def test_a_forgotten_review_and_a_dispute_are_listed(
    journey: Journey, administrator: Client, second_administrator: Client
):
    late, done = journey.place(20), journey.place(5)
    journey.let_wait(late, ReleaseTerms(ReleaseRule.REVIEW, 1))
    journey.pay(late)
    assert late.number not in administrator.get(LIST).text
    journey.age(late.id, release_at=journey.now)
    journey.complete(done)
    journey.move_money(done, "chargeback", done.total)
    journey.look(done)
    page = administrator.get(LIST)
    assert "The provider was to check the payment, and has not." in page.text
    assert "Payments in dispute" in page.text
    assert done.number in page.text
    page.follow(late.number).follow("Let it go on…").form().submit(reason="The provider agrees by phone.")
    confirm_the_proposal(second_administrator)
    journey.release(late)
    assert journey.fresh(late).state == OrderState.CANCELLING


def test_where_administrators_mediate_is_listed_with_its_order(journey: Journey, administrator: Client):
    owed, unconfirmed = journey.place(20), journey.place(5)
    with journey.sessions.begin() as session:
        assert "Money that has not gone back" not in administrator.get(LIST).text
        payment = make_payment(session, session.get_one(Order, owed.id), PaymentState.CAPTURED)
        refund = make_refund(session, payment.order, payment, state=RefundState.BY_HAND)
        refund.escalated_at = journey.now
        session.add(
            PaymentClaim(
                order_id=unconfirmed.id,
                opened_at=journey.now,
                answer_by=journey.now,
                escalated_at=journey.now,
            )
        )
        account = session.get_one(ProviderPayeeAccount, payment.account_id)
        degrade_account(session, account.id, "account_restricted", journey.now)
    page = administrator.get(LIST)
    assert [heading in page.text for heading in HEADINGS] == [True] * 3
    assert "The account is restricted." in page.text
    for order in (owed, unconfirmed):
        assert page.follow(order.number).h1 == f"Order {order.number}"
