"""The main job with PayPal through the platform's own application, and the money that comes back by hand or by a dispute."""

from sqlalchemy import select

from app.domain.orders.give_back import give_back
from app.domain.orders.models import Order, OrderState
from app.domain.payments.models import AccountState, Payment, ProviderPayeeAccount
from app.domain.payments.queries import locked_order
from app.domain.payments.refund_models import Refund, RefundState
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.straight_line.test_cards import look_soon, money
from tests.town import Town, fresh, paid_through_platform, place, run_until_quiet


def bought(works: Works, town: Town, mode: str, scenario: str = "no_webhook") -> tuple[Order, Payment]:
    offer = paid_through_platform(works, town, mode)
    order = place(works, {offer.id: 3}).orders[0]
    payment = start_checkout(works, order.id)
    town.approve(payment, scenario)
    look_soon(works, payment)
    return order, payment


def test_a_partners_merchant_is_paid_and_a_chargeback_is_seen(shop: Works, town: Town):
    order, payment = bought(shop, town, "partner")
    run_until_quiet(shop)
    assert fresh(shop, order).state == OrderState.COMPLETED
    (capture,) = town.captures(payment.id)
    assert capture["api_caller"] == shop.settings.paypal_partner_id != capture["payee"]
    town.at_paypal(f"captures/{capture['id']}/dispute")
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert (fresh(shop, order).state, money(shop, payment)) == (
        OrderState.COMPLETED,
        ["chargeback", "receipt"],
    )


def test_a_payee_gives_money_back_by_hand(shop: Works, town: Town):
    town.fault("requestCancellation", "refuse", code="block_not_available")
    order, payment = bought(shop, town, "payee")
    run_until_quiet(shop)
    with shop.sessions.begin() as session:
        # The buyer wants no other units.
        give_back(session, locked_order(session, order.id), None, shop.now())
    run_until_quiet(shop)
    assert (fresh(shop, order).state, money(shop, payment)) == (OrderState.REFUND_DUE, ["receipt"])
    with shop.sessions() as session:
        (task,) = session.execute(select(Refund).where(Refund.order_id == order.id)).scalars()
        assert (task.state, task.problem) == (RefundState.BY_HAND, "no_api_refund")
    (capture,) = town.captures(payment.id)
    town.at_paypal(f"captures/{capture['id']}/refund")
    look_soon(shop, payment)
    run_until_quiet(shop)
    assert (fresh(shop, order).state, money(shop, payment)) == (OrderState.REFUNDED, ["receipt", "refund"])


def test_a_payee_without_consent_is_offered_to_nobody_else(shop: Works, town: Town):
    order, payment = bought(shop, town, "payee", "no_consent")
    run_until_quiet(shop)
    assert (fresh(shop, order).state, money(shop, payment)) == (OrderState.AWAITING_PAYMENT, [])
    with shop.sessions() as session:
        account = session.get_one(ProviderPayeeAccount, payment.account_id)
        assert (account.state, account.state_reason) == (AccountState.DEGRADED, "no_consent")
