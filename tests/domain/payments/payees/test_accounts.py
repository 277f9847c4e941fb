"""Payee accounts at gateways: what trying them out does, other credentials, and what buyers hear of their end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.offers.models import Offer
from app.domain.payments.keep_notification import keep_payment_notification
from app.domain.payments.models import AccountState, PaymentState, ProviderPayeeAccount
from app.domain.payments.payees.degrade_account import degrade_account
from app.domain.payments.payees.draft_account import AccountTaken, Credentials, draft_account
from app.domain.payments.payees.give_up_attempt import give_up_attempt
from app.domain.payments.payees.queries import accounts_to_probe
from app.domain.payments.payees.reconnect_account import reconnect_account
from app.domain.payments.payees.record_lead_in import record_lead_in
from app.domain.payments.payees.record_probe import record_probe
from app.domain.payments.payees.replace_secret import replace_secret
from app.domain.payments.payees.revoke_account import LastBankAccount, revoke_account
from app.domain.payments.payees.submit_account import submit_account
from app.domain.payments.queries import usable_account
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.states import IllegalStep
from app.integrations.gateways.interface import AccountReport, Hint, PayeeProblem, PayState, Webhook
from tests.bank import make_transfer, order_of
from tests.domain.payments.attempts import SOON, TOO_LATE, make_payment, refund, snapshot
from tests.domain.payments.payees.people import SEALS, House, make_house, news
from tests.factories import NOW, PAYEE_SECRET, make_order, make_payee_account
from tests.traces import jobs, mails, payloads, steps

S = AccountState
OK = AccountReport("SAMPLE2345678", True, "SAMPLE*SELLER")


def draft(session: Session, house: House, **given: Any) -> ProviderPayeeAccount:
    credentials = Credentials(
        **{"external_id": "SAMPLE2345678", "client_id": "c", "secret": "s3cret", **given}
    )
    provider_id = house.provider.id
    return draft_account(
        session, provider_id, "paypal", "own_app", credentials, ["USD", "EUR"], house.ada, SEALS, NOW
    )


def probed(session: Session, account: ProviderPayeeAccount, found: AccountReport | PayeeProblem, **more: Any):
    return record_probe(session, account.id, account.secret_changed_at, found, SOON, **more)


def test_a_new_account_is_active_once_it_was_tried_out(session: Session):
    house = make_house(session)
    account = draft(session, house)
    assert (account.state, b"s3cret" in account.secret_sealed) == (S.DRAFT, False)
    assert SEALS.of(account.id).open(account.secret_sealed) == "s3cret"
    submit_account(session, account.id, house.ada, NOW)
    assert jobs(session, "probe_account") == [{"account_id": str(account.id)}]
    assert len(news(session, "added")) == 3
    assert usable_account(session, house.provider.id, "paypal", "USD") is None
    probed(session, account, OK)
    session.flush()
    assert (account.state, account.statement_text, account.probed_at) == (S.ACTIVE, "SAMPLE*SELLER", SOON)
    # Buyers are offered it once its provider has paid itself there.
    assert usable_account(session, house.provider.id, "paypal", "USD") is None
    account.tested_at = SOON
    session.flush()
    assert usable_account(session, house.provider.id, "paypal", "USD") is account
    assert steps(session, account.id) == ["submit", "probe_ok"]


def test_a_draft_cannot_be_probed_into_use_nor_submitted_twice(session: Session):
    house = make_house(session)
    account = draft(session, house)
    probed(session, account, OK)
    assert account.state == S.DRAFT
    submit_account(session, account.id, house.ada, NOW)
    with pytest.raises(IllegalStep):
        submit_account(session, account.id, house.ada, NOW)


def test_an_account_that_is_here_already_is_taken(session: Session):
    house = make_house(session)
    draft(session, house)
    with pytest.raises(AccountTaken):
        draft(session, make_house(session))
    nameless = draft(session, house, external_id="")
    submit_account(session, nameless.id, house.ada, NOW)
    probed(session, nameless, OK)
    assert (nameless.state, nameless.state_reason) == (S.VERIFYING, "account_taken")


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (AccountReport("SOMEBODYELSES", True), "wrong_account"),
        (AccountReport("SAMPLE2345678", False), "wrong_mode"),
        (PayeeProblem("credentials_refused"), "credentials_refused"),
    ],
)
def test_what_cannot_be_paid_does_not_become_active(session: Session, report: Any, reason: str):
    house = make_house(session)
    account = draft(session, house)
    submit_account(session, account.id, house.ada, NOW)
    probed(session, account, report)
    assert (account.state, account.state_reason) == (S.VERIFYING, reason)
    assert mails(session, "payee_account_degraded") == []


def test_an_account_for_trying_out_does_where_the_platform_is_one(session: Session):
    house = make_house(session)
    account = draft(session, house)
    submit_account(session, account.id, house.ada, NOW)
    probed(session, account, AccountReport("SAMPLE2345678", False), trial=True)
    assert (account.state, account.livemode) == (S.ACTIVE, False)


def test_an_active_one_that_can_be_paid_no_more_is_degraded_and_heals(session: Session):
    account = make_payment(session).account
    probed(session, account, PayeeProblem("credentials_refused"))
    assert (account.state, account.state_reason) == (S.DEGRADED, "credentials_refused")
    probed(session, account, PayeeProblem("account_restricted"))
    assert (account.state, account.state_reason) == (S.DEGRADED, "account_restricted")
    assert len(mails(session, "payee_account_degraded")) == 1
    probed(session, account, AccountReport(account.external_id, True))
    assert (account.state, account.state_reason) == (S.ACTIVE, None)
    assert steps(session, account.id) == ["payee_problem", "probe_ok"]


def test_consent_that_was_taken_back_there_revokes_it(session: Session):
    account = make_payment(session).account
    probed(session, account, PayeeProblem("consent_revoked"))
    assert (account.state, account.state_reason) == (S.REVOKED, "consent_revoked")
    (mail,) = mails(session, "payee_account_degraded")
    assert mail.context["revoked"] is True
    degrade_account(session, account.id, "account_restricted", SOON)
    assert account.state == S.REVOKED
    house_person = make_house(session).ada
    reconnect_account(session, account.id, house_person, SOON)
    assert (account.state, account.state_reason) == (S.VERIFYING, None)
    assert {"account_id": str(account.id)} in jobs(session, "probe_account")


def test_other_credentials_take_the_old_ones_place_and_heal(session: Session):
    house = make_house(session, paypal=True)
    account = make_payee_account(session, house.provider, gateway="stripe", client_id="")
    degrade_account(session, account.id, "credentials_refused", NOW)
    report = AccountReport(account.external_id, True)
    fresh = Credentials(account.external_id, "", "new-secret")
    hook = Webhook("WH-NEW", "whsec-new")
    replace_secret(session, account.id, fresh, report, hook, house.ben, SEALS, SOON)
    sealer = SEALS.of(account.id)
    assert (account.state, account.secret_changed_at, account.webhook_id) == (S.ACTIVE, SOON, "WH-NEW")
    assert sealer.open(account.secret_sealed) == "new-secret"
    assert account.webhook_secret_sealed is not None
    assert sealer.open(account.webhook_secret_sealed) == "whsec-new"
    (payload,) = payloads(session, account.id, "payee_account.changed")
    assert payload == {"what": "secret"}
    assert len(news(session, "secret")) == 3


def test_what_is_heard_of_older_credentials_counts_for_nothing(session: Session):
    account = make_payment(session).account
    account.secret_changed_at = SOON
    record_probe(session, account.id, None, PayeeProblem("credentials_refused"), TOO_LATE)
    assert (account.state, account.probed_at) == (S.ACTIVE, None)


def test_a_lead_in_keeps_the_name_that_the_gateway_gives(session: Session):
    house = make_house(session)
    account = draft(session, house, external_id="", secret="")
    record_lead_in(session, account.id, "acct_1", house.ada, NOW)
    assert (account.state, account.external_id) == (S.VERIFYING, "acct_1")
    record_lead_in(session, account.id, "acct_2", house.ada, NOW)
    assert account.external_id == "acct_1"
    assert steps(session, account.id) == ["submit"]


# Which are tried out when.


@pytest.mark.parametrize(
    ("state", "age", "silence", "due"),
    [
        (S.ACTIVE, 100, 5.9, False),
        (S.ACTIVE, 100, 6, True),
        (S.DEGRADED, 100, 6, True),
        (S.VERIFYING, 0.5, 0.05, False),
        (S.VERIFYING, 0.5, 0.1, True),
        (S.VERIFYING, 5, 0.5, False),
        (S.VERIFYING, 5, 1, True),
        (S.VERIFYING, 100, 5, False),
        (S.VERIFYING, 100, 6, True),
        (S.VERIFYING, 400, 100, False),
        (S.DRAFT, 0.5, 0.5, False),
        (S.REVOKED, 100, 100, False),
    ],
)
def test_how_often_an_account_is_tried_out(
    session: Session, state: AccountState, age: float, silence: float, due: bool
):
    house = make_house(session)
    account = make_payee_account(session, house.provider, state=state)
    account.created_at = NOW - timedelta(hours=age)
    account.probed_at = NOW - timedelta(hours=silence)
    session.flush()
    assert (account.id in accounts_to_probe(session, NOW)) is due


def test_banks_are_asked_nothing(session: Session):
    account = make_transfer(session).account
    assert account.id not in accounts_to_probe(session, NOW + timedelta(days=9))


# What buyers hear.


def test_buyers_who_were_about_to_pay_there_are_told_and_their_attempts_looked_at(session: Session):
    payment = make_payment(session)
    other = make_order(session, payment.order.lines[0].offer, 3)
    degrade_account(session, payment.account_id, "account_restricted", SOON)
    told = mails(session, "method_unavailable")
    assert {mail.order_id for mail in told} == {payment.order_id, other.id}
    assert told[0].context == {"gateway": "paypal"}
    assert jobs(session, "look_at_payment") == [{"payment_id": str(payment.id)}]
    payment.account.state = S.ACTIVE
    session.flush()
    degrade_account(session, payment.account_id, "account_restricted", TOO_LATE)
    assert len(mails(session, "method_unavailable")) == 2


@pytest.mark.parametrize("state", ["authorized", "pending"])
def test_who_has_approved_already_is_not_told_to_pay_again(session: Session, state: str):
    payment = make_payment(session, state=PaymentState(state))
    degrade_account(session, payment.account_id, "account_restricted", SOON)
    assert mails(session, "method_unavailable") == []
    assert jobs(session, "look_at_payment") == [{"payment_id": str(payment.id)}]


def test_nobody_is_told_where_another_account_takes_it(session: Session):
    payment = make_payment(session)
    make_payee_account(session, payment.order.provider)
    degrade_account(session, payment.account_id, "account_restricted", SOON)
    assert mails(session, "method_unavailable") == []


def test_orders_that_are_over_concern_nobody(session: Session):
    payment = make_payment(session)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    degrade_account(session, payment.account_id, "account_restricted", SOON)
    assert mails(session, "method_unavailable") == []


def test_a_revoked_bank_account_tells_whoever_has_not_sent_it_yet(session: Session):
    transfer = make_transfer(session)
    sent = make_transfer(session, transfer.account.provider)
    sent.said_sent_on = NOW.date()
    for offer in session.query(Offer).filter_by(provider_id=transfer.account.provider_id):
        offer.state = "withdrawn"
    session.flush()
    revoke_account(session, transfer.account_id, make_house(session).ada, SOON)
    assert [mail.order_id for mail in mails(session, "method_unavailable")] == [order_of(transfer).id]


# The last way to be paid.


def test_the_last_bank_account_of_a_currency_on_sale_stays(session: Session):
    transfer = make_transfer(session)
    with pytest.raises(LastBankAccount) as refused:
        revoke_account(session, transfer.account_id, make_house(session).ada, SOON)
    assert refused.value.currencies == ["EUR"]
    assert transfer.account.state == S.ACTIVE
    make_payee_account(
        session, transfer.account.provider, gateway="bank", currencies=["EUR"], state=S.VERIFYING
    )
    with pytest.raises(LastBankAccount):
        revoke_account(session, transfer.account_id, make_house(session).ada, SOON)
    make_payee_account(session, transfer.account.provider, gateway="bank", currencies=["EUR"])
    revoke_account(session, transfer.account_id, make_house(session).ada, SOON)
    assert transfer.account.state == S.REVOKED


def test_every_other_account_can_go(session: Session):
    account = make_payment(session).account
    revoke_account(session, account.id, make_house(session).ada, SOON)
    assert account.state == S.REVOKED
    assert len(news(session, "revoked")) == 1
    assert len(mails(session, "method_unavailable")) == 1
    with pytest.raises(IllegalStep):
        revoke_account(session, account.id, make_house(session).ada, SOON)


# How a method fares.


def test_a_notification_is_noted_and_one_about_the_account_has_it_tried_out(session: Session):
    account = make_payment(session).account
    assert SEALS.of(account.id).open(account.secret_sealed) == PAYEE_SECRET  # sealed before each had its key
    keep_payment_notification(session, account.id, "paypal", Hint("E-1", "any", (), ()), b"{}", SOON)
    session.refresh(account)
    assert (account.notified_at, jobs(session, "probe_account")) == (SOON, [])
    hint = Hint("E-2", "account.updated", (), (), about_account=True)
    keep_payment_notification(session, account.id, "paypal", hint, b"{}", TOO_LATE)
    session.refresh(account)
    assert account.notified_at == TOO_LATE
    assert jobs(session, "probe_account") == [{"account_id": str(account.id)}]


def test_a_receipt_is_a_success_and_a_refund_none(session: Session):
    payment = make_payment(session)
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED), SOON)
    assert payment.account.succeeded_at == SOON
    both = snapshot(payment, PayState.CAPTURED, refund(payment))
    record_snapshot(session, payment.id, both, TOO_LATE)
    assert payment.account.succeeded_at == SOON


# What can no longer be seen.


def test_an_approval_that_nobody_can_take_lapses_when_the_hold_is_over(session: Session):
    payment = make_payment(session, state=PaymentState.AUTHORIZED)
    give_up_attempt(session, payment.id, "credentials_refused", SOON)
    assert (payment.state, payment.account.state) == (PaymentState.AUTHORIZED, S.DEGRADED)
    give_up_attempt(session, payment.id, "credentials_refused", TOO_LATE)
    assert (payment.state, payment.reason) == (PaymentState.EXPIRED, "account_gone")


def test_money_that_was_asked_for_is_waited_for(session: Session):
    payment = make_payment(session, state=PaymentState.AUTHORIZED, capture_asked_at=NOW)
    give_up_attempt(session, payment.id, "credentials_refused", TOO_LATE)
    assert payment.state == PaymentState.AUTHORIZED
