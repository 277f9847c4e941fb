"""PayPal's words in ours: one table each for states, pending reasons and issues.

Source: PayPal's OpenAPI files of orders v2 and payments v2, and for PAYEE_NOT_CONSENTED its error pages.
"""

from app.integrations.errors import NeighbourError, Refused, TryAgain
from app.integrations.gateways.interface import Declined, PayeeProblem, PayState

GATEWAY = "paypal"
OWN_APP = "own_app"

# An order that has no capture yet. COMPLETED says nothing: its capture may still be pending.
ORDER_STATES = {
    "CREATED": PayState.STARTED,
    "SAVED": PayState.STARTED,
    "PAYER_ACTION_REQUIRED": PayState.STARTED,
    "APPROVED": PayState.AUTHORIZED,
    "VOIDED": PayState.EXPIRED,
}

CAPTURE_STATES = {
    "COMPLETED": PayState.CAPTURED,
    "PARTIALLY_REFUNDED": PayState.CAPTURED,
    "REFUNDED": PayState.CAPTURED,
    "PENDING": PayState.PENDING,
    "DECLINED": PayState.FAILED,
    "FAILED": PayState.FAILED,
}

# States of a capture in which the provider has had the money.
RECEIVED = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})

PENDING_REASONS = {
    "ECHECK": "echeck",
    "TRANSACTION_APPROVED_AWAITING_FUNDING": "echeck",
    "PENDING_REVIEW": "review",
    "RECEIVING_PREFERENCE_MANDATES_MANUAL_ACTION": "payee_action",
    "INTERNATIONAL_WITHDRAWAL": "payee_action",
    "UNILATERAL": "payee_action",
    "VERIFICATION_REQUIRED": "payee_action",
    "BUYER_COMPLAINT": "disputed",
    "CHARGEBACK": "disputed",
}

# What the buyer can heal, by another card or another method.
_BUYER = {
    "CARD_EXPIRED": "declined",
    "INSTRUMENT_DECLINED": "declined",
    "PAYER_ACTION_REQUIRED": "declined",
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": "declined",
    "TRANSACTION_LIMIT_EXCEEDED": "declined",
    "TRANSACTION_REFUSED": "declined",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": "payer_cannot_pay",
    "PAYER_ACCOUNT_RESTRICTED": "payer_cannot_pay",
    "PAYER_CANNOT_PAY": "payer_cannot_pay",
    "COMPLIANCE_VIOLATION": "compliance",
    "DOMESTIC_TRANSACTION_REQUIRED": "domestic_only",
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": "too_many_attempts",
}

# What only the provider can heal, with PayPal.
_PROVIDER = {
    "AUTH_CAPTURE_NOT_ENABLED": "not_enabled",
    "CONSENT_NEEDED": "no_consent",
    "INVALID_ACCOUNT_STATUS": "account_restricted",
    "NOT_ENABLED_FOR_CARD_PROCESSING": "not_enabled",
    "PAYEE_ACCOUNT_INVALID": "account_invalid",
    "PAYEE_ACCOUNT_LOCKED_OR_CLOSED": "account_closed",
    "PAYEE_ACCOUNT_NOT_SUPPORTED": "account_invalid",
    "PAYEE_ACCOUNT_NOT_VERIFIED": "account_not_verified",
    "PAYEE_ACCOUNT_RESTRICTED": "account_restricted",
    "PAYEE_BLOCKED_TRANSACTION": "blocked_by_payee",
    "PAYEE_NOT_CONSENTED": "no_consent",
    "PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING": "not_enabled",
    "PERMISSION_DENIED": "permission_denied",
    "REFUND_FAILED_INSUFFICIENT_FUNDS": "insufficient_funds",
    "TRANSACTION_BLOCKED_BY_PAYEE": "blocked_by_payee",
    "TRANSACTION_RECEIVING_LIMIT_EXCEEDED": "receiving_limit",
}

# Nothing happened, and it may later.
_LATER = {
    "ORDER_COMPLETION_IN_PROGRESS": "in_progress",
    "PENDING_CAPTURE": "capture_pending",
    "PREVIOUS_REQUEST_IN_PROGRESS": "in_progress",
}

# Answers that mean: look what is there, rather than fail.
LOOK_AGAIN = frozenset(
    {"ORDER_ALREADY_CAPTURED", "ORDER_NOT_APPROVED", "CAPTURE_FULLY_REFUNDED", "INVALID_RESOURCE_ID"}
)

# The events that are asked for and understood.
EVENTS = (
    "CHECKOUT.ORDER.APPROVED",
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DECLINED",
    "PAYMENT.CAPTURE.DENIED",
    "PAYMENT.CAPTURE.PENDING",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
)

LOCALES = {"ar": "ar-EG", "en": "en-US", "es": "es-ES", "fr": "fr-FR", "ru": "ru-RU", "zh": "zh-CN"}


def error_of(issue: str, status: int) -> NeighbourError:
    """The error of ours for an issue (details[].issue, else the name) of an answer with this status."""
    if issue in _BUYER:
        return Declined(_BUYER[issue], issue)
    if issue in _PROVIDER or issue.startswith("PAYEE_"):
        return PayeeProblem(_PROVIDER.get(issue, "account_problem"), issue)
    if issue in _LATER:
        return TryAgain(_LATER[issue], issue)
    if status in (401, 403):
        # PayPal knows the provider's application no more, or lets it do this no more.
        return PayeeProblem("permission_denied", issue)
    return Refused(issue.lower(), str(status))
