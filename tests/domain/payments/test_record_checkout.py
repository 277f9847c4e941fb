"""What the gateway said when a checkout was started, and what a refusal does to the provider's account."""

import pytest
from sqlalchemy.orm import Session

from app.domain.orders.basket_queries import read_offer
from app.domain.orders.models import OrderState
from app.domain.payments.models import AccountState, PaymentState
from app.domain.payments.payees.degrade_account import degrade_account
from app.domain.payments.record_checkout import record_checkout, record_refusal
from app.integrations.errors import Refused
from app.integrations.gateways.interface import Declined, NextStep, PayeeProblem
from tests.domain.payments.attempts import SOON, TOO_LATE, make_payment
from tests.traces import books, mails, payloads, steps

OPENED = NextStep("CHECKOUT-1", "https://gateway.test/pay/1")


def test_an_opened_checkout_is_kept(session: Session):
    payment = make_payment(session, state=PaymentState.CREATED, external_id=None)
    assert record_checkout(session, payment.id, OPENED, SOON) is payment
    assert (payment.external_id, payment.redirect_url) == (OPENED.external_id, OPENED.redirect_url)
    assert (payment.state, payment.changed_at) == (PaymentState.STARTED, SOON)


def test_the_answer_that_comes_second_changes_nothing(session: Session):
    payment = make_payment(session, state=PaymentState.CREATED, external_id=None)
    record_checkout(session, payment.id, OPENED, SOON)
    before = books(session)
    record_checkout(session, payment.id, NextStep("CHECKOUT-2", "https://gateway.test/pay/2"), TOO_LATE)
    assert (payment.external_id, payment.redirect_url) == (OPENED.external_id, OPENED.redirect_url)
    assert books(session) == before


@pytest.mark.parametrize("state", ["expired", "abandoned"])
def test_an_answer_for_an_attempt_that_is_over_opens_nothing(session: Session, state: str):
    payment = make_payment(session, state=PaymentState(state), external_id=None)
    record_checkout(session, payment.id, OPENED, SOON)
    assert (payment.state, payment.external_id) == (PaymentState(state), None)


@pytest.mark.parametrize("state", ["created", "started", "authorized", "pending"])
def test_a_refusal_ends_the_attempt_and_not_the_order(session: Session, state: str):
    payment = make_payment(session, state=PaymentState(state))
    record_refusal(session, payment.id, Declined("declined"), SOON)
    assert (payment.state, payment.reason) == (PaymentState.FAILED, "declined")
    assert payment.order.state == OrderState.AWAITING_PAYMENT
    assert payment.order.lines[0].offer.held == 25
    assert payment.account.state == AccountState.ACTIVE


@pytest.mark.parametrize("state", ["captured", "failed", "abandoned", "expired"])
def test_a_refusal_that_comes_late_changes_nothing(session: Session, state: str):
    payment = make_payment(session, state=PaymentState(state))
    before = books(session)
    record_refusal(session, payment.id, Refused("any"), SOON)
    assert payment.state == PaymentState(state)
    assert books(session) == before


def test_a_problem_of_the_provider_takes_its_offers_out_of_sale_until_somebody_has_looked(session: Session):
    payment = make_payment(session)
    offer, account = payment.order.lines[0].offer, payment.account
    assert read_offer(session, offer.id, SOON) == (offer, 75)
    record_refusal(session, payment.id, PayeeProblem("no_consent"), SOON)
    assert (account.state, account.state_reason) == (AccountState.DEGRADED, "no_consent")
    assert payment.state == PaymentState.FAILED
    session.flush()
    assert read_offer(session, offer.id, SOON) == (offer, 0)
    (row,) = payloads(session, account.id, "payee_account.step")
    assert (row["before"], row["after"], row["code"]) == ("active", "degraded", "no_consent")


def test_the_provider_is_written_to_once(session: Session):
    account = make_payment(session).account
    for at in (SOON, TOO_LATE):
        degrade_account(session, account.id, "account_restricted", at)
    (mail,) = mails(session, "payee_account_degraded")
    assert (mail.to, mail.language, mail.order_id) == (account.provider.contact_email, "en", None)
    assert mail.context == {
        "account_id": str(account.id),
        "gateway": "paypal",
        "code": "account_restricted",
        "provider": account.provider.legal_name,
        "revoked": False,
    }
    assert steps(session, account.id) == ["payee_problem"]


def test_a_revoked_account_stays_revoked(session: Session):
    account = make_payment(session).account
    account.state = AccountState.REVOKED
    session.flush()
    degrade_account(session, account.id, "account_restricted", SOON)
    assert account.state == AccountState.REVOKED
    assert mails(session, "payee_account_degraded") == []


def test_it_may_happen_again_after_it_was_mended(session: Session):
    account = make_payment(session).account
    degrade_account(session, account.id, "account_restricted", SOON)
    account.state = AccountState.ACTIVE
    session.flush()
    degrade_account(session, account.id, "account_restricted", TOO_LATE)
    assert account.state == AccountState.DEGRADED
    assert len(mails(session, "payee_account_degraded")) == 2
