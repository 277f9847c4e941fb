"""The only module that names real clients: it builds them from the settings."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

from app.integrations.documents.fonts import load_fonts
from app.integrations.documents.interface import CertificateRenderer, ProFormaRenderer, TaxDocumentRenderer
from app.integrations.documents.signing_key import load_or_make_signing_key
from app.integrations.documents.typst_certificates import TypstCertificates
from app.integrations.documents.typst_pro_formas import TypstProFormas
from app.integrations.documents.typst_tax_documents import TypstTaxDocuments
from app.integrations.gateways.bank.adapter import BankTransfers
from app.integrations.gateways.interface import PaymentGateway
from app.integrations.gateways.mollie import MollieGateway
from app.integrations.gateways.paypal.adapter import PayPalGateway
from app.integrations.gateways.paypal.platform import Platform
from app.integrations.identity.interface import IdentityProvider
from app.integrations.mail.interface import Mailer
from app.integrations.mail.smtp import SmtpMailer
from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.delegated_client import HttpDelegatedRegistry
from app.integrations.registry.interface import DelegatedRegistry, Registry
from app.integrations.registry.tokens import ServiceTokens
from app.settings import Settings

Client = TypeVar("Client")


class _OnFirstUse(Mapping[str, Client]):
    """Clients that are built when they are first asked for: the libraries of some take long to load."""

    def __init__(self, makers: Mapping[str, Callable[[], Client]]) -> None:
        self._makers = makers
        self._made: dict[str, Client] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> Client:
        with self._lock:
            if name not in self._made:
                self._made[name] = self._makers[name]()
            return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@dataclass(frozen=True)
class Neighbours:
    """Everything outside that the platform talks to."""

    registry: Registry
    delegated_registry: DelegatedRegistry  # for a person's own token; it holds none
    gateways: Mapping[str, PaymentGateway]  # by the code that an order's `method` carries
    mailer: Mailer
    certificates: CertificateRenderer
    pro_formas: ProFormaRenderer
    tax_documents: TaxDocumentRenderer
    identity: Mapping[str, IdentityProvider]  # by realm: public, registry


def connect(settings: Settings) -> Neighbours:
    """Real clients for the addresses in the settings. Nothing is called yet."""
    tokens = ServiceTokens(
        settings.registry_token_url, settings.registry_client_id, settings.registry_client_secret
    )
    host = urlsplit(settings.public_url).hostname or "localhost"
    key = load_or_make_signing_key(
        settings.var_dir / "keys" / "certificates.pem", datetime.now(UTC), name=f"Certificates of {host}"
    )
    fonts = load_fonts()
    urls = settings.api_urls
    gateways: dict[str, Callable[[], PaymentGateway]] = {
        "bank": _ready(BankTransfers()),
        "paypal": _ready(PayPalGateway(urls["paypal"], settings.paypal_ca_file, _paypal_platform(settings))),
        "stripe": partial(_stripe, settings),
        "mollie": _ready(MollieGateway(urls["mollie"])),
    }
    realms: dict[str, Callable[[], IdentityProvider]] = {
        "public": partial(
            _realm,
            settings.public_realm_url,
            settings.public_realm_client_id,
            settings.public_realm_client_secret,
        ),
        "registry": partial(
            _realm,
            settings.registry_realm_url,
            settings.registry_realm_client_id,
            settings.registry_realm_client_secret,
        ),
    }
    return Neighbours(
        registry=HttpRegistry(settings.registry_url, tokens),
        delegated_registry=HttpDelegatedRegistry(settings.registry_url),
        gateways=_OnFirstUse(gateways),
        mailer=SmtpMailer(settings.mail_url, sender=f"no-reply@{host}"),
        certificates=TypstCertificates(key, fonts),
        pro_formas=TypstProFormas(fonts),
        tax_documents=TypstTaxDocuments(fonts),
        identity=_OnFirstUse(realms),
    )


def _ready(client: Client) -> Callable[[], Client]:
    return lambda: client


def _stripe(settings: Settings) -> PaymentGateway:
    from app.integrations.gateways.stripe.adapter import StripeGateway  # noqa: PLC0415 (see _OnFirstUse)

    return StripeGateway(
        settings.api_urls["stripe"], settings.stripe_connect_key, settings.stripe_connect_secret
    )


def _realm(url: str, client_id: str, client_secret: str) -> IdentityProvider:
    from app.integrations.identity.keycloak import KeycloakIdentity  # noqa: PLC0415 (see _OnFirstUse)

    return KeycloakIdentity(url, client_id, client_secret)


def _paypal_platform(settings: Settings) -> Platform | None:
    """The platform's own application at PayPal, if it has one."""
    if not settings.paypal_platform_client_id:
        return None
    return Platform(
        client_id=settings.paypal_platform_client_id,
        secret=settings.paypal_platform_client_secret,
        payee_mode=settings.paypal_payee_mode,
        partner_id=settings.paypal_partner_id,
        attribution_id=settings.paypal_partner_attribution_id,
    )
