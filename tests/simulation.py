"""A small world in memory around the real database: a clock that is set, neighbours that fail, crashes on demand."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.domain.cancellations.models import Cancellation, CancellationState
from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.accept_substitute import ChoiceRefused, NotChoosing, accept_substitute
from app.domain.orders.give_back import give_back
from app.domain.orders.hold import NotAvailable
from app.domain.orders.models import Order, OrderLine, OrderState
from app.domain.orders.release_order import NotWaiting, refuse_order, release_order
from app.domain.orders.substitutes import substitutes_for
from app.domain.orders.withdraw_order import withdraw_order
from app.domain.payments.models import Payment, ReleaseRule
from app.domain.payments.open_payment import MethodUnavailable, NotPayable
from app.domain.payments.queries import locked_order
from app.domain.payments.release_terms import ReleaseTerms, terms_of_order
from app.domain.payments.set_release_policy import set_release_policy
from app.domain.states import IllegalStep
from app.integrations.documents.fake import FakeCertificates, FakeProFormas, FakeTaxDocuments
from app.integrations.errors import NeighbourError, OutcomeUnknown, Refused, TryAgain
from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import Entry, PayState
from app.integrations.mail.fake import FakeMailer
from app.integrations.registry.delegated_fake import FakeDelegatedRegistry
from app.integrations.registry.fake import FakeRegistry
from app.jobs.queue import jobs_by_name
from app.money import Money
from app.sealing import Sealer
from app.settings import Settings
from app.shells.start_checkout import start_checkout
from app.shells.sweep import sweep
from app.shells.works import Works
from app.wiring import Neighbours
from tests.domain.people.samples import make_buyer
from tests.factories import make_details, make_offer, make_orders, make_provider
from tests.town import plain_mail
from tests.traces import trail

_worlds = itertools.count(1)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# Orders in which the buyer's money has found its end, or a person sees it.
RIGHT_WITH_MONEY = {
    OrderState.COMPLETED,
    OrderState.REFUNDED,
    OrderState.REFUND_DUE,
    OrderState.FULFILMENT_FAILED,
    OrderState.NEEDS_ATTENTION,
}


class Crash(BaseException):
    """The process dies here. Nothing in the program may catch it."""


class Breaking:
    """A neighbour around which the process can die: just before a call goes out, and just after it came back."""

    def __init__(self, inner: Any, point: Callable[[], None]) -> None:
        self._inner, self._point = inner, point

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*arguments: Any, **named: Any) -> Any:
            self._point()
            answer = value(*arguments, **named)
            self._point()
            return answer

        return call


@dataclass
class World:
    """One platform with fakes. `crash_after` counts down the places where a process can die."""

    sessions: sessionmaker[Session]
    settings: Settings
    clock: datetime = START
    crash_after: int | None = None
    registry: FakeRegistry = field(init=False)
    gateway: FakeGateway = field(init=False)
    offers: list[UUID] = field(default_factory=list)
    orders: list[UUID] = field(default_factory=list)
    person: UUID = field(init=False)  # who decides for the provider

    def __post_init__(self) -> None:
        self.registry = FakeRegistry(clock=lambda: self.clock)
        # Worlds share a database: what one registry numbered, the next does not number again.
        self.registry._numbers = itertools.count(next(_worlds) * 10_000)
        self.gateway = FakeGateway()
        self.works = Works(
            self.settings,
            self.sessions,
            Neighbours(
                registry=Breaking(self.registry, self._point),
                delegated_registry=FakeDelegatedRegistry(self.registry),
                gateways={"paypal": Breaking(self.gateway, self._point)},
                mailer=Breaking(FakeMailer(), self._point),
                pro_formas=FakeProFormas(),
                tax_documents=FakeTaxDocuments(),
                certificates=Breaking(FakeCertificates(), self._point),
                identity={},
            ),
            Sealer(self.settings.secret_key),
            now=lambda: self.clock,
        )
        self.jobs = jobs_by_name(self.works, plain_mail)
        for name in ("before_commit", "after_commit"):
            event.listen(self.sessions, name, lambda _: self._point())

    def _point(self) -> None:
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after <= 0:
                self.crash_after = None
                raise Crash

    def open(self, *quantities: int) -> None:
        """One provider with an offer of each quantity."""
        with self.sessions.begin() as session:
            session.execute(text("DELETE FROM procrastinate_jobs"))
            provider = make_provider(session)
            self.person = make_buyer(session).id
            for quantity in quantities:
                offer = make_offer(session, provider=provider, granted=self.registry.grant(quantity))
                self.offers.append(offer.id)

    def survive(self, act: Callable[[], Any]) -> Any:
        """Do something that may crash or fail as a request does: the next one starts from the database."""
        try:
            return act()
        except (
            Crash,
            NeighbourError,
            NotAvailable,
            NotPayable,
            MethodUnavailable,
            IllegalStep,
            NotWaiting,
            NotChoosing,
            ChoiceRefused,
        ):
            return None

    # What happens in the world.

    def order(self, units: dict[int, int]) -> None:
        def place() -> None:
            with self.sessions.begin() as session:
                wanted = {session.get_one(Offer, self.offers[i]): n for i, n in units.items()}
                somebody = make_details(email=f"buyer-{len(self.orders)}@example.org")
                group = make_orders(session, wanted, details=somebody, now=self.clock)
                ids = [order.id for order in group.orders]
            self.orders.extend(ids)

        self.survive(place)

    def start(self, number: int) -> None:
        if order_id := self._order(number):
            self.survive(lambda: start_checkout(self.works, order_id))

    def approve(self, number: int, outcome: str) -> None:
        for payment in self._payments(number):
            if payment.external_id in self.gateway.checkouts:
                self.gateway.approve(payment.external_id, outcome)

    def gateway_moves(self, number: int, move: str) -> None:
        for payment in self._payments(number):
            checkout = self.gateway.checkouts.get(payment.external_id or "")
            if checkout is None:
                continue
            if move == "reverse" and checkout.state is PayState.AUTHORIZED:
                self.gateway.reverse(checkout.external_id)
            elif move == "settle" and checkout.state is PayState.PENDING:
                self.gateway.settle(checkout.external_id)
            elif move == "deny" and checkout.state is PayState.PENDING:
                self.gateway.deny(checkout.external_id)

    def notify(self, number: int) -> None:
        """A notification arrives, once more or for the first time."""

        def act() -> None:
            for payment in self._payments(number):
                with self.sessions.begin() as session:
                    defer(session, "look_at_payment", payment_id=payment.id)

        self.survive(act)

    def withdraw(self, number: int) -> None:
        def act() -> None:
            with self.sessions.begin() as session:
                order = locked_order(session, order_id)
                withdraw_order(session, order, "buyer", self.clock, actor="buyer")

        if order_id := self._order(number):
            self.survive(act)

    def fault(self, neighbour: str, kind: str, acted: bool) -> None:
        error = OutcomeUnknown("timeout") if kind == "unknown" else TryAgain("away")
        acted = acted and kind == "unknown"
        if neighbour in {"start", "capture", "refund"}:
            self.gateway.fail_next(neighbour, error, acted=acted)
        elif neighbour == "fetch":
            self.gateway.fail_next("fetch", TryAgain("away"))
        elif neighbour == "cancel":
            self.registry.fail_next("cancel", error, acted=acted)
        else:
            self.registry.fail_next("mandate", TryAgain("away"))

    def policy(self, rule: str) -> None:
        """The provider decides from when units are cancelled; payments that are open keep what they have."""

        def act() -> None:
            with self.sessions.begin() as session:
                provider_id = session.get_one(Offer, self.offers[0]).provider_id
                terms = ReleaseTerms(ReleaseRule(rule), 24)
                set_release_policy(session, provider_id, terms, Money(0, "USD"), self.person, self.clock)

        self.survive(act)

    def decide(self, number: int, what: str) -> None:
        """A person of the provider about a paid order that waits."""
        act = {"release": release_order, "refuse": refuse_order}[what]
        self._act_on(
            number, lambda session, order: act(session, order, self.person, self.clock, actor="provider")
        )

    def choose(self, number: int, what: str) -> None:
        """The buyer about units that the registry refused: the first others that there are, or the money."""

        def choose(session: Session, order: Order) -> None:
            if what == "money" and order.state == OrderState.FULFILMENT_FAILED:
                give_back(session, order, order.state_reason, self.clock, actor="buyer")
            elif what == "units":
                found = substitutes_for(session, order, self.clock)
                accept_substitute(
                    session, order, {line: offers[0].id for line, offers in found.items()}, self.clock
                )

        self._act_on(number, choose)

    def take_back(self, number: int) -> None:
        """The buyer's bank takes back what the gateway had received."""
        for payment in self._payments(number):
            checkout = self.gateway.checkouts.get(payment.external_id or "")
            if checkout and checkout.state is PayState.CAPTURED and len(checkout.entries) == 1:
                checkout.entries.append(
                    Entry("chargeback", f"DISPUTE-{payment.id}", checkout.amount, self.clock)
                )

    def _act_on(self, number: int, act: Callable[[Session, Order], None]) -> None:
        def acting(order_id: UUID) -> None:
            with self.sessions.begin() as session:
                act(session, locked_order(session, order_id))

        if order_id := self._order(number):
            self.survive(lambda: acting(order_id))

    def refuse_cancellation(self) -> None:
        self.registry.fail_next("cancel", Refused("block_not_available"))

    def complete_accepted(self) -> None:
        for receipt in list(self.registry.cancellations()):
            if receipt.status == "accepted":
                self.registry.complete(receipt.cancellation_id)

    def pass_time(self, minutes: int) -> None:
        self.clock += timedelta(minutes=minutes)

    def run_jobs(self, most: int) -> int:
        """Run up to `most` jobs whose time has come; how many were run."""
        for done in range(most):
            job = self._next_job()
            if job is None:
                return done
            self._run(*job)
        return most

    def sweep(self) -> None:
        self.survive(lambda: sweep(self.works))

    def come_to_rest(self) -> None:
        """No more crashes or faults; days go by."""
        self.crash_after = None
        for _ in range(12):
            self.complete_accepted()
            for number in range(len(self.orders)):
                self.gateway_moves(number, "settle")
                self.decide(number, "release")
            self.sweep()
            assert self.run_jobs(500) < 500, "jobs go round in circles"
            self.pass_time(6 * 60)

    # What must be so.

    def check_always(self) -> None:
        """Holds at every moment: nothing is sold twice, the books agree with themselves."""
        with self.sessions() as session:
            for offer_id in self.offers:
                offer = session.get_one(Offer, offer_id)
                held = cancelled = 0
                for line, state, cancellation in session.execute(
                    select(OrderLine, Order.state, Cancellation)
                    .join(Order, OrderLine.order_id == Order.id)
                    .outerjoin(Cancellation, Cancellation.order_line_id == OrderLine.id)
                    .where(OrderLine.offer_id == offer_id)
                ):
                    if cancellation is None:
                        waits = state in {OrderState.AWAITING_PAYMENT, OrderState.PAID}
                        held += line.quantity if waits else 0
                    elif cancellation.state == CancellationState.COMPLETED:
                        cancelled += line.quantity
                    elif cancellation.state != CancellationState.REFUSED:
                        held += line.quantity
                assert (offer.held, offer.cancelled) == (held, cancelled)
                assert held + cancelled <= offer.quantity
                at_registry = sum(
                    receipt.quantity
                    for receipt in self.registry.cancellations()
                    if receipt.mandate_id == offer.mandate_id and receipt.status != "rejected"
                )
                assert cancelled <= at_registry <= held + cancelled
            for order_id in self.orders:
                self._check_release(session, order_id)

    def _check_release(self, session: Session, order_id: UUID) -> None:
        """No cancellation began before the terms of its payment, or a person, allowed it."""
        rows = trail(session, order_id)
        paid_at = released = None
        for row in rows:
            name = row.payload.get("step") or row.event
            if name in {"pay", "late_accept"}:
                paid_at, released = row.at, False
            elif name == "order.released":
                released = True
            elif name == "begin_cancel":
                assert paid_at is not None
                terms = terms_of_order(session, order_id)
                over = terms.rule != ReleaseRule.REVIEW and row.at - paid_at >= timedelta(hours=terms.hours)
                assert over or released, f"{terms} and begun after {row.at - paid_at}"
                paid_at = None  # once for each time that it was paid

    def check_at_rest(self) -> None:
        """Holds when nothing is under way any more: books and registry agree, all money has found its end."""
        with self.sessions() as session:
            ours = {
                str(row.id): row.quantity
                for row in session.execute(
                    select(Cancellation).where(Cancellation.state == CancellationState.COMPLETED)
                ).scalars()
                if row.line.offer_id in self.offers
            }
            theirs = {receipt.client_reference: receipt.quantity for receipt in self.registry.cancellations()}
            assert ours == theirs
            for order_id in self.orders:
                order = session.get_one(Order, order_id)
                received = [
                    entry
                    for payment in self._payments_of(session, order_id)
                    if payment.external_id in self.gateway.checkouts
                    for entry in self.gateway.checkouts[payment.external_id].entries
                    if entry.kind == "receipt"
                ]
                assert len(received) <= 1, "charged twice"
                gone = [
                    payment
                    for payment in self._payments_of(session, order_id)
                    if payment.external_id in self.gateway.checkouts
                    and len(self.gateway.checkouts[payment.external_id].entries) > len(received)
                ]
                if gone:
                    assert order.state in {*RIGHT_WITH_MONEY, OrderState.WITHDRAWN}, order.state
                elif received:
                    assert order.state in RIGHT_WITH_MONEY, order.state
                else:
                    assert order.state in {OrderState.EXPIRED, OrderState.WITHDRAWN}, order.state

    # How it is done.

    def _order(self, number: int) -> UUID | None:
        return self.orders[number % len(self.orders)] if self.orders else None

    def _payments(self, number: int) -> list[Payment]:
        order_id = self._order(number)
        if order_id is None:
            return []
        with self.sessions() as session:
            return [each for each in self._payments_of(session, order_id) if each.external_id]

    @staticmethod
    def _payments_of(session: Session, order_id: UUID) -> list[Payment]:
        return list(session.execute(select(Payment).where(Payment.order_id == order_id)).scalars())

    def _next_job(self) -> tuple[int, str, dict[str, str]] | None:
        with self.sessions() as session:
            row = session.execute(
                text(
                    "SELECT id, task_name, args FROM procrastinate_jobs"
                    " WHERE status = 'todo' AND coalesce(scheduled_at, :now) <= :now"
                    " ORDER BY coalesce(scheduled_at, :now), id LIMIT 1"
                ),
                {"now": self.clock},
            ).one_or_none()
            return (row.id, row.task_name, row.args) if row else None

    def _run(self, job_id: int, name: str, ids: dict[str, str]) -> None:
        again: datetime | None = None
        try:
            self.jobs[name](**ids)
        except Crash:
            again = self.clock  # its worker is found dead, and the job is freed
        except (TryAgain, OutcomeUnknown):
            again = self.clock + timedelta(minutes=1)
        crash_after, self.crash_after = (
            self.crash_after,
            None,
        )  # the queue's own bookkeeping is not ours to test
        with self.sessions.begin() as session:
            if again is None:
                session.execute(text("DELETE FROM procrastinate_jobs WHERE id = :id"), {"id": job_id})
            else:
                session.execute(
                    text("UPDATE procrastinate_jobs SET scheduled_at = :again WHERE id = :id"),
                    {"again": again, "id": job_id},
                )
        self.crash_after = crash_after
