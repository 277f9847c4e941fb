"""An account that is taken off while an order is being paid, and secrets that are changed: against Stripe's sandbox."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from app.domain.mails.models import Mail
from app.domain.offers.models import Offer
from app.domain.orders.models import Order, OrderState
from app.domain.payments.keep_notification import keep_payment_notification
from app.domain.payments.models import AccountState, Payment, PaymentState, ProviderPayeeAccount
from app.domain.payments.payees.draft_account import Credentials, draft_account
from app.domain.payments.payees.revoke_account import revoke_account
from app.domain.payments.payees.submit_account import submit_account
from app.integrations.gateways.interface import Hint, PayeeProblem
from app.shells.expire import expire
from app.shells.look_at_payment import look_at_payment
from app.shells.probe_account import probe_account
from app.shells.rotate_secret import rotate_secret
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.domain.people.samples import make_buyer
from tests.sandbox.stripe.seller import Seller
from tests.town import Town, place
from tests.traces import jobs


class House:
    """A provider with an account of its own at Stripe, added and tried out as in the console."""

    def __init__(self, works: Works, town: Town, mode: str) -> None:
        self.works, self.town, self.mode = works, town, mode
        self.seller = Seller(town.stripe.url, mode=mode)
        with works.sessions.begin() as session:
            self.offer = self._offer(session)
            self.person = make_buyer(session).id
            secret = self.seller.key if mode == "own_key" else ""
            account = draft_account(
                session,
                self.offer.provider_id,
                "stripe",
                mode,
                Credentials(self.seller.account_id if mode == "connect" else "", "", secret),
                [self.offer.currency],
                self.person,
                works.sealer,
                works.now(),
            )
            self.id: UUID = account.id
            submit_account(session, self.id, self.person, works.now())
        assert probe_account(works, self.id) == AccountState.ACTIVE
        with works.sessions.begin() as session:  # its provider has paid itself there
            session.get_one(ProviderPayeeAccount, self.id).tested_at = works.now()

    def _offer(self, session) -> Offer:
        """Of a provider who could not be paid by card before."""
        paid_by_card = select(ProviderPayeeAccount.provider_id).where(
            ProviderPayeeAccount.gateway == "stripe"
        )
        wanted = (
            select(Offer)
            .where(Offer.provider_id.not_in(paid_by_card), Offer.min_quantity == 1, Offer.quantity > 100)
            .order_by(Offer.mandate_id)
            .limit(1)
        )
        return session.execute(wanted).scalar_one()

    @property
    def account(self) -> ProviderPayeeAccount:
        with self.works.sessions() as session:
            return session.get_one(ProviderPayeeAccount, self.id)

    def order(self) -> Order:
        return place(self.works, {self.offer.id: 2}, method="stripe").orders[0]

    def state(self, order: Order) -> OrderState:
        with self.works.sessions() as session:
            return session.get_one(Order, order.id).state

    def payment(self, payment: Payment) -> Payment:
        with self.works.sessions() as session:
            return session.get_one(Payment, payment.id)

    def mailed(self, order: Order) -> list[str]:
        with self.works.sessions() as session:
            return list(session.scalars(select(Mail.kind).where(Mail.order_id == order.id)))

    def held(self) -> int:
        with self.works.sessions() as session:
            return session.get_one(Offer, self.offer.id).held

    def change_key(self, secret: str, **more: str) -> None:
        """At Stripe the old key opens nothing from now on."""
        body = {"external_id": self.seller.account_id, "client_secret": secret, **more}
        httpx.post(f"{self.town.stripe.url}/sandbox/accounts", json=body).raise_for_status()

    def time_over(self, order: Order) -> None:
        with self.works.sessions.begin() as session:
            session.get_one(Order, order.id).hold_until = self.works.now() - timedelta(minutes=1)


@pytest.fixture
def own_key(shop: Works, town: Town) -> Iterator[House]:
    house = House(shop, town, "own_key")
    yield house
    house.seller.close()


@pytest.fixture
def connected(shop: Works, town: Town) -> Iterator[House]:
    house = House(shop, town, "connect")
    yield house
    house.seller.close()


def test_failure_mode_17_an_account_taken_off_mid_order_is_followed_and_its_buyers_told(
    own_key: House, town: Town
):
    order = own_key.order()
    payment = start_checkout(own_key.works, order.id)
    with own_key.works.sessions.begin() as session:
        revoke_account(session, own_key.id, own_key.person, own_key.works.now())
        assert {"payment_id": str(payment.id)} in jobs(session, "look_at_payment")
    assert own_key.account.state == AccountState.REVOKED
    assert "method_unavailable" in own_key.mailed(order)
    # What was begun is still asked about, and taken when the buyer goes through with it.
    look_at_payment(own_key.works, payment.id)
    assert own_key.payment(payment).state == PaymentState.STARTED
    town.approve(payment, "approve")
    look_at_payment(own_key.works, payment.id)
    assert own_key.payment(payment).state == PaymentState.CAPTURED
    assert own_key.state(order) == OrderState.CANCELLING


def test_failure_mode_17_consent_that_ends_at_the_gateway_frees_the_units_in_time(connected: House):
    order = connected.order()
    payment = start_checkout(connected.works, order.id)
    before = connected.held()
    # The provider ends the connection at Stripe, which tells us.
    connected.change_key(f"rk_test_{uuid4().hex}", mode="own_key")
    hint = Hint(str(uuid4()), "account.application.deauthorized", (), (), about_account=True)
    with connected.works.sessions.begin() as session:
        keep_payment_notification(session, connected.id, "stripe", hint, b"{}", connected.works.now())
        assert {"account_id": str(connected.id)} in jobs(session, "probe_account")
    assert probe_account(connected.works, connected.id) == AccountState.REVOKED
    assert connected.account.state_reason == "consent_revoked"
    assert "method_unavailable" in connected.mailed(order)
    # Nobody can look any more: that holds no units beyond their time.
    look_at_payment(connected.works, payment.id)
    connected.time_over(order)
    expire(connected.works, order.id)
    assert connected.state(order) == OrderState.EXPIRED
    assert connected.held() == before - order.quantity


def test_failure_mode_18_a_secret_that_was_changed_heals_by_the_new_one(own_key: House, town: Town):
    order = own_key.order()
    new = f"rk_test_{uuid4().hex}"
    own_key.change_key(new)
    with pytest.raises(PayeeProblem, match="credentials_refused"):
        start_checkout(own_key.works, order.id)
    assert (own_key.account.state, own_key.account.state_reason) == (
        AccountState.DEGRADED,
        "credentials_refused",
    )
    assert "method_unavailable" in own_key.mailed(order)
    assert probe_account(own_key.works, own_key.id) == AccountState.DEGRADED
    with pytest.raises(PayeeProblem, match="credentials_refused"):
        rotate_secret(own_key.works, own_key.id, "", "rk_test_mistyped", own_key.person)
    assert rotate_secret(own_key.works, own_key.id, "", new, own_key.person) == AccountState.ACTIVE
    hooks = httpx.get(
        f"{town.stripe.url}/v1/webhook_endpoints", headers={"Authorization": f"Bearer {new}"}
    ).json()["data"]
    assert [hook["id"] for hook in hooks] == [own_key.account.webhook_id]
    assert hooks[0]["url"].endswith(f"/webhooks/stripe/{own_key.id}")
    payment = start_checkout(own_key.works, order.id)
    town.approve(payment, "approve")
    look_at_payment(own_key.works, payment.id)
    assert own_key.payment(payment).state == PaymentState.CAPTURED


def test_failure_mode_18_a_leaked_secret_is_replaced_without_an_interruption(own_key: House, town: Town):
    order = own_key.order()
    payment = start_checkout(own_key.works, order.id)
    stranger = Seller(town.stripe.url, mode="own_key")
    with pytest.raises(PayeeProblem, match="wrong_account"):
        rotate_secret(own_key.works, own_key.id, "", stranger.key, own_key.person)
    stranger.close()
    assert own_key.account.state == AccountState.ACTIVE
    new = f"rk_test_{uuid4().hex}"
    own_key.change_key(new)
    before = own_key.account.secret_sealed
    assert rotate_secret(own_key.works, own_key.id, "", new, own_key.person) == AccountState.ACTIVE
    assert own_key.account.secret_sealed != before
    town.approve(payment, "approve")
    look_at_payment(own_key.works, payment.id)
    assert own_key.payment(payment).state == PaymentState.CAPTURED
