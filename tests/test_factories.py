"""What the factories make fits together: an order can be placed of it, and its secrets can be opened."""

from sqlalchemy import select

from app.domain.orders.models import OrderState
from app.domain.payments.models import ProviderPayeeAccount
from app.integrations.registry.fake import FakeRegistry
from app.sealing import Sealer
from tests.factories import PAYEE_SECRET, make_offer, make_order, make_orders, make_provider


def test_an_offer_can_be_ordered_by_default(session):
    offer = make_offer(session, quantity=30, price="11.20", currency="USD")
    order = make_order(session, offer, 25)
    assert order.state == OrderState.AWAITING_PAYMENT
    assert (order.total_minor, order.currency) == (28000, "USD")
    assert offer.held == 25


def test_two_offers_of_one_provider_make_one_order(session):
    provider = make_provider(session)
    group = make_orders(
        session, {make_offer(session, provider=provider): 1, make_offer(session, provider=provider): 2}
    )
    assert [order.quantity for order in group.orders] == [3]


def test_an_offer_can_sell_a_mandate_of_the_fake_registry(session):
    granted = FakeRegistry().grant(40, unit_class="MCER")
    offer = make_offer(session, quantity=40, granted=granted)
    assert offer.mandate.mandate_id == granted.mandate_id
    assert make_order(session, offer, 40).quantity == 40


def test_the_payee_secret_opens_with_the_settings_of_the_tests(session, settings):
    make_provider(session)
    account = session.execute(select(ProviderPayeeAccount)).scalar_one()
    assert Sealer(settings.secret_key).open(account.secret_sealed) == PAYEE_SECRET
