"""The only module that names real clients: it builds them from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.integrations.documents.interface import CertificateRenderer
from app.integrations.gateways.interface import PaymentGateway
from app.integrations.mail.interface import Mailer
from app.integrations.registry.interface import Registry
from app.settings import Settings


@dataclass(frozen=True)
class Neighbours:
    """Everything outside that the platform talks to."""

    registry: Registry
    gateways: Mapping[str, PaymentGateway]  # by the code that an order's `method` carries
    mailer: Mailer
    certificates: CertificateRenderer


def connect(settings: Settings) -> Neighbours:
    """Real clients for the addresses in the settings. Nothing is called yet."""
    raise NotImplementedError(settings)
