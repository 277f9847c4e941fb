"""Stripe's words in ours: one table each for states and errors.

Source: Stripe's OpenAPI file and its list of error codes, https://docs.stripe.com/error-codes.
"""

from app.integrations.errors import NeighbourError, Refused, TryAgain
from app.integrations.gateways.interface import CONNECT, Declined, PayeeProblem, PayState

GATEWAY = "stripe"
OWN_KEY = "own_key"
MODES = frozenset({OWN_KEY, CONNECT})
# The shape of every request, answer and event; a newer one is taken in with the tests.
API_VERSION = "2026-08-26.dahlia"

# A completed session, by the status of its payment intent.
INTENT_STATES = {
    "requires_capture": PayState.AUTHORIZED,
    "processing": PayState.PENDING,
    "requires_action": PayState.PENDING,
    "requires_confirmation": PayState.PENDING,
    "succeeded": PayState.CAPTURED,
    "canceled": PayState.EXPIRED,
    "requires_payment_method": PayState.FAILED,  # a delayed payment that did not come
}

# Why an approval was given back: by us, or by the bank (or the provider, at Stripe).
CANCELLATION_REASONS = {"abandoned": "released"}

# An inquiry asks, and moves no money; nor does a dispute that Stripe has prevented.
QUIET_DISPUTES = frozenset({"prevented", "warning_closed", "warning_needs_response", "warning_under_review"})
REFUNDS_THAT_FAILED = frozenset({"canceled", "failed"})

# What the buyer can heal, by another card or another method.
_BUYER = {
    "authentication_required": "declined",
    "balance_insufficient": "declined",
    "card_declined": "declined",
    "card_decline_rate_limit_exceeded": "too_many_attempts",
    "expired_card": "declined",
    "insufficient_funds": "declined",
    "payment_intent_authentication_failure": "declined",
    "processing_error": "declined",
}

# What only the provider can heal, with Stripe.
_PROVIDER = {
    "account_invalid": "account_invalid",
    "api_key_expired": "credentials_refused",
    "charge_disputed": "disputed",
    "livemode_mismatch": "wrong_mode",
    "payouts_not_allowed": "account_restricted",
    "platform_account_required": "permission_denied",
    "platform_api_key_expired": "credentials_refused",
    "secret_key_required": "credentials_refused",
    "testmode_charges_only": "not_enabled",
}

# Nothing happened, and it may later.
_LATER = {
    "idempotency_key_in_use": "in_progress",
    "lock_timeout": "in_progress",
    "rate_limit": "rate_limited",
}

_OURS = {"amount_too_large": "amount_not_supported", "amount_too_small": "amount_not_supported"}

# Answers that mean: look what is there, rather than fail.
LOOK_AGAIN = frozenset(
    {
        "charge_already_captured",
        "charge_already_refunded",
        "charge_expired_for_capture",
        "payment_intent_unexpected_state",
    }
)

# The events that are asked for and understood.
EVENTS = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.refunded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "refund.created",
    "refund.failed",
    "refund.updated",
)

# Languages that Stripe's page has; in others it follows the browser.
LOCALES = {"en": "en", "es": "es", "fr": "fr", "ru": "ru", "zh": "zh"}


def error_of(code: str, status: int) -> NeighbourError:
    """The error of ours for Stripe's code (or its kind of error) of an answer with this status."""
    if code in _BUYER or status == 402:
        return Declined(_BUYER.get(code, "declined"), code)
    if code in _PROVIDER:
        return PayeeProblem(_PROVIDER[code], code)
    if code in _LATER or status == 409:
        return TryAgain(_LATER.get(code, "in_progress"), code)
    if status == 401:
        return PayeeProblem("credentials_refused", code)
    if status == 403:
        return PayeeProblem("permission_denied", code)
    return Refused(_OURS.get(code, code), str(status))
