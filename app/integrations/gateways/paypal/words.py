"""PayPal's words in ours: one table each for states, pending reasons and issues.

Source: PayPal's OpenAPI files of orders v2 and payments v2, and for PAYEE_NOT_CONSENTED its error pages.
"""

from app.integrations.errors import NeighbourError, Refused, TryAgain
from app.integrations.gateways.interface import (
    PARTNER,
    PAYEE,
    Declined,
    OnlyByHand,
    PayeeProblem,
    PayState,
)

GATEWAY = "paypal"
OWN_APP = "own_app"
MODES = frozenset({OWN_APP, PAYEE, PARTNER})

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
    # Only that attempt's own invoice id is taken; the next one has another.
    "DUPLICATE_INVOICE_ID": "duplicate",
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
    "TRANSACTION_BLOCKED_BY_PAYEE": "blocked_by_payee",
    "TRANSACTION_RECEIVING_LIMIT_EXCEEDED": "receiving_limit",
}

# Refunds that PayPal's API will not make (any more): the provider pays the buyer back themselves.
_BY_HAND = {
    "MAX_NUMBER_OF_REFUNDS_EXCEEDED": "too_many_refunds",
    "PARTIAL_REFUND_NOT_ALLOWED": "no_partial_refund",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": "payer_account_closed",
    "REFUND_AMOUNT_TOO_LOW": "amount_too_low",
    "REFUND_FAILED_INSUFFICIENT_FUNDS": "insufficient_funds",
    "REFUND_IS_RESTRICTED": "refund_restricted",
    "REFUND_NOT_ALLOWED": "refund_not_allowed",
    "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK": "charged_back",
    "REFUND_TIME_LIMIT_EXCEEDED": "refund_window_over",
    "TRANSACTION_DISPUTED": "disputed",
}

# Nothing happened, and it may later.
_LATER = {
    "ORDER_COMPLETION_IN_PROGRESS": "in_progress",
    "PENDING_CAPTURE": "capture_pending",
    "PREVIOUS_REQUEST_IN_PROGRESS": "in_progress",
}

# Answers that mean: look what is there, rather than fail.
LOOK_AGAIN = frozenset({"ORDER_ALREADY_CAPTURED", "ORDER_NOT_APPROVED", "INVALID_RESOURCE_ID"})
# Likewise for refunds: there is nothing left, or the one that is asked for was made before its key was forgotten.
REFUNDED_BEFORE = frozenset({"CAPTURE_FULLY_REFUNDED", "DUPLICATE_INVOICE_ID", "INVALID_RESOURCE_ID"})
REFUNDS_THAT_FAILED = frozenset({"CANCELLED", "FAILED"})

# The events that are asked for and understood.
EVENTS = (
    "CHECKOUT.ORDER.APPROVED",
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "CUSTOMER.DISPUTE.CREATED",
    "CUSTOMER.DISPUTE.RESOLVED",
    "CUSTOMER.DISPUTE.UPDATED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DECLINED",
    "PAYMENT.CAPTURE.DENIED",
    "PAYMENT.CAPTURE.PENDING",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
)

# Beyond these, those that PayPal has for its partners.
ABOUT_ACCOUNTS = frozenset({"MERCHANT.ONBOARDING.COMPLETED"})
ACCOUNT_PROBLEMS = {"MERCHANT.PARTNER-CONSENT.REVOKED": "consent_revoked"}
PARTNER_EVENTS = (*EVENTS, *ABOUT_ACCOUNTS, *ACCOUNT_PROBLEMS)

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


def refund_error_of(issue: str, status: int) -> NeighbourError:
    """Likewise for a refund: what the API will not do for this account is the provider's to do by hand."""
    if issue in _BY_HAND:
        return OnlyByHand(_BY_HAND[issue], issue)
    error = error_of(issue, status)
    return OnlyByHand(error.code, issue) if isinstance(error, PayeeProblem) else error
