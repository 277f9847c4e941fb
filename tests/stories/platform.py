"""The platform as its users meet it: web and worker as processes of their own, beside a town of their own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.sellable import available_units, is_sellable
from app.domain.people.models import Provider
from app.settings import load_settings
from app.shells.works import Works
from tests.neighbours import (
    CLIENT_ID,
    CLIENT_SECRET,
    EVENT_SECRET,
    PAYPAL_PLATFORM,
    PUBLIC_CLIENT_SECRET,
    REGISTRY_CLIENT_SECRET,
    SIGN_IN_CLIENT_ID,
    STRIPE_CONNECT_KEY,
    STRIPE_CONNECT_SECRET,
    free_port,
    start_program,
)
from tests.town import Town, build_works, close_works, open_shop, raise_town


@dataclass(frozen=True)
class OnSale:
    """An offer, and where a visitor finds it."""

    id: UUID
    mandate_id: str
    block_id: str
    activity_ref: str
    title: str


@dataclass(frozen=True)
class Platform:
    """`works` reads and prepares the same database that the processes use."""

    url: str
    town: Town
    works: Works
    environment: dict[str, str] = field(default_factory=dict, repr=False)  # what its processes are told

    def providers(self) -> list[list[OnSale]]:
        """What each provider has on sale and plenty of, in orders of 5 t and of 20 t; at least two offers each."""
        query = (
            select(
                Offer.provider_id,
                Offer.id,
                Mandate.mandate_id,
                Block.block_id,
                Activity.activity_ref,
                Activity.title,
            )
            .join(Mandate, Offer.mandate_id == Mandate.mandate_id)
            .join(Block, Mandate.block_id == Block.block_id)
            .join(Activity, Block.activity_ref == Activity.activity_ref)
            .join(Provider, Offer.provider_id == Provider.id)
            .where(is_sellable(self.works.now()), Offer.min_quantity <= 5, Offer.max_quantity.is_(None))
            .where(available_units() > 500)
            .order_by(Provider.slug, Mandate.mandate_id)
        )
        shelves: dict[UUID, list[OnSale]] = {}
        with self.works.sessions() as session:
            for provider_id, *facts in session.execute(query):
                shelves.setdefault(provider_id, []).append(OnSale(*facts))
        return [shelf for shelf in shelves.values() if len(shelf) > 1]


@contextmanager
def raise_platform(folder: Path, database_url: str) -> Iterator[Platform]:
    """Start everything on an empty, migrated database; what a process is told, its environment tells it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as started:
        town = started.enter_context(contextmanager(raise_town)(folder / "town", platform_url=url))
        environment = {
            "SECRET_KEY": "a secret for browser stories only, long enough",
            "PUBLIC_URL": url,
            "DATABASE_URL": database_url,
            "REGISTRY_URL": town.registry.url,
            "REGISTRY_TOKEN_URL": town.identity.names["token_url"],
            "REGISTRY_CLIENT_ID": CLIENT_ID,
            "REGISTRY_CLIENT_SECRET": CLIENT_SECRET,
            "REGISTRY_EVENT_SECRET": EVENT_SECRET,
            "PUBLIC_REALM_URL": town.identity.names["public_realm"],
            "PUBLIC_REALM_CLIENT_ID": SIGN_IN_CLIENT_ID,
            "PUBLIC_REALM_CLIENT_SECRET": PUBLIC_CLIENT_SECRET,
            "REGISTRY_REALM_URL": town.identity.names["registry_realm"],
            "REGISTRY_REALM_CLIENT_ID": SIGN_IN_CLIENT_ID,
            "REGISTRY_REALM_CLIENT_SECRET": REGISTRY_CLIENT_SECRET,
            "PAYPAL_API_URL": town.paypal.url,
            **PAYPAL_PLATFORM,
            "STRIPE_API_URL": town.stripe.url,
            "MOLLIE_API_URL": town.mollie.url,
            "STRIPE_CONNECT_KEY": STRIPE_CONNECT_KEY,
            "STRIPE_CONNECT_SECRET": STRIPE_CONNECT_SECRET,
            "PAYPAL_CA_FILE": town.paypal.names["ca_file"],
            "MAIL_URL": town.mailbox.names["mail_url"],
            "VAR_DIR": str(folder / "var"),
        }
        works = build_works(load_settings(environment))
        started.callback(close_works, works)
        open_shop(works, notifications=True)
        web = ["web", "--port", str(port)]
        started.enter_context(start_program("app.cli", web, f"{url}/readyz", folder / "web.log", environment))
        # It has no address of its own; what is deferred before it is ready waits for it.
        started.enter_context(
            start_program("app.cli", ["worker"], f"{url}/healthz", folder / "worker.log", environment)
        )
        yield Platform(url, town, works, environment)
