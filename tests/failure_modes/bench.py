"""A platform with real clients, on a bench: a clock that is moved, jobs that run when asked for, letters that wait.

bench.buy("paypal")                      # placed, opened at the gateway, approved by the buyer there
bench.hear(payment); bench.run()         # as a notification does; then all that follows from it
bench.wait(hours=2); bench.sweep()       # two hours later the sweeper comes
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

import httpx
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.later import defer
from app.domain.mails.models import Mail
from app.domain.offers.models import Offer
from app.domain.orders.models import Order
from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.facts import account_of, attempt_of
from app.domain.payments.models import Notification, Payment, PaymentEntry, ProviderPayeeAccount
from app.domain.payments.open_payment import open_payment
from app.domain.payments.record_checkout import record_checkout
from app.domain.payments.statements.keep import keep_statement
from app.factory import create_app
from app.integrations.errors import NeighbourError, Refused
from app.integrations.gateways.interface import CONNECT
from app.jobs.queue import jobs_by_name
from app.shells.commit_statement import commit_statement
from app.shells.look_at_payment import look_at_payment
from app.shells.start_checkout import start_checkout
from app.shells.sweep import sweep
from app.shells.works import Works
from tests.domain.payments.statements.files import Movement, camt, csv
from tests.sandbox.paypal.listener import Listener
from tests.town import Town, place, plain_mail
from tests.traces import trail

UNITS = 3


@dataclass
class Bench:
    """`works` has the real clients and this bench's clock; jobs run here, in order, when their time has come."""

    shop: Works
    town: Town
    post: Listener  # where the gateways' notifications arrive, for a test to hand over
    clock: datetime = field(default_factory=lambda: datetime.now(UTC))
    failed: list[tuple[str, NeighbourError]] = field(default_factory=list)  # jobs that are to be tried again

    @cached_property
    def works(self) -> Works:
        return replace(self.shop, now=lambda: self.clock)

    @cached_property
    def app(self) -> Flask:
        """The web application on the same database; its clock is the real one."""
        return create_app(
            self.shop.settings, neighbours=self.shop.neighbours, engine=self.shop.sessions.kw["bind"]
        )

    def wait(self, **time: float) -> None:
        """Time goes by for the platform: `minutes=5`."""
        self.clock += timedelta(**time)

    # What the buyer does.

    def offer(self, method: str = "paypal", currency: str | None = None, mode: str | None = None) -> Offer:
        """Plenty of units of a provider who can be paid this way; the same one on every call."""
        wanted = (
            select(Offer)
            .join(ProviderPayeeAccount, ProviderPayeeAccount.provider_id == Offer.provider_id)
            .where(ProviderPayeeAccount.gateway == method, Offer.min_quantity == 1, Offer.quantity > 500)
            .order_by(Offer.mandate_id)
            .limit(1)
        )
        if currency is not None:
            wanted = wanted.where(Offer.currency == currency)
        # Events of connected accounts come to one address that is not this bench's.
        by_mode = ProviderPayeeAccount.mode == mode if mode else ProviderPayeeAccount.mode != CONNECT
        wanted = wanted.where(by_mode)
        with self.works.sessions() as session:
            return session.execute(wanted).scalar_one()

    def place(self, method: str = "paypal", offer: Offer | None = None, units: int = UNITS) -> Order:
        """An order of this offer, to be paid this way."""
        offer = offer or self.offer(method)
        return place(self.works, {offer.id: units}, method=method).orders[0]

    def start(self, order: Order) -> Payment:
        """The buyer is on the way to the gateway, or has the instructions."""
        return start_checkout(self.works, order.id)

    def start_another(self, order: Order, **changes: Any) -> Payment:
        """The gateway has another checkout for the order than was asked for: `amount=Money(1, "USD")`."""
        with self.works.sessions.begin() as session:
            payment = open_payment(session, order.id, self.clock)
            session.flush()
            attempt = replace(attempt_of(payment, self.works.settings.public_url), **changes)
            account = account_of(payment.account, self.works.sealer)
            step = self.works.neighbours.gateways[order.method].start(attempt, account, str(uuid4()))
            return record_checkout(session, payment.id, step, self.clock)

    def buy(
        self, method: str = "paypal", scenario: str = "no_webhook", offer: Offer | None = None
    ) -> tuple[Order, Payment]:
        """Placed, opened, and agreed to on the gateway's page; the platform knows nothing of that yet."""
        order = self.place(method, offer)
        payment = self.start(order)
        self.town.approve(payment, scenario)
        return order, payment

    def transfer(self, order: Order) -> BankTransfer:
        """How the order is paid by bank transfer."""
        with self.works.sessions() as session:
            return session.get_one(BankTransfer, order.id)

    def movement(self, order: Order, **changes: Any) -> Movement:
        """The transfer as the bank shows it: the whole amount today, or what `changes` say (Movement's fields)."""
        exact = {"minor": order.total_minor, "currency": order.currency, "day": self.clock.date()}
        return Movement(**{"text": self.transfer(order).reference, **exact, **changes})

    def bring(self, order: Order, *movements: Movement) -> Counter[str]:
        """The provider brings a statement of the account that the order is paid to, and commits it."""
        account_id = self.transfer(order).account_id
        with self.works.sessions.begin() as session:
            details = BankDetails.from_json(self.transfer(order).details)
            content = camt(movements, iban=details.iban) if details.iban else csv(movements)
            statement_id = keep_statement(session, account_id, content, None, self.clock).id
        return commit_statement(self.works, statement_id, None)

    # What the gateway does.

    def listen(self, payment: Payment) -> None:
        """From now on the notifications of the payment's account arrive at `post`."""
        with self.works.sessions.begin() as session:
            account = session.get_one(ProviderPayeeAccount, payment.account_id)
            payee = account_of(account, self.works.sealer)
            webhook = self.works.neighbours.gateways[account.gateway].ensure_webhook(payee, self.post.url)
            account.webhook_id = webhook.id
            account.webhook_secret_sealed = self.works.sealer.seal(webhook.secret) if webhook.secret else None

    def letter(self, payment: Payment, event: str = "") -> httpx.Request:
        """The next notification about the payment whose body mentions `event`; others are thrown away."""
        names = (str(payment.id).encode(), (payment.external_id or "").encode())
        while True:
            request = self.post.take()
            if any(name in request.content for name in names) and event.encode() in request.content:
                return request

    def deliver(self, letter: httpx.Request, payment: Payment, **changes: Any) -> int:
        """Hand a notification over to the platform's own address for it; the status it answers.

        `changes`: another `content`, other `headers`, another `to` (an account's id).
        """
        to = changes.get("to", payment.account_id)
        answer = self.app.test_client(use_cookies=False).post(
            f"/webhooks/{payment.gateway}/{to}",
            data=changes.get("content", letter.content),
            headers=dict(changes.get("headers", letter.headers)),
        )
        return answer.status_code

    def calls(self, method: str, operation: str) -> int:
        """How often the gateway's sandbox has been asked for an operation, by anybody."""
        program = {"paypal": self.town.paypal, "stripe": self.town.stripe}[method]
        return len(httpx.get(f"{program.url}/sandbox/calls", params={"operation": operation}).json())

    @contextmanager
    def later_there(self, method: str, time: timedelta) -> Iterator[None]:
        """The gateway's own clock runs so far ahead: what it keeps for a while grows old."""
        program = {"paypal": self.town.paypal, "stripe": self.town.stripe}[method]
        ahead = time.total_seconds()
        httpx.post(f"{program.url}/sandbox/clock", json={"forward_seconds": ahead}).raise_for_status()
        try:
            yield
        finally:
            httpx.post(f"{program.url}/sandbox/clock", json={"forward_seconds": -ahead}).raise_for_status()

    # What the platform does.

    def hear(self, payment: Payment) -> None:
        """As a notification does: have the payment looked at."""
        with self.works.sessions.begin() as session:
            defer(session, "look_at_payment", payment_id=payment.id)

    def look(self, payment: Payment) -> None:
        """The job itself, whose errors are the test's."""
        look_at_payment(self.works, payment.id)

    def sweep(self) -> None:
        """The sweeper's minute, and what it asks for."""
        sweep(self.works)
        self.run()

    def run(self, most: int = 100) -> None:
        """Run the jobs whose time has come, and what follows from them. Who must wait is tried a minute later."""
        jobs = jobs_by_name(self.works, plain_mail)
        for _ in range(most):
            job = self._next_job()
            if job is None:
                return
            job_id, name, ids = job
            again: datetime | None = None
            try:
                jobs[name](**ids)
            except NeighbourError as error:
                self.failed.append((name, error))
                # As the worker's own pauses, roughly: a refusal that is about us waits longest.
                again = self.clock + timedelta(minutes=15 if isinstance(error, Refused) else 1)
            with self.works.sessions.begin() as session:
                done = "DELETE FROM procrastinate_jobs WHERE id = :id"
                later = "UPDATE procrastinate_jobs SET scheduled_at = :again WHERE id = :id"
                session.execute(text(later if again else done), {"id": job_id, "again": again})
        raise AssertionError("jobs go round in circles")

    def run_for(self, **time: float) -> None:
        """Minute by minute, with the sweeper: what a worker does in that time."""
        until = self.clock + timedelta(**time)
        while self.clock < until:
            self.sweep()
            self.wait(minutes=1)
        self.run()

    def settle(self, payment: Payment) -> None:
        """The payment is heard of and everything that can follow has followed, tries included."""
        self.hear(payment)
        self.run_for(minutes=4)

    def _next_job(self) -> tuple[int, str, dict[str, str]] | None:
        with self.works.sessions() as session:
            row = session.execute(
                text(
                    "SELECT id, task_name, args FROM procrastinate_jobs"
                    " WHERE status = 'todo' AND coalesce(scheduled_at, :now) <= :now"
                    " ORDER BY coalesce(scheduled_at, :now), id LIMIT 1"
                ),
                {"now": self.clock},
            ).one_or_none()
            return (row.id, row.task_name, row.args) if row else None

    # What there is to see.

    def order(self, order: Order) -> Order:
        """The order as it is now, with its lines and its provider."""
        with self.works.sessions() as session:
            found = session.get_one(Order, order.id)
            _ = [line.offer for line in found.lines], found.provider
            return found

    def payment(self, payment: Payment) -> Payment:
        """The attempt as it is now."""
        with self.works.sessions() as session:
            return session.get_one(Payment, payment.id)

    def money(self, order: Order) -> list[tuple[str, int]]:
        """What the ledger has of the order: kinds and minor units, sorted."""
        with self.works.sessions() as session:
            rows = session.execute(
                select(PaymentEntry.kind, PaymentEntry.amount_minor)
                .join(Payment, PaymentEntry.payment_id == Payment.id)
                .where(Payment.order_id == order.id)
            )
            return sorted((row.kind, int(row.amount_minor)) for row in rows)

    def mails(self, order: Order) -> list[str]:
        """The kinds of mails that the order has caused, oldest first."""
        with self.works.sessions() as session:
            rows = select(Mail.kind).where(Mail.order_id == order.id).order_by(Mail.created_at, Mail.kind)
            return list(session.execute(rows).scalars())

    def trail(self, entity_id: UUID) -> list[str]:
        """The events that the audit trail has of something, each with its step where it is one."""
        with self.works.sessions() as session:
            rows = trail(session, entity_id)
            return [
                f"{row.event}:{row.payload['step']}" if "step" in row.payload else row.event for row in rows
            ]

    def notifications(self) -> list[Notification]:
        """Everything that the inbox has, oldest first."""
        with self.works.sessions() as session:
            return list(session.execute(select(Notification).order_by(Notification.received_at)).scalars())

    def session(self) -> Session:
        """For whatever else a test asks; to be used in a `with`."""
        return self.works.sessions()
