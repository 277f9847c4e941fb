"""One order on its way, with neighbours in memory: a test brings it to the state that it wants to look at.

journey = Journey(settings, engine)
order = journey.place(20, 5)      # two lines of one provider, committed
journey.pay(order)                # the gateway has the money, the registry is not asked yet
journey.cancel(order)             # the registry has cancelled the units
journey.certify(order)            # the certificate's PDF is there
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.database import make_sessions
from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.models import Certificate
from app.domain.certificates.queries import certificate_of
from app.domain.mails.models import Mail
from app.domain.orders.decide_order import Act, decide_order
from app.domain.orders.models import Order
from app.domain.payments.models import Payment
from app.domain.payments.queries import latest_payment_of, locked_order
from app.domain.payments.refund_models import Refund
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.release_terms import ReleaseTerms
from app.domain.payments.set_release_policy import set_release_policy
from app.domain.people.models import Provider
from app.integrations.documents.fake import FakeCertificates, FakeProFormas, FakeTaxDocuments
from app.integrations.gateways.bank.adapter import BankTransfers
from app.integrations.gateways.fake import FakeGateway
from app.integrations.gateways.interface import Entry
from app.integrations.mail.fake import FakeMailer
from app.integrations.registry.delegated_fake import FakeDelegatedRegistry
from app.integrations.registry.fake import FakeRegistry
from app.money import Money
from app.sealing import Sealer
from app.settings import Settings
from app.shells.certify import certify
from app.shells.expire import expire
from app.shells.look_at_payment import look_at_payment
from app.shells.refund import refund
from app.shells.release import release
from app.shells.request_cancellation import request_cancellation
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from app.wiring import Neighbours
from tests.domain.people.samples import make_buyer
from tests.factories import make_activity, make_details, make_offer, make_orders, make_provider

PROVIDER = "Sample Climate Projects Ltd"


class Journey:
    """Fakes, the shells in the order that the worker would run them, and a clock that can be put forward."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        *,
        registry: FakeRegistry | None = None,
        gateway: FakeGateway | None = None,
    ) -> None:
        self.registry = registry or FakeRegistry(clock=lambda: self.now)
        self.gateway = gateway or FakeGateway()
        self.mailer = FakeMailer()
        self.certificates = FakeCertificates()
        self.passed = timedelta(0)
        self.sessions = make_sessions(engine)
        self.neighbours = Neighbours(
            registry=self.registry,
            delegated_registry=FakeDelegatedRegistry(self.registry),
            gateways={"bank": BankTransfers(), "paypal": self.gateway},
            mailer=self.mailer,
            certificates=self.certificates,
            pro_formas=FakeProFormas(),
            tax_documents=FakeTaxDocuments(),
            identity={},
        )
        self.works = Works(
            settings, self.sessions, self.neighbours, Sealer(settings.secret_key), now=lambda: self.now
        )

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def place(self, *tonnes: int, language: str = "en", providers: int = 1, **details: Any) -> Order:
        """The first order of a basket with these tonnes, a line each, dealt out to so many providers."""
        with self.sessions.begin() as session:
            sellers = [self._provider(session, index) for index in range(providers)]
            offers = {}
            for index, quantity in enumerate(tonnes):
                unit_class, uses, country = (
                    ("AER", ("IMP", "OP"), "MW") if index % 2 == 0 else ("MCER", (), "BR")
                )
                reference = f"A6.4-{country}-00{1042 + index}"
                make_activity(
                    session,
                    reference,
                    title=("Sample efficient cookstoves, Zomba", "Sample wind farm, Taíba")[index % 2],
                    technology=("cookstoves", "wind")[index % 2],
                )
                granted = self.registry.grant(
                    quantity + 2,
                    activity_ref=reference,
                    unit_class=unit_class,
                    uses=uses,
                    vintage=2024 + index % 2,
                )
                seller = sellers[index % providers]
                offers[make_offer(session, provider=seller, granted=granted, quantity=quantity + 2)] = (
                    quantity
                )
            group = make_orders(
                session, offers, details=make_details(**details), language=language, now=self.now
            )
            return group.orders[0]

    def _provider(self, session: Session, index: int) -> Provider:
        return make_provider(session, PROVIDER if index == 0 else f"Sample Seller {index} GmbH")

    def start(self, order: Order) -> Payment:
        """The buyer is on the way to the gateway."""
        return start_checkout(self.works, order.id)

    def approve(self, order: Order, outcome: str = "approve") -> Payment:
        """The buyer has agreed; nobody has looked yet."""
        payment = self.start(order)
        self.gateway.approve(payment.external_id or "", outcome)
        return payment

    def look(self, order: Order) -> None:
        """The platform asks the gateway."""
        with self.sessions() as session:
            payment = latest_payment_of(session, order.id)
        assert payment is not None
        look_at_payment(self.works, payment.id)

    def pay(self, order: Order, outcome: str = "approve") -> None:
        """Agreed and looked at: captured, unless the outcome is another."""
        self.approve(order, outcome)
        self.look(order)

    def cancel(self, order: Order) -> None:
        """The registry is asked about every line."""
        with self.sessions() as session:
            ids = [each.id for each in cancellations_of(session, order.id)]
        for cancellation_id in ids:
            request_cancellation(self.works, cancellation_id)

    def certify(self, order: Order) -> Certificate:
        """The certificate is made."""
        certify(self.works, order.id)
        with self.sessions() as session:
            certificate = certificate_of(session, order.id)
        assert certificate is not None
        return certificate

    def complete(self, order: Order) -> Certificate:
        """The whole way."""
        self.pay(order)
        self.cancel(order)
        return self.certify(order)

    def let_wait(self, order: Order, terms: ReleaseTerms) -> None:
        """The order's provider decides that disputable money waits, whatever the amount."""
        with self.sessions.begin() as session:
            person = make_buyer(session)
            threshold = Money(0, order.currency)
            set_release_policy(session, order.provider_id, terms, threshold, person.id, self.now)

    def move_money(self, order: Order, kind: str, amount: Money) -> None:
        """Money has moved at the gateway; nobody has looked yet."""
        with self.sessions() as session:
            payment = latest_payment_of(session, order.id)
        assert payment is not None
        entries = self.gateway.checkouts[payment.external_id or ""].entries
        entries.append(Entry(kind, f"{kind.upper()}-{len(entries)}", amount, self.now))

    def release(self, order: Order) -> None:
        """Whatever is due for a paid order that waits."""
        release(self.works, order.id)

    def offer_others(self, order: Order, quantity: int = 50, price: str = "11.20") -> list[UUID]:
        """The order's provider has other units of each line's class on sale; the ids of these offers."""
        with self.sessions.begin() as session:
            found = session.get_one(Order, order.id)
            offers = []
            for line in found.lines:
                unit_class = line.offer.mandate.block.unit_class
                uses = ("IMP", "OP") if unit_class == "AER" else ()
                granted = self.registry.grant(quantity, unit_class=unit_class, uses=uses)
                offers.append(
                    make_offer(
                        session, provider=found.provider, granted=granted, quantity=quantity, price=price
                    )
                )
            return [offer.id for offer in offers]

    def decide(self, order: Order, act: Act) -> None:
        """An administrator decides about an order that was shown to them."""
        with self.sessions.begin() as session:
            found = locked_order(session, order.id)
            decide_order(session, found, act, "Asked the seller.", make_buyer(session).id, self.now)

    def expire(self, order: Order) -> None:
        """The hold is over and was noticed."""
        self.passed += timedelta(minutes=61)
        expire(self.works, order.id)

    def refund(self, order: Order) -> None:
        """The gateway is asked for every refund that it can make."""
        for each in self.refunds(order):
            refund(self.works, each.id)

    def refunds(self, order: Order) -> list[Refund]:
        """The order's refunds as the database has them now."""
        with self.sessions() as session:
            return list(refunds_of(session, order.id))

    def mandate_of(self, order: Order, line: int = 0) -> str:
        with self.sessions() as session:
            return session.get_one(Order, order.id).lines[line].offer.mandate_id

    def fresh(self, order: Order) -> Order:
        """The order as the database has it now."""
        with self.sessions() as session:
            return session.get_one(Order, order.id)

    def mails(self, kind: str) -> list[Mail]:
        """The mails of a kind that are owed."""
        with self.sessions() as session:
            return list(session.query(Mail).filter_by(kind=kind))

    def jobs(self, task: str) -> list[dict[str, str]]:
        """The arguments of the jobs that wait under this name."""
        with self.sessions() as session:
            rows = session.execute(
                text(
                    "SELECT args FROM procrastinate_jobs WHERE task_name = :task AND status = 'todo' ORDER BY id"
                ),
                {"task": task},
            )
            return [row.args for row in rows]

    def age(self, order_id: UUID, **columns: datetime) -> None:
        """Set times of an order back."""
        with self.sessions.begin() as session:
            order = session.get_one(Order, order_id)
            for name, value in columns.items():
                setattr(order, name, value)
