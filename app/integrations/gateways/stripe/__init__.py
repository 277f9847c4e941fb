"""Stripe: Checkout Sessions as direct charges, with the provider's own key or for a connected account."""

from app.integrations.gateways.stripe.adapter import StripeGateway

__all__ = ["StripeGateway"]
