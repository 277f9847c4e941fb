"""The words for payments and for movements of money, for providers and administrators."""

from flask_babel import gettext as _

from app.domain.payments.models import PaymentState


def payment_state(code: str) -> str:
    """The state of one attempt to pay."""
    names = {
        PaymentState.CREATED: _("Begun"),
        PaymentState.STARTED: _("Open"),
        PaymentState.AUTHORIZED: _("Approved"),
        PaymentState.PENDING: _("Pending"),
        PaymentState.CAPTURED: _("Received"),
        PaymentState.FAILED: _("Failed"),
        PaymentState.ABANDONED: _("Given up"),
        PaymentState.EXPIRED: _("Expired"),
    }
    return names[PaymentState(code)]


def entry_kind(code: str) -> str:
    """What a movement of money is."""
    known = {
        "receipt": _("Received"),
        "refund": _("Refunded"),
        "refund_failed": _("A refund came back"),
        "chargeback": _("Taken back by a dispute"),
        "chargeback_won": _("Dispute won"),
    }
    return known.get(code) or code
