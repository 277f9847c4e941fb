"""The words for refunds: pages and mails say the same to buyer, provider and administrator."""

from flask_babel import gettext as _

from app.domain.payments.refund_models import RefundState
from app.web.support.order_words import payee_problem

_OF_THE_ACCOUNT = frozenset(
    {
        "account_closed",
        "account_invalid",
        "account_restricted",
        "account_not_verified",
        "consent_revoked",
        "credentials_refused",
        "insufficient_funds",
        "no_consent",
        "not_enabled",
        "permission_denied",
        "refund_failed",
    }
)


def refund_state(state: str) -> str:
    """A refund's state in a few words."""
    return {
        RefundState.REQUESTED: _("Being given back"),
        RefundState.SUBMITTED: _("Being given back"),
        RefundState.IN_TRANSIT: _("On its way"),
        RefundState.BY_HAND: _("To be sent by the seller"),
        RefundState.SENT: _("Sent by the seller"),
        RefundState.DONE: _("Given back"),
        RefundState.FAILED: _("Has not come"),
        RefundState.WITHDRAWN: _("Not due any more"),
    }[RefundState(state)]


def refund_kind(state: str) -> str:
    """The kind of chip that goes with `refund_state`."""
    return {
        RefundState.BY_HAND: "wait",
        RefundState.SENT: "wait",
        RefundState.DONE: "done",
        RefundState.FAILED: "trouble",
        RefundState.WITHDRAWN: "none",
    }.get(RefundState(state), "info")


def refund_cause(cause: str) -> str:
    """Why money goes back, as a sentence."""
    known = {
        "surplus": _("More came than the order costs."),
        "units_gone": _("The payment came after the hold had ended, and the units were gone by then."),
        "refused": _("The registry does not cancel these units."),
        "part_paid": _("Only a part of the money came before the order ended."),
        "rejected": _("The payment was looked into and not accepted."),
        "self_test": _("You tried this account out: the money is yours."),
        "seller_refused": _("The seller has checked the payment and does not accept it."),
    }
    return known.get(cause) or _("The order was not fulfilled.")


def refund_problem(code: str | None) -> str:
    """Why the payment service cannot give the money back, as a sentence for the provider."""
    known = {
        "by_transfer": _("The buyer paid by bank transfer: only you can send the money back."),
        "account_revoked": _("Your account there is not connected to the platform any more."),
        "never_finished": _(
            "The payment service took the refund on and has not finished it in 30 days. Look there first: if it has "
            "been paid out after all, send nothing."
        ),
        "refund_window_over": _("The time in which the payment service gives money back is over."),
        "no_api_refund": _("The payment service lets only you give this money back, on its own pages."),
        "refund_restricted": _("The payment service lets only you give this money back, on its own pages."),
        "refund_amount_exceeded": _("The payment service says that a part has been given back already."),
        "payer_account_closed": _("The account that the buyer paid from is closed."),
        "charged_back": _(
            "The payment has been taken back there. Look first whether anything is left to give back."
        ),
        "disputed": _("The buyer has disputed the payment there."),
        "charge_disputed": _("The buyer has disputed the payment there."),
    }
    if code in known:
        return known[code]
    if code in _OF_THE_ACCOUNT:
        return payee_problem(code or "")
    return _("The payment service does not give this money back.")
