"""PayPal: Orders v2 with each provider's own REST application (mode own_app)."""

from app.integrations.gateways.paypal.adapter import PayPalGateway

__all__ = ["PayPalGateway"]
