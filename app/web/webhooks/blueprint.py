"""Notifications of the neighbours: verified, stored, deferred, answered. Thought about later."""

from flask import Blueprint

from app.extensions import csrf

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
# Senders are known by their signature, not by a cookie and a token.
csrf.exempt(blueprint)

from app.web.webhooks import payment_notification, paypal_platform, registry_event  # noqa: E402

__all__ = ["blueprint", "payment_notification", "paypal_platform", "registry_event"]
