"""However notifications arrive, twice, last first, late or forged: the books end as if each had come once and in order.

The truth is the fake gateway's; whether a message is genuine is for the real adapters to say.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import sessionmaker

from app.database import make_engine
from app.domain.orders.models import Order
from app.domain.payments.facts import account_of
from app.domain.payments.keep_notification import keep_payment_notification
from app.domain.payments.models import Notification, Payment, PaymentEntry
from app.integrations.gateways.fake import FakeCheckout, FakeGateway
from app.integrations.gateways.interface import Entry, Hint, NotificationRefused, PayeeAccount, PaymentGateway
from app.money import Money
from app.shells.look_at_payment import look_at_payment
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.conftest import lonely_settings
from tests.databases import address_of, copy_database
from tests.factories import make_offer, make_orders, make_payee_account, make_provider
from tests.journey import Journey
from tests.straight_line.posts import FORGERIES, POSTS, Message, Post
from tests.thorough import THOROUGH

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class PaperGateway(FakeGateway):
    """Tells the fake's truth, and leaves it to a real adapter whether a message is genuine."""

    def __init__(self, code: str, judge: PaymentGateway) -> None:
        super().__init__(code, releases=judge.releases)
        self._judge = judge

    def verify(self, raw: bytes, headers: Mapping[str, str], account: PayeeAccount, now: datetime) -> Hint:
        return self._judge.verify(raw, headers, account, now)


# What happens at the gateway, step by step; each step is told by two events.

Step = Callable[["PaperGateway", FakeCheckout], None]


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


def moved(kind: str, share: int) -> Step:
    """Money moves outside the platform: `share` hundredths of what was paid."""

    def move(_: PaperGateway, checkout: FakeCheckout) -> None:
        amount = Money(checkout.amount.minor * share // 100, checkout.amount.currency)
        checkout.entries.append(Entry(kind, f"{kind}-{checkout.external_id}", amount, START))

    return move


STORIES: dict[str, tuple[Step, ...]] = {
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


# Over all gateways and stories together.
SEQUENCES = 2_000 if THOROUGH else 400
EACH = -(-SEQUENCES // (len(POSTS) * len(STORIES)))
arrivals = st.lists(
    st.builds(
        Arrival,
        st.integers(0, 50),
        st.one_of(st.just(""), st.just(""), st.sampled_from(FORGERIES)),
        st.sampled_from((0, 0, 1, 4)),
        st.sampled_from((False, False, False, True)),  # to look is what takes long
    ),
    max_size=2,
)


@dataclass
class Office:
    """A platform that gets post about a payment whose buyer has just been sent to the gateway.

    Whatever it lives through is rolled back in the end, the platform's own commits included: a sequence costs no
    new order, and the next one finds everything as it was. Constraints and triggers are the real ones all the while.
    """

    journey: Journey
    post: Post
    clock: datetime = START
    ordered: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    letters: dict[tuple[bytes, datetime, str], Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.paper = PaperGateway(self.post.code, self.post.judge)
        self.journey.neighbours.gateways[self.post.code] = self.paper  # type: ignore[index] (a dict in tests)
        works = replace(self.journey.works, now=lambda: self.clock)
        with works.sessions.begin() as session:
            provider = make_provider(session, account=False)
            account = make_payee_account(session, provider, gateway=self.post.code, **self.post.account())
            offer = make_offer(session, provider=provider, granted=self.journey.registry.grant(9), quantity=9)
            (order,) = make_orders(session, {offer: 2}, method=self.post.code, now=START).orders
            self.account = account_of(account, works.sealer)
        self.order_id = order.id
        payment = start_checkout(works, order.id)
        self.payment_id, self.opened = payment.id, self.paper.checkouts[payment.external_id or ""]
        self.engine = works.sessions.kw["bind"]
        with self.engine.begin() as connection:
            connection.execute(text("DELETE FROM procrastinate_jobs"))

    def signed(self, raw: bytes, at: datetime, forged: str) -> Message:
        """To sign takes longer than to check, and the sequences are about the same few messages."""
        if (raw, at, forged) not in self.letters:
            self.letters[raw, at, forged] = self.post.sign(raw, at, forged)
        return self.letters[raw, at, forged]

    def ends_in_order(self, story: str) -> tuple[Any, ...]:
        """What the books say when each message comes once, in order, and is worked on at once."""
        if story not in self.ordered:
            self.ordered[story] = self.live_through(story, None)
        return self.ordered[story]

    def live_through(self, story: str, parts: list[list[Arrival]] | None) -> tuple[Any, ...]:
        """What the books say in the end; without `parts`, of the ordered course of things."""
        with self.engine.connect() as connection, connection.begin() as everything:
            # Nobody here rolls back and goes on, so no act needs a savepoint of its own.
            sessions = sessionmaker(connection, join_transaction_mode="rollback_only", expire_on_commit=False)
            works = replace(self.journey.works, sessions=sessions, now=lambda: self.clock)
            books = Life(self, connection, works).through(STORIES[story], parts)
            # Told by libpq itself: psycopg would forget the statements that the connection has prepared.
            connection.connection.driver_connection.pgconn.exec_(b"ROLLBACK")
            everything.rollback()
        return books


@dataclass
class Life:
    """One sequence of what happens at the gateway and of what arrives at the platform."""

    office: Office
    connection: Connection
    works: Works

    def through(self, steps: tuple[Step, ...], parts: list[list[Arrival]] | None) -> tuple[Any, ...]:
        """What the books say in the end."""
        self.office.clock = START
        paper = self.office.paper
        checkout = replace(self.office.opened, entries=[])
        paper.checkouts[checkout.external_id] = checkout
        there: list[bytes] = []
        told: set[int] = set()
        for number, step in enumerate(steps):
            step(paper, checkout)
            first = len(there)
            there += [self.office.post.event(f"EVENT-{first + each}", checkout) for each in range(2)]
            for arrival in parts[number] if parts else [Arrival(first), Arrival(first + 1)]:
                which = arrival.which % len(there)
                self.office.clock += timedelta(minutes=arrival.minutes)
                taken = self._deliver(there[which], arrival.forged)
                assert taken is not bool(arrival.forged)
                if taken:
                    told.add(which)
                if arrival.worked:
                    self._work()
            # The gateways go on until they were thanked: nothing is lost, some of it is only late.
            if parts and first not in told:
                self._deliver(there[first], "")
                told.add(first)
            self._work()
        for which in set(range(len(there))) - told:
            self._deliver(there[which], "")
        self._work()
        return self._books(checkout, len(there))

    def _deliver(self, raw: bytes, forged: str) -> bool:
        now, account, gateway = self.office.clock, self.office.account, self.office.paper
        message, headers = self.office.signed(raw, now, forged)
        if forged == "body":
            message = raw.replace(b"EVENT-", b"EVENT-9")
        try:
            hint = gateway.verify(message, headers, account, now)
        except NotificationRefused:
            return False
        with self.works.sessions.begin() as session:
            keep_payment_notification(session, UUID(account.id), gateway.code, hint, message, now)
        return True

    def _work(self) -> None:
        """Jobs that wait together look once: nothing happens between them, and later ones see this truth again."""
        rows = self.connection.exec_driver_sql(
            "DELETE FROM procrastinate_jobs RETURNING task_name, args"
        ).all()
        for payment_id in {row.args["payment_id"] for row in rows if row.task_name == "look_at_payment"}:
            look_at_payment(self.works, UUID(payment_id))

    def _books(self, checkout: FakeCheckout, events: int) -> tuple[Any, ...]:
        payment_id = self.office.payment_id
        with self.works.sessions() as session:
            order, payment = (
                session.get_one(Order, self.office.order_id),
                session.get_one(Payment, payment_id),
            )
            entries = session.execute(select(PaymentEntry).where(PaymentEntry.payment_id == payment_id))
            kept = session.execute(select(func.count(), Notification.outcome).group_by(Notification.outcome))
            assert kept.all() == [(events, "looked")], "each event is kept once, no forged one ever"
            return (
                order.state,
                order.state_reason,
                payment.state,
                payment.reason,
                sorted((entry.kind, entry.amount_minor) for entry in entries.scalars()),
                len([entry for entry in checkout.entries if entry.kind == "receipt"]),
            )


@pytest.fixture(scope="module")
def offices(
    postgres: URL, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[type[Post]], Office]]:
    """The office of a gateway, opened when it is first asked for."""
    opened: dict[str, Office] = {}
    with ExitStack() as closing:

        def office_of(kind: type[Post]) -> Office:
            if kind.code not in opened:
                folder = tmp_path_factory.mktemp(kind.code)
                post = kind(folder)
                closing.callback(post.close)
                name = closing.enter_context(copy_database(postgres, template_database))
                address = address_of(postgres.set(database=name))
                engine = make_engine(address)
                closing.callback(engine.dispose)
                opened[kind.code] = Office(Journey(lonely_settings(address, folder), engine), post)
            return opened[kind.code]

        yield office_of


@pytest.fixture(params=POSTS, ids=[post.code for post in POSTS])
def office(request: pytest.FixtureRequest, offices: Callable[[type[Post]], Office]) -> Office:
    return offices(request.param)


def test_ordered_stories_end_differently_enough(office: Office):
    """The comparison below is worth something: the stories do not all end alike."""
    ends = {story: office.ends_in_order(story) for story in STORIES}
    assert len({repr(end) for end in ends.values()}) >= 6
    assert ends["paid"][4] == [("receipt", 2240)]
    assert ends["never paid"][4] == ends["approved in vain"][4] == []


@pytest.mark.timeout(600)  # on a busy machine
@pytest.mark.parametrize("story", STORIES)
def test_any_delivery_ends_as_the_ordered_one(office: Office, story: str):
    ordered, steps = office.ends_in_order(story), len(STORIES[story])
    lived = 0

    @settings(max_examples=EACH, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(parts=st.lists(arrivals, min_size=steps, max_size=steps))
    def one(parts: list[list[Arrival]]) -> None:
        nonlocal lived
        assert office.live_through(story, parts) == ordered
        lived += 1

    one()
    assert lived >= EACH
