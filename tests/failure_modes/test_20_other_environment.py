"""Events and money for trying out do not count on a live account, nor the other way round."""

import pytest

from app.domain.orders.models import OrderState
from app.domain.payments.models import AccountState, Payment, PaymentState, ProviderPayeeAccount
from app.integrations.gateways.interface import PayeeProblem
from tests.failure_modes.bench import Bench


def go_live(bench: Bench, payment: Payment) -> None:
    """Our account is one for real money; the sandbox's is not."""
    with bench.works.sessions.begin() as session:
        session.get_one(ProviderPayeeAccount, payment.account_id).livemode = True


def test_failure_mode_20_a_test_event_is_refused_on_a_live_account(bench: Bench) -> None:
    payment = bench.start(bench.place("stripe"))
    bench.listen(payment)
    bench.town.approve(payment)
    letter = bench.letter(payment, "checkout.session.completed")
    assert b'"livemode": false' in letter.content.replace(b'":false', b'": false')
    go_live(bench, payment)
    assert bench.deliver(letter, payment) == 400
    assert bench.notifications() == []


def test_failure_mode_20_test_money_pays_no_live_order(bench: Bench) -> None:
    order, payment = bench.buy("stripe")
    go_live(bench, payment)
    bench.settle(payment)
    assert bench.order(order).state == OrderState.NEEDS_ATTENTION
    assert (bench.money(order), bench.town.captures(payment.id)) == ([], [])


def test_failure_mode_20_a_test_key_opens_no_live_checkout(bench: Bench) -> None:
    order = bench.place("stripe")
    with bench.works.sessions.begin() as session:
        account = (
            session.query(ProviderPayeeAccount)
            .filter_by(provider_id=order.provider_id, gateway="stripe")
            .one()
        )
        account.livemode = True
    with pytest.raises(PayeeProblem) as refused:
        bench.start(order)
    assert refused.value.code == "wrong_mode"
    with bench.session() as session:
        assert session.get_one(ProviderPayeeAccount, account.id).state == AccountState.DEGRADED
        assert session.query(Payment).filter_by(order_id=order.id).one().state == PaymentState.FAILED


@pytest.mark.parametrize("host", ["api.sandbox.paypal.com", "api.paypal.com"])
def test_failure_mode_20_paypals_environment_is_told_by_the_host(bench: Bench, host: str) -> None:
    payment = bench.start(bench.place("paypal"))
    bench.listen(payment)
    bench.town.approve(payment)
    letter = bench.letter(payment)
    known = letter.headers["paypal-cert-url"]
    foreign = known.replace(bench.town.paypal.url, f"https://{host}")
    assert foreign != known
    # Whoever signed it, the certificate of another PayPal than ours is not even asked for.
    headers = {**letter.headers, "paypal-cert-url": foreign}
    assert bench.deliver(letter, payment, headers=headers) == 400
    assert bench.notifications() == []
    assert bench.deliver(letter, payment) == 200
