"""A provider pays itself once: the account is tried out, the money goes back, and no unit, buyer or figure knows of it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.cancellations.models import Cancellation
from app.domain.mails.models import Mail
from app.domain.offers.own_offers import stopped_by_debt
from app.domain.orders.basket_queries import common_methods, read_basket
from app.domain.orders.expire_order import expire_order
from app.domain.orders.models import Order, OrderLine, OrderState
from app.domain.orders.own_orders import own_figures
from app.domain.orders.queries import order_by_token, orders_of_address
from app.domain.payments.models import AccountState, Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.open_payment import MethodUnavailable, open_payment
from app.domain.payments.payees.queries import currencies_without
from app.domain.payments.queries import latest_payment_of, usable_account
from app.domain.payments.record_checkout import record_refusal
from app.domain.payments.record_snapshot import record_snapshot
from app.domain.payments.refund_models import RefundState
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.hand_over import hand_over
from app.domain.payments.refunds.mind_refund import mind_refund
from app.domain.payments.refunds.say_refund_sent import say_refund_sent
from app.domain.payments.standing import standing
from app.domain.payments.statements.book import confirm_received
from app.domain.payments.trials.open_trial import NotToBeTried, open_trial
from app.domain.payments.trials.queries import latest_trials, own_trial
from app.domain.people.models import Person, Provider, ProviderState
from app.domain.sales.order_list import orders_page
from app.domain.sales.wanted import Wanted
from app.domain.statistics.overview import platform_overview
from app.integrations.errors import Refused
from app.integrations.gateways.interface import PayState
from app.money import Money
from tests.bank import make_bank_account
from tests.domain.payments.attempts import receipt, refund, snapshot
from tests.domain.people.samples import make_buyer
from tests.factories import NOW, make_basket, make_offer, make_payee_account, make_provider
from tests.traces import books, payloads, steps

SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def nora(session: Session) -> Person:
    return make_buyer(session)


@pytest.fixture
def provider(session: Session) -> Provider:
    return make_provider(session, account=False)


@pytest.fixture
def account(session: Session, provider: Provider) -> ProviderPayeeAccount:
    return make_payee_account(session, provider, currencies=["USD"], tested_at=None)


@pytest.fixture
def bank(session: Session, provider: Provider) -> ProviderPayeeAccount:
    made = make_bank_account(session, provider, tolerance_minor=500).account
    made.tested_at = None
    session.flush()
    return made


def begin(session: Session, account: ProviderPayeeAccount, person: Person) -> tuple[Order, Payment]:
    """A trial, its checkout open."""
    order = open_trial(session, account.id, person.id, "en", NOW)
    payment = open_payment(session, order.id, NOW)
    payment.state, payment.external_id = PaymentState.STARTED, f"CHECKOUT-{payment.id}"
    session.flush()
    return order, payment


def capture(session: Session, payment: Payment, *entries) -> None:
    record_snapshot(session, payment.id, snapshot(payment, PayState.CAPTURED, *entries), SOON)
    session.flush()


def touched(session: Session) -> tuple[int, int, int]:
    """Lines, cancellations, mails to buyers: of trials there are none."""
    counts = [
        select(func.count(OrderLine.id)),
        select(func.count(Cancellation.id)),
        select(func.count(Mail.id)).where(Mail.kind.not_in(["refund_to_send", "refund_overdue"])),
    ]
    return tuple(session.scalar(each) or 0 for each in counts)  # type: ignore[return-value]


def test_money_in_full_tries_the_account_out_and_goes_back(session, provider, account, nora):
    offer = make_offer(session, provider=provider, price="11.20")
    order, payment = begin(session, account, nora)
    assert order.total == payment.amount == Money(1120, "USD")
    capture(session, payment)
    assert (account.tested_at, order.state, order.paid_at) == (SOON, OrderState.REFUND_DUE, SOON)
    assert steps(session, order.id) == ["place", "pay", "end_trial"]
    [tested] = payloads(session, account.id, "payee_account.tested")
    assert tested == {"amount": "11.20 USD"}
    [back] = refunds_of(session, order.id)
    assert (back.cause, back.amount, back.state) == ("self_test", order.total, RefundState.REQUESTED)
    capture(session, payment, receipt(payment), refund(payment))
    assert order.state == OrderState.REFUNDED
    assert (offer.held, offer.cancelled) == (0, 0)
    assert touched(session) == (0, 0, 0)


def test_the_same_money_told_twice_changes_nothing(session, account, nora):
    _, payment = begin(session, account, nora)
    capture(session, payment)
    before = books(session)
    capture(session, payment)
    assert books(session) == before


def test_money_that_comes_late_or_twice_goes_back_too(session, account, nora):
    order, payment = begin(session, account, nora)
    assert expire_order(session, order.id, order.hold_until)
    assert (order.state, account.tested_at) == (OrderState.EXPIRED, None)
    capture(session, payment)
    assert (order.state, account.tested_at) == (OrderState.REFUND_DUE, SOON)
    capture(session, payment, receipt(payment), refund(payment))
    assert order.state == OrderState.REFUNDED
    capture(session, payment, receipt(payment), refund(payment), receipt(payment, 2))
    assert order.state == OrderState.REFUND_DUE
    assert {each.state for each in refunds_of(session, order.id)} == {RefundState.DONE, RefundState.REQUESTED}
    assert touched(session) == (0, 0, 0)


def test_a_part_of_the_money_is_no_proof_and_goes_back(session, provider, bank, nora):
    order, _ = begin(session, bank, nora)
    almost = Money(order.total_minor - 1, "EUR")
    confirm_received(session, bank.id, order.number, almost, NOW.date(), 0, nora.id, SOON)
    assert (order.state, bank.tested_at) == (OrderState.AWAITING_PAYMENT, None)
    assert expire_order(session, order.id, order.hold_until)
    assert (order.state, bank.tested_at) == (OrderState.REFUND_DUE, None)
    [back] = refunds_of(session, order.id)
    assert (back.cause, back.amount) == ("part_paid", almost)
    assert touched(session) == (0, 0, 0)


def test_the_rest_of_the_money_is(session, bank, nora):
    order, _ = begin(session, bank, nora)
    for seen, minor in ((0, 60), (60, 40)):
        confirm_received(session, bank.id, order.number, Money(minor, "EUR"), NOW.date(), seen, nora.id, SOON)
    assert (order.state, bank.tested_at) == (OrderState.REFUND_DUE, SOON)
    assert sum(each.amount_minor for each in refunds_of(session, order.id)) == 100


def test_a_provider_gives_a_transfer_back_to_itself_by_its_word(session, provider, bank, nora):
    order, _ = begin(session, bank, nora)
    confirm_received(session, bank.id, order.number, order.total, NOW.date(), 0, nora.id, SOON)
    [back] = refunds_of(session, order.id)
    hand_over(session, back, "by_transfer", SOON)
    session.flush()
    later = SOON + timedelta(days=40)
    mind_refund(session, back.id, later)
    assert back.escalated_at is None
    assert not stopped_by_debt(session, provider.id, later)
    say_refund_sent(session, back.id, NOW.date(), "", None, nora.id, later)
    assert (back.state, order.state) == (RefundState.DONE, OrderState.REFUNDED)


def test_a_price_of_one_where_nothing_is_offered_in_the_currency(session, provider, nora):
    make_offer(session, provider=provider, currency="USD")
    for currency, total in {
        "EUR": Money(100, "EUR"),
        "JPY": Money(100, "JPY"),
        "KWD": Money(1000, "KWD"),
    }.items():
        account = make_payee_account(session, provider, currencies=[currency], tested_at=None)
        assert open_trial(session, account.id, nora.id, "en", NOW).total == total


def test_a_second_click_goes_on_with_the_first_ones_trial(session, account, nora):
    first, payment = begin(session, account, nora)
    assert open_trial(session, account.id, nora.id, "en", SOON) is first
    record_refusal(session, payment.id, Refused("declined"), SOON)
    again = open_payment(session, first.id, SOON)
    assert (again.id != payment.id, again.account_id) == (True, account.id)
    second = open_trial(session, account.id, nora.id, "en", first.hold_until)
    assert second is not first
    assert latest_trials(session, [account.id]) == {account.id: second}


def test_of_two_accounts_at_one_gateway_the_very_one_is_tried(session, provider, account, nora):
    make_payee_account(session, provider, currencies=["USD"], created_at=NOW - timedelta(days=1))
    order, payment = begin(session, account, nora)
    record_refusal(session, payment.id, Refused("declined"), SOON)
    assert open_payment(session, order.id, SOON).account_id == account.id
    account.state = AccountState.DEGRADED
    record_refusal(session, latest_payment_of(session, order.id).id, Refused("declined"), SOON)
    with pytest.raises(MethodUnavailable):
        open_payment(session, order.id, SOON)


@pytest.mark.parametrize(
    "provider_state, account_state, code",
    [
        (ProviderState.ONBOARDING, AccountState.ACTIVE, "provider"),
        (ProviderState.SUSPENDED, AccountState.ACTIVE, "provider"),
        (ProviderState.ACTIVE, AccountState.VERIFYING, "account"),
        (ProviderState.ACTIVE, AccountState.DEGRADED, "account"),
    ],
)
def test_only_an_approved_provider_tries_an_account_in_use(
    session, provider, account, nora, provider_state, account_state, code
):
    provider.state, account.state = provider_state, account_state
    session.flush()
    with pytest.raises(NotToBeTried) as refused:
        open_trial(session, account.id, nora.id, "en", NOW)
    assert refused.value.code == code


def test_buyers_are_offered_nothing_that_has_not_been_tried_out(session, provider, account, nora):
    offer = make_offer(session, provider=provider)
    basket = make_basket(session, {offer: 2})
    assert currencies_without(session, account) == []
    assert usable_account(session, provider.id, "paypal", "USD") is None
    assert [line.left for line in read_basket(session, basket.id, NOW).lines] == [0]
    assert common_methods(session, read_basket(session, basket.id, NOW)) == []
    capture(session, begin(session, account, nora)[1])
    assert usable_account(session, provider.id, "paypal", "USD") is account
    assert [line.left for line in read_basket(session, basket.id, SOON).lines] == [100]
    assert common_methods(session, read_basket(session, basket.id, SOON)) == ["paypal"]


def test_a_trial_counts_nowhere_and_has_no_page_for_buyers(session, provider, account, nora):
    def figures():
        overview = platform_overview(session, NOW)
        return (
            own_figures(session, provider.id),
            overview.refunds,
            overview.orders_this_month,
            list(overview.latest),
        )

    before = figures()
    order, payment = begin(session, account, nora)
    assert figures() == before
    capture(session, payment)
    assert figures() == before
    assert (order.person_id, order_by_token(session, order.token)) == (None, None)
    assert orders_of_address(session, order.email, NOW) == []
    # Its provider sees it among its orders.
    assert list(orders_page(session, Wanted(provider_id=provider.id), NOW).orders) == [order]
    assert own_trial(session, make_provider(session).id, order.number) is None
    assert standing(session, order).payment_state == PaymentState.CAPTURED
