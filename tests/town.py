"""All neighbours as real processes, a platform that talks to them, and a buyer who knows what to do."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from procrastinate import PsycopgConnector
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.database import make_engine, make_sessions
from app.domain.mails.models import Mail
from app.domain.offers.import_providers import import_providers
from app.domain.offers.models import Offer
from app.domain.orders.basket import open_basket, put_in_basket
from app.domain.orders.details import Details
from app.domain.orders.give_back import give_back
from app.domain.orders.models import Order, OrderGroup, OrderState
from app.domain.orders.place_order import ReadBack, place_order
from app.domain.payments.facts import account_of
from app.domain.payments.models import Payment, ProviderPayeeAccount
from app.domain.payments.queries import locked_order
from app.integrations.gateways.interface import Applicant
from app.integrations.mail.interface import Message
from app.jobs.queue import make_queue
from app.sealing import Sealer
from app.settings import Settings
from app.shells.deliver import Write
from app.shells.register_notifications import register_notifications
from app.shells.sync_registry import sync_registry
from app.shells.works import Works
from app.wiring import connect
from tests import neighbours

SEED = Path(__file__).parent.parent / "sandbox" / "seed" / "platform.json"
DETAILS = Details(
    email="buyer@example.com",
    beneficiary_type="organisation",
    beneficiary_name="Coopérative Ñandú",
    beneficiary_country="FR",
    disclosure="public",
    purpose="voluntary_contribution",
    reason="Our annual meeting",
    certificate_language="en",
)
NO_PLATFORM = "http://127.0.0.1:8000"
CONSENTS = {"terms": "I accept the terms.", "immediate": "I ask for immediate performance."}


@dataclass
class Town:
    """The neighbours of one test worker. Their state is shared by its tests: use an offer of your own."""

    identity: neighbours.Program
    registry: neighbours.Program
    paypal: neighbours.Program
    stripe: neighbours.Program
    mollie: neighbours.Program
    mailbox: neighbours.Program

    def settings(self, settings: Settings) -> Settings:
        """The given settings, with the addresses of this town."""
        return replace(
            settings,
            registry_url=self.registry.url,
            registry_token_url=self.identity.names["token_url"],
            registry_client_id=neighbours.CLIENT_ID,
            registry_client_secret=neighbours.CLIENT_SECRET,
            registry_event_secret=neighbours.EVENT_SECRET,
            public_realm_url=self.identity.names["public_realm"],
            public_realm_client_id=neighbours.SIGN_IN_CLIENT_ID,
            public_realm_client_secret=neighbours.PUBLIC_CLIENT_SECRET,
            registry_realm_url=self.identity.names["registry_realm"],
            registry_realm_client_id=neighbours.SIGN_IN_CLIENT_ID,
            registry_realm_client_secret=neighbours.REGISTRY_CLIENT_SECRET,
            api_urls={"paypal": self.paypal.url, "stripe": self.stripe.url, "mollie": self.mollie.url},
            paypal_ca_file=Path(self.paypal.names["ca_file"]),
            paypal_platform_client_id=neighbours.PAYPAL_PLATFORM["PAYPAL_PLATFORM_CLIENT_ID"],
            paypal_platform_client_secret=neighbours.PAYPAL_PLATFORM["PAYPAL_PLATFORM_CLIENT_SECRET"],
            paypal_payee_mode=True,
            paypal_partner_id=neighbours.PAYPAL_PLATFORM["PAYPAL_PARTNER_MERCHANT_ID"],
            paypal_partner_attribution_id=neighbours.PAYPAL_PLATFORM["PAYPAL_PARTNER_ATTRIBUTION_ID"],
            stripe_connect_key=neighbours.STRIPE_CONNECT_KEY,
            stripe_connect_secret=neighbours.STRIPE_CONNECT_SECRET,
            mail_url=self.mailbox.names["mail_url"],
        )

    def fault(self, operation: str, kind: str, **options: Any) -> None:
        """Make the registry's next call of an operation go wrong."""
        answer = httpx.post(
            f"{self.registry.url}/sandbox/faults", json={"operation": operation, "kind": kind, **options}
        )
        answer.raise_for_status()

    def paypal_fault(self, operation: str, kind: str, **options: Any) -> None:
        """Make PayPal's next call of an operation go wrong."""
        answer = httpx.post(
            f"{self.paypal.url}/sandbox/faults", json={"operation": operation, "kind": kind, **options}
        )
        answer.raise_for_status()

    def stripe_fault(self, operation: str, kind: str, **options: Any) -> None:
        """Make Stripe's next call of an operation go wrong."""
        answer = httpx.post(
            f"{self.stripe.url}/sandbox/faults", json={"operation": operation, "kind": kind, **options}
        )
        answer.raise_for_status()

    def clear_faults(self) -> None:
        """Everything works again."""
        httpx.delete(f"{self.stripe.url}/sandbox/faults").raise_for_status()
        httpx.delete(f"{self.mollie.url}/sandbox/faults").raise_for_status()
        httpx.delete(f"{self.registry.url}/sandbox/faults").raise_for_status()
        httpx.delete(f"{self.paypal.url}/sandbox/faults").raise_for_status()

    def approve(self, payment: Payment, scenario: str = "approve") -> None:
        """What the buyer does on the gateway's page."""
        if payment.gateway == "stripe":
            self.stripe_session(payment, "pay", scenario=scenario)
            return
        if payment.gateway == "mollie":
            self.mollie_payment(payment, "pay", scenario=scenario)
            return
        answer = httpx.post(
            f"{self.paypal.url}/checkoutnow", data={"token": payment.external_id, "scenario": scenario}
        )
        assert answer.status_code == 303, answer.text

    def stripe_session(self, payment: Payment, what: str, **options: Any) -> dict[str, Any]:
        """Something happens to a payment at Stripe: pay, lapse, succeed, fail, refund, dispute."""
        address = f"{self.stripe.url}/sandbox/sessions/{payment.external_id}/{what}"
        done: dict[str, Any] = httpx.post(address, json=options).raise_for_status().json()
        return done

    def mollie_payment(self, payment: Payment, what: str, **options: Any) -> dict[str, Any]:
        """Something happens to a payment at Mollie: pay, lapse, fail, refund, chargeback."""
        address = f"{self.mollie.url}/sandbox/payments/{payment.external_id}/{what}"
        done: dict[str, Any] = httpx.post(address, json=options).raise_for_status().json()
        return done

    def at_paypal(self, path: str, **body: Any) -> Any:
        """A control call of the pretend PayPal."""
        return httpx.post(f"{self.paypal.url}/sandbox/{path}", json=body).raise_for_status().json()

    def ledger(self, mandate_id: str) -> dict[str, Any]:
        """The registry's own account of a mandate: remaining, cancelled, cancellations."""
        answer = httpx.get(f"{self.registry.url}/sandbox/ledger", params={"mandate_id": mandate_id})
        mandate: dict[str, Any] = answer.raise_for_status().json()["items"][0]
        return mandate

    def captures(self, payment_id: UUID) -> list[dict[str, Any]]:
        """What PayPal took for a payment of ours, or Stripe, whose charges get PayPal's words for a status."""
        captures = httpx.get(f"{self.paypal.url}/sandbox/captures").raise_for_status().json()
        charges = httpx.get(f"{self.stripe.url}/sandbox/charges").raise_for_status().json()
        cards = [
            charge | {"status": "REFUNDED" if charge["refunded"] else "COMPLETED"}
            for charge in charges
            if charge["metadata"]["payment"] == str(payment_id) and charge["captured"]
        ]
        return [capture for capture in captures if capture["custom_id"] == str(payment_id)] + cards

    def mails(self, to: str) -> list[dict[str, Any]]:
        """What an address was sent."""
        return list(
            httpx.get(f"{self.mailbox.url}/messages.json", params={"to": to}).raise_for_status().json()
        )


def raise_town(folder: Path, platform_url: str | None = None) -> Iterator[Town]:
    """Start all neighbours, seeded, and stop them in the end.

    `platform_url`: where the registry tells its events and people who signed in are sent back.
    """
    webhook = f"{platform_url}/webhooks/registry" if platform_url else None
    with ExitStack() as programs:
        mailbox = programs.enter_context(neighbours.start_mailbox(folder / "mailbox"))
        identity = programs.enter_context(
            neighbours.start_identity(
                folder / "identity", platform_url=platform_url, smtp_port=int(mailbox.names["smtp_port"])
            )
        )
        yield Town(
            identity,
            programs.enter_context(neighbours.start_registry(folder / "registry", identity, webhook=webhook)),
            programs.enter_context(neighbours.start_paypal(folder / "paypal", merchants=SEED)),
            programs.enter_context(
                neighbours.start_stripe(
                    folder / "stripe",
                    merchants=SEED,
                    # Without a platform: where the settings of tests say that it is.
                    connect_webhook=f"{platform_url or NO_PLATFORM}/webhooks/stripe/connect",
                )
            ),
            programs.enter_context(neighbours.start_mollie(folder / "mollie", merchants=SEED)),
            mailbox,
        )


def build_works(settings: Settings, engine: Engine | None = None) -> Works:
    """The platform's works with its real clients."""
    assert settings.database_url
    sessions = make_sessions(engine or make_engine(settings.database_url))
    return Works(settings, sessions, connect(settings), Sealer(settings.secret_key))


def close_clients(works: Works) -> None:
    """Drop the connections that its clients keep."""
    works.neighbours.registry.close()  # type: ignore[attr-defined] (the real client has one)
    works.neighbours.delegated_registry.close()  # type: ignore[attr-defined]
    for gateway in works.neighbours.gateways.values():
        getattr(gateway, "close", lambda: None)()  # one that calls nobody keeps no connection


def close_works(works: Works) -> None:
    """The same, and those to the database."""
    close_clients(works)
    works.sessions.kw["bind"].dispose()


def open_shop(works: Works, *, notifications: bool = False) -> None:
    """Read the registry and put the seed's providers on sale."""
    sync_registry(works, full=True)
    data = json.loads(SEED.read_text(encoding="utf-8"))
    with works.sessions.begin() as session:
        import_providers(session, data, works.sealer, works.now())
    if notifications:
        register_notifications(works)


def place(
    works: Works, wanted: dict[UUID, int], details: Details = DETAILS, method: str = "paypal"
) -> OrderGroup:
    """Place the orders for these offers (id → units) as a guest does, in one commit."""
    with works.sessions.begin() as session:
        basket = open_basket(session, None, works.now())
        prices = {}
        for offer_id, units in wanted.items():
            offer = session.get_one(Offer, offer_id)
            prices[offer_id] = (offer.price_minor, offer.currency)
            put_in_basket(basket, offer, units, works.now())
        session.flush()
        group = place_order(
            session,
            basket.id,
            details,
            CONSENTS,
            ReadBack(prices),
            method=method,
            language="en",
            now=works.now(),
        )
        session.flush()
        for order in group.orders:
            _ = order.lines, order.provider
        return group


def paid_through_platform(works: Works, town: Town, mode: str) -> Offer:
    """An offer whose provider is paid at PayPal through the platform's application: by e-mail, or having agreed.

    The provider's own application is given up for it. Units enough for a test.
    """
    with works.sessions.begin() as session:
        offer, row = session.execute(
            select(Offer, ProviderPayeeAccount)
            .join(ProviderPayeeAccount, ProviderPayeeAccount.provider_id == Offer.provider_id)
            .where(ProviderPayeeAccount.gateway == "paypal")
            .where(Offer.min_quantity == 1, Offer.quantity > 500)
            .order_by(Offer.mandate_id)
            .limit(1)
        ).one()
        row.mode, row.client_id, row.secret_sealed = mode, "", works.sealer.seal("")
        merchant_id = row.external_id
        if mode == "payee":
            row.external_id = f"{merchant_id.lower()}@provider.example"
            town.at_paypal(f"merchants/{merchant_id}/profile", email=row.external_id, lets_others=True)
            return offer
        gateway, account = works.neighbours.gateways["paypal"], account_of(row, works.sealer)
        applicant = Applicant(row.provider.legal_name, row.provider.country, row.provider.contact_email)
        gateway.lead_in(account, applicant, "http://127.0.0.1:9/back", "lead_in")
        town.at_paypal(f"referrals/{row.id}/agree", merchant_id=merchant_id)
        assert gateway.probe(account, "probe").external_id == merchant_id
        return offer


def plain_mail(_: Session, mail: Mail) -> Message:
    """For tests that are not about what mails say."""
    return Message(str(mail.id), mail.to, mail.kind, mail.kind, f"<p>{mail.kind}</p>", mail.language)


def run_due_jobs(works: Works, write: Write = plain_mail) -> None:
    """Run, with the real queue, every job whose time has come, and what follows from it; then stop."""

    async def once() -> None:
        address = works.settings.database_url or ""
        queue = make_queue(works, write, PsycopgConnector(conninfo=address, min_size=1))
        # Periodic jobs come by the clock; here nothing happens but what was asked for.
        queue.periodic_registry.periodic_tasks.clear()
        async with queue.open_async():
            await queue.run_worker_async(
                wait=False, concurrency=2, listen_notify=False, install_signal_handlers=False
            )

    asyncio.run(once())
    # A worker that is told not to wait leaves what its last jobs deferred.
    while jobs_due(works):
        asyncio.run(once())


def jobs_due(works: Works) -> int:
    """How many jobs could be run right now."""
    with works.sessions() as session:
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
        return int(
            session.execute(text(f"{waiting} AND coalesce(scheduled_at, now()) <= now()")).scalar_one()
        )


def let_time_pass(works: Works, *tasks: str) -> int:
    """The pause before another try is over. How many jobs were brought forward; expiry stays where it is."""
    with works.sessions.begin() as session:
        return len(
            session.execute(
                text(
                    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"
                    " AND scheduled_at > now() AND (attempts > 0 OR task_name = ANY(:tasks)) RETURNING id"
                ),
                {"tasks": list(tasks)},
            ).all()
        )


def run_until_quiet(works: Works, write: Write = plain_mail, tries: int = 12) -> None:
    """Run jobs and their retries until none is left but those for later."""
    for _ in range(tries):
        run_due_jobs(works, write)
        if not let_time_pass(works):
            return
    raise AssertionError("jobs are still retried")


def fresh(works: Works, order: Order) -> Order:
    """The order as the database has it now, with its lines."""
    with works.sessions() as session:
        found = session.get_one(Order, order.id)
        _ = found.lines, found.provider
        return found


def want_money_back(works: Works, order: Order) -> None:
    """The buyer of an order whose units were refused takes no others, and the jobs do what follows."""
    with works.sessions.begin() as session:
        refused = locked_order(session, order.id)
        assert refused.state == OrderState.FULFILMENT_FAILED
        give_back(session, refused, refused.state_reason, works.now(), actor="buyer")
    run_until_quiet(works)
