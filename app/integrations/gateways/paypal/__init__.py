"""PayPal: Orders v2 with each provider's own application, or with the platform's (modes payee and partner)."""

from app.integrations.gateways.paypal.adapter import PayPalGateway
from app.integrations.gateways.paypal.platform import Platform

__all__ = ["PayPalGateway", "Platform"]
