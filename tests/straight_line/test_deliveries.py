"""However notifications arrive, twice, last first, late or forged: the books end as if each had come once and in order.

The truth is the fake gateway's; whether a message is genuine is for the real adapters to say.
"""

import base64
import json
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
import stripe
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, func, select, text

from app.domain.offers.models import Offer
from app.domain.orders.models import Order
from app.domain.payments.facts import account_of
from app.domain.payments.keep_notification import keep_payment_notification
from app.domain.payments.models import Notification, Payment, PaymentEntry
from app.integrations.gateways.fake import FakeCheckout, FakeGateway
from app.integrations.gateways.interface import Entry, Hint, NotificationRefused, PayeeAccount, PaymentGateway
from app.integrations.gateways.paypal import PayPalGateway
from app.integrations.gateways.stripe import StripeGateway
from app.money import Money
from app.sealing import Sealer
from app.settings import Settings
from app.shells.look_at_payment import look_at_payment
from app.shells.start_checkout import start_checkout
from tests.factories import make_offer, make_orders, make_payee_account, make_provider
from tests.integrations.gateways.test_notifications import CERTIFICATE, Authority, Certificates
from tests.journey import Journey

SEQUENCES = 150  # for each gateway; each one takes a tenth of a second and more
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET = "whsec_of_this_test"
FORGERIES = ("body", "signature", "time", "unsigned", "account")
Message = tuple[bytes, dict[str, str]]


class PaperGateway(FakeGateway):
    """Tells the fake's truth, and leaves it to a real adapter whether a message is genuine."""

    def __init__(self, code: str, judge: PaymentGateway) -> None:
        super().__init__(code, releases=judge.releases)
        self._judge = judge

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:
        return self._judge.verify(raw, headers, account, now)


class PayPalPost:
    """Writes and signs messages as PayPal does."""

    code = "paypal"
    longest = timedelta(days=4)

    def __init__(self, folder: Path) -> None:
        authority, key = Authority(), rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key, self.api = key, Certificates()
        self.api.served[CERTIFICATE] = authority.issue(key)
        ca_file = folder / "ca.pem"
        ca_file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
        self.judge = PayPalGateway(self.api.url, ca_file)

    def account(self) -> dict[str, Any]:
        return {"gateway": "paypal", "webhook_id": "WH-OF-THIS-TEST"}

    def event(self, event_id: str, checkout: FakeCheckout) -> bytes:
        about = {"id": checkout.external_id, "custom_id": checkout.reference}
        return json.dumps({"id": event_id, "event_type": "PAYMENT.X", "resource": about}).encode()

    def sign(self, raw: bytes, at: datetime, forged: str = "") -> Message:
        sent = (at - timedelta(days=9) if forged == "time" else at).isoformat()
        webhook = "WH-OF-SOMEBODY" if forged == "account" else "WH-OF-THIS-TEST"
        message = f"T|{sent}|{webhook}|{zlib.crc32(raw)}".encode()
        signature = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        headers = {
            "PAYPAL-TRANSMISSION-ID": "T",
            "PAYPAL-TRANSMISSION-TIME": sent,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-CERT-URL": self.api.url + CERTIFICATE,
        }
        if forged == "signature":
            headers["PAYPAL-TRANSMISSION-SIG"] = base64.b64encode(b"x" * 256).decode()
        return raw, {} if forged == "unsigned" else headers


class StripePost:
    """Writes and signs messages as Stripe does."""

    code = "stripe"

    def __init__(self, folder: Path) -> None:
        self.judge = StripeGateway("http://127.0.0.1:1")

    def account(self) -> dict[str, Any]:
        return {
            "gateway": "stripe",
            "mode": "own_key",
            "webhook_secret_sealed": Sealer(_SECRET_KEY).seal(SECRET),
            "livemode": False,
        }

    def event(self, event_id: str, checkout: FakeCheckout) -> bytes:
        about = {"id": checkout.external_id, "client_reference_id": checkout.reference}
        event = {"id": event_id, "type": "checkout.x", "livemode": False, "data": {"object": about}}
        return json.dumps(event).encode()

    def sign(self, raw: bytes, at: datetime, forged: str = "") -> Message:
        sent = int((at - timedelta(minutes=6) if forged == "time" else at).timestamp())
        secret = "whsec_of_somebody" if forged == "account" else SECRET
        header = stripe.WebhookSignature.generate_signature_header(raw.decode(), secret, timestamp=sent)
        if forged == "signature":
            header = f"t={sent},v1={'0' * 64}"
        return raw, {} if forged == "unsigned" else {"Stripe-Signature": header}


_SECRET_KEY = "a secret for tests only, long enough for anything"


# What happens at the gateway, step by step; each step is told by two events.


def approve(paper: PaperGateway, checkout: FakeCheckout) -> None:
    paper.approve(checkout.external_id)


def approve_with_echeck(paper: PaperGateway, checkout: FakeCheckout) -> None:
    paper.approve(checkout.external_id, "pending")


def approve_in_vain(paper: PaperGateway, checkout: FakeCheckout) -> None:
    paper.approve(checkout.external_id)
    paper.reverse(checkout.external_id)


def nothing_more(paper: PaperGateway, checkout: FakeCheckout) -> None:
    """The platform has acted, and the gateway tells of it."""


def settle(paper: PaperGateway, checkout: FakeCheckout) -> None:
    paper.settle(checkout.external_id)


def deny(paper: PaperGateway, checkout: FakeCheckout) -> None:
    paper.deny(checkout.external_id)


def moved(kind: str, share: int) -> Callable[[PaperGateway, FakeCheckout], None]:
    """Money moves outside the platform: `share` hundredths of what was paid."""

    def move(_: PaperGateway, checkout: FakeCheckout) -> None:
        amount = Money(checkout.amount.minor * share // 100, checkout.amount.currency)
        checkout.entries.append(Entry(kind, f"{kind}-{checkout.external_id}", amount, START))

    return move


STORIES = {
    "paid": (approve, nothing_more),
    "refunded": (approve, nothing_more, moved("refund", 100)),
    "refunded in part": (approve, moved("refund", 30), nothing_more),
    "disputed and won": (approve, nothing_more, moved("chargeback", 100), moved("chargeback_won", 100)),
    "paid later": (approve_with_echeck, nothing_more, settle),
    "never paid": (approve_with_echeck, deny),
    "approved in vain": (approve_in_vain, nothing_more),
}


@dataclass(frozen=True)
class Arrival:
    """One message: which of those that there are by now, forged or not, and whether a worker has time after it."""

    which: int
    forged: str = ""
    minutes: int = 0
    worked: bool = True


arrivals = st.lists(
    st.builds(
        Arrival,
        st.integers(0, 50),
        st.one_of(st.just(""), st.just(""), st.sampled_from(FORGERIES)),
        st.sampled_from((0, 0, 1, 4)),
        st.booleans(),
    ),
    max_size=5,
)
histories = st.tuples(st.sampled_from(sorted(STORIES)), st.lists(arrivals, min_size=4, max_size=4))


@dataclass
class Office:
    """A platform that gets post about one payment after the other."""

    journey: Journey
    post: Any
    paper: PaperGateway
    clock: datetime = START
    offer_id: UUID = field(init=False)
    account: PayeeAccount = field(init=False)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.journey.neighbours.gateways[self.post.code] = self.paper  # type: ignore[index] (a dict in tests)
        self.works = replace(self.journey.works, now=lambda: self.clock)
        with self.works.sessions.begin() as session:
            provider = make_provider(session, account=False)
            account = make_payee_account(session, provider, **self.post.account())
            granted = self.journey.registry.grant(1_000_000)
            offer = make_offer(session, provider=provider, granted=granted, quantity=1_000_000)
            self.offer_id, self.account = offer.id, account_of(account, self.works.sealer)

    def live_through(self, story: str, parts: list[list[Arrival]] | None) -> tuple[Any, ...]:
        """What the books say in the end. Without `parts`: each message once, in order, and worked on at once."""
        self.clock = START
        with self.works.sessions.begin() as session:
            offer = session.get_one(Offer, self.offer_id)
            (order,) = make_orders(session, {offer: 2}, method=self.post.code, now=self.clock).orders
            order_id = order.id
        payment = start_checkout(self.works, order_id)
        checkout = self.paper.checkouts[payment.external_id or ""]
        there: list[bytes] = []
        told: set[int] = set()
        for number, step in enumerate(STORIES[story]):
            step(self.paper, checkout)
            first = len(there)
            there += [self._new_event(checkout), self._new_event(checkout)]
            for arrival in parts[number] if parts else [Arrival(first), Arrival(first + 1)]:
                which = arrival.which % len(there)
                self.clock += timedelta(minutes=arrival.minutes)
                taken = self._deliver(there[which], arrival.forged)
                assert taken is not bool(arrival.forged)
                if taken:
                    told.add(which)
                if arrival.worked:
                    self._work()
            # Both gateways go on until they were thanked: nothing is lost, some of it is only late.
            if parts and first not in told:
                self._deliver(there[first], "")
                told.add(first)
            self._work()
        for which in set(range(len(there))) - told:
            self._deliver(there[which], "")
        self._work()
        return self._books(order_id, payment.id, len(there))

    def _new_event(self, checkout: FakeCheckout) -> bytes:
        self.numbers += 1
        return self.post.event(f"EVENT-{self.numbers}", checkout)

    def _deliver(self, raw: bytes, forged: str) -> bool:
        message, headers = self.post.sign(raw, self.clock, forged)
        if forged == "body":
            message = raw.replace(b"EVENT-", b"EVENT-9")
        try:
            hint = self.paper.verify(message, headers, self.account, self.clock)
        except NotificationRefused:
            return False
        with self.works.sessions.begin() as session:
            keep_payment_notification(
                session, UUID(self.account.id), self.post.code, hint, message, self.clock
            )
        return True

    def _work(self) -> None:
        with self.works.sessions.begin() as session:
            rows = session.execute(text("DELETE FROM procrastinate_jobs RETURNING task_name, args")).all()
        for row in rows:
            if row.task_name == "look_at_payment":
                look_at_payment(self.works, UUID(row.args["payment_id"]))

    def _books(self, order_id: UUID, payment_id: UUID, events: int) -> tuple[Any, ...]:
        with self.works.sessions() as session:
            order, payment = session.get_one(Order, order_id), session.get_one(Payment, payment_id)
            entries = session.execute(select(PaymentEntry).where(PaymentEntry.payment_id == payment_id))
            kept = select(func.count()).where(Notification.subjects.contains([str(payment_id)]))
            assert session.execute(kept).scalar_one() == events, "each event is kept once, no forged one ever"
            received = [
                entry
                for entry in self.paper.checkouts[payment.external_id or ""].entries
                if entry.kind == "receipt"
            ]
            return (
                order.state,
                order.state_reason,
                payment.state,
                payment.reason,
                sorted((entry.kind, entry.amount_minor) for entry in entries.scalars()),
                len(received),
            )


@pytest.fixture(params=[PayPalPost, StripePost], ids=["paypal", "stripe"])
def office(
    request: pytest.FixtureRequest, settings: Settings, engine: Engine, tmp_path: Path
) -> Iterator[Office]:
    post = request.param(tmp_path)
    with at_home(post):
        yield Office(Journey(settings, engine), post, PaperGateway(post.code, post.judge))
    post.judge.close()


@contextmanager
def at_home(post: Any) -> Iterator[None]:
    """PayPal's certificate can be had as long as the block lasts."""
    if not isinstance(post, PayPalPost):
        yield
        return
    thread = threading.Thread(target=post.api.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield
    post.api.server.shutdown()
    post.api.server.server_close()
    thread.join()


many = settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)


def test_ordered_stories_end_differently_enough(office: Office):
    """The comparison below is worth something: the stories do not all end alike."""
    ends = {story: office.live_through(story, None) for story in STORIES}
    assert len({repr(end) for end in ends.values()}) >= 6
    assert ends["paid"][4] == [("receipt", 2240)]
    assert ends["never paid"][4] == ends["approved in vain"][4] == []


@pytest.mark.timeout(900)
def test_any_delivery_ends_as_the_ordered_one(office: Office):
    ordered = {story: office.live_through(story, None) for story in STORIES}
    lived = 0

    @many
    @given(history=histories)
    def one(history: tuple[str, list[list[Arrival]]]) -> None:
        nonlocal lived
        lived += 1
        story, parts = history
        assert office.live_through(story, parts) == ordered[story]

    one()
    assert lived >= SEQUENCES
