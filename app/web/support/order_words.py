"""The words for an order's states and reasons: pages, mails and the group's checklist all say the same.

Mails reach them as template filters (`order_state`, `order_reason`, …; see `filters.py`).
"""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.domain.cancellations.models import CancellationState
from app.domain.orders.models import Order, OrderState
from app.domain.payments.methods import METHODS, Way
from app.domain.payments.models import PaymentState
from app.domain.payments.standing import Mark, Standing


@dataclass(frozen=True)
class Words:
    """What a chip says, and its kind: done, wait, trouble, info or none."""

    words: str
    kind: str


def order_words(order: Order, standing: Standing | None = None) -> list[Words]:
    """How an order stands, in the same words to buyer, provider and administrator: its state, then what the money
    adds to it.
    """
    standing = standing or Standing()
    words = [
        Words(
            order_state(order.state, standing.payment_state), order_kind(order.state, standing.payment_state)
        )
    ]
    if order.trial:
        words.insert(0, Words(_("Trial"), "info"))
    said = {Mark.ON_HOLD} if standing.payment_state == PaymentState.PENDING else set()
    return words + [_MARK_WORDS[mark]() for mark in standing.marks if mark not in said]


_MARK_WORDS = {
    Mark.PART_PAID: lambda: Words(_("Paid in part"), "wait"),
    Mark.OVERPAID: lambda: Words(_("Paid too much"), "wait"),
    Mark.ON_HOLD: lambda: Words(_("A payment is on hold"), "wait"),
    Mark.DISPUTED: lambda: Words(_("Payment disputed"), "trouble"),
    Mark.REFUNDED_IN_PART: lambda: Words(_("Refunded in part"), "wait"),
}


def order_state(state: str, payment_state: str | None = None) -> str:
    """An order's state in two or three words. `payment_state`: of its latest attempt, for orders that wait for it."""
    if state == OrderState.AWAITING_PAYMENT:
        if payment_state == PaymentState.AUTHORIZED:
            return _("Payment approved")
        if payment_state == PaymentState.PENDING:
            return _("Payment pending")
    names = {
        OrderState.AWAITING_PAYMENT: _("Waiting for payment"),
        OrderState.PAID: _("Paid"),
        OrderState.CANCELLING: _("Cancelling units"),
        OrderState.COMPLETED: _("Units cancelled"),
        OrderState.EXPIRED: _("Expired"),
        OrderState.WITHDRAWN: _("Withdrawn"),
        OrderState.REFUND_DUE: _("Refund under way"),
        OrderState.REFUNDED: _("Refunded"),
        OrderState.FULFILMENT_FAILED: _("Other units offered"),
        OrderState.NEEDS_ATTENTION: _("Being looked into"),
    }
    return names[OrderState(state)]


def order_kind(state: str, payment_state: str | None = None) -> str:
    """The kind of chip that goes with `order_state`: done, wait, trouble, info or none."""
    if state == OrderState.AWAITING_PAYMENT and payment_state == PaymentState.AUTHORIZED:
        return "info"
    kinds = {
        OrderState.AWAITING_PAYMENT: "wait",
        OrderState.COMPLETED: "done",
        OrderState.EXPIRED: "none",
        OrderState.WITHDRAWN: "none",
        OrderState.REFUND_DUE: "wait",
        OrderState.REFUNDED: "none",
        OrderState.FULFILMENT_FAILED: "wait",
        OrderState.NEEDS_ATTENTION: "trouble",
    }
    return kinds.get(OrderState(state), "info")


def cancellation_state(state: str) -> str:
    """The state of one line's cancellation."""
    names = {
        CancellationState.SUBMITTED: _("The registry is being asked"),
        CancellationState.UNKNOWN: _("The registry has not answered yet"),
        CancellationState.COMPLETED: _("Cancelled in the registry"),
        CancellationState.REFUSED: _("Refused by the registry"),
    }
    return names[CancellationState(state)]


def order_reason(code: str | None) -> str:
    """Why an order ended without a certificate, as a sentence; "" where the state says it all."""
    if not code:
        return ""
    known = {
        "buyer": _("You withdrew it before paying."),
        "units_gone": _("The payment came after the hold had ended, and the units were gone by then."),
        "registry_away": _("The registry did not answer for two hours after your approval."),
        "payment_mismatch": _(
            "The payment that was reported is not the one that was asked for: the amount, the currency or the "
            "payee is another."
        ),
        "receipt_mismatch": _("The registry’s answer does not fit what was asked of it."),
        "part_paid": _("Only a part of the money came before the time to pay was over."),
        "refund_failed": _("A refund that had been made came back to the seller."),
        "paid_again": _("Money came for the order after everything had been given back."),
        "refund_unclear": _("What is still to be given back cannot be told from the books."),
        "payment_lost": _("The money left the seller again before anything was cancelled."),
        "payment_part_lost": _("A part of the money left the seller again before anything was cancelled."),
        "payment_not_confirmed": _("The payment service does not confirm the payment any more."),
        "seller_refused": _("The seller has checked the payment and does not accept it."),
        "rejected": _("A person has looked into the order and ended it."),
        "partly_refused": _("The registry cancelled some of the units and refused the others."),
    }
    if code in known:
        return known[code]
    if code.startswith("refund_refused"):
        return _("The payment service refused to give the money back.")
    return registry_reason(code)


def registry_reason(code: str) -> str:
    """Why the registry does not cancel these units, as a sentence."""
    known = {
        "mandate_revoked": _("The provider has taken back its permission to cancel these units."),
        "mandate_suspended": _("The registry has suspended the permission to cancel these units."),
        "mandate_expired": _("The permission to cancel these units has run out."),
        "mandate_exhausted": _("All units that the provider had put up for cancellation are used up."),
        "insufficient_units": _("The registry does not hold enough of these units any more."),
        "block_not_available": _("The registry has frozen or moved these units."),
        "account_suspended": _("The provider’s account in the registry is suspended."),
        "purpose_not_authorized": _("The host Party has not authorized these units for this purpose."),
    }
    return known.get(code) or _("The registry does not cancel these units.")


def payment_problem(code: str | None, gateway: str) -> str:
    """Why the last attempt to pay by this gateway did not succeed, as a sentence for the buyer."""
    by = service(gateway)
    known = {
        "declined": _("The payment was declined. Another card or account may work."),
        "payer_cannot_pay": _(
            "%(service)s does not let this account pay at present. Another one may work.", service=by
        ),
        "compliance": _("%(service)s cannot make this payment for legal reasons.", service=by),
        "domestic_only": _(
            "%(service)s makes payments in this currency only within one country.", service=by
        ),
        "too_many_attempts": _(
            "%(service)s has seen too many attempts. Please wait a while before the next one.", service=by
        ),
        "reversed": _("Your approval ran out before the payment was made."),
        "hold_over": _("The time for paying was over."),
        "forgotten": _("The payment was begun and not finished."),
        "unfinished": _("The payment was begun and not finished."),
        "method_changed": _("You chose another way to pay."),
        "account_gone": _("The seller’s account could not be reached any more. Nothing was taken."),
        "released": _("The payment was not taken, and what your bank had held for it was given back."),
    }
    return known.get(code or "") or _("The payment could not be made.")


def payment_wait(code: str | None, gateway: str) -> str:
    """What a payment that is pending at this gateway waits for, as a sentence."""
    by = service(gateway)
    known = {
        "echeck": _(
            "You pay from a bank account: that takes %(service)s three to six working days.", service=by
        ),
        "review": _("%(service)s is reviewing the payment. That usually takes less than a day.", service=by),
        "payee_action": _("The seller has to accept the payment at %(service)s first.", service=by),
        "disputed": _("The payment is disputed at %(service)s.", service=by),
        "unconfirmed": _("The bank has not confirmed the payment yet. That usually takes minutes."),
        "delayed": _("You pay from a bank account: that takes a few working days."),
    }
    return known.get(code or "") or _("%(service)s has not released the payment yet.", service=by)


def payee_problem(code: str) -> str:
    """Why a provider's payment account cannot receive, as a sentence for the provider."""
    known = {
        "no_consent": _("The account has not agreed to receive payments in this way."),
        "not_connected": _("The account has not been connected with this platform yet."),
        "email_not_confirmed": _("The e-mail address of the account has not been confirmed there yet."),
        "not_receivable": _("The account cannot receive payments yet."),
        "no_account_there": _("Nobody has an account with this address: payments would wait to be claimed."),
        "mode_not_configured": _("This platform does not offer this way to be paid any more."),
        "not_enabled": _("The account is not set up for this kind of payment."),
        "account_restricted": _("The account is restricted."),
        "account_closed": _("The account is locked or closed."),
        "account_invalid": _("The account does not exist or cannot receive payments."),
        "account_not_verified": _("The account is not verified yet."),
        "blocked_by_payee": _("The account’s own settings block such payments."),
        "permission_denied": _("The credentials that you gave us are not accepted any more."),
        "insufficient_funds": _("The account does not hold enough money for a refund."),
        "credentials_refused": _("The credentials that you gave us are not accepted any more."),
        "wrong_account": _("The credentials that you gave us belong to another account."),
        "wrong_mode": _("The credentials are for trying out and the account is not, or the other way round."),
        "refund_failed": _("A refund could not be paid out to the buyer."),
        "consent_revoked": _("The connection with this platform was ended there."),
        "account_taken": _("This account is on the platform already."),
        "receiving_limit": _("The account has reached the limit of what it may receive."),
    }
    return known.get(code) or _("The account refuses payments.")


def method(code: str) -> str:
    """How an order is paid, within a sentence."""
    row = METHODS[code]
    return {Way.TRANSFER: _("bank transfer"), Way.WALLET: row.service, Way.CARD: _("card")}[row.way]


def service(code: str) -> str:
    """Who takes the payment: whom the buyer is sent to, and we ask."""
    return METHODS[code].service or method(code)


def method_card(code: str) -> dict[str, str]:
    """A way to pay as a choice: `value`, `label`, and in `hint` what paying is like."""
    row = METHODS[code]
    labels = {Way.TRANSFER: _("Bank transfer"), Way.WALLET: row.service, Way.CARD: _("Card")}
    hints = {
        Way.TRANSFER: _(
            "To the seller’s own bank account, from any bank. You get the account, a reference and a due date; the "
            "units stay held meanwhile."
        ),
        Way.WALLET: _(
            "With a %(service)s balance, or with a card without a %(service)s account. You approve the payment at "
            "%(service)s.",
            service=row.service,
        ),
        Way.CARD: _(
            "Credit or debit card. You enter it on a page of %(service)s, the seller’s card service; your bank may "
            "ask you to confirm.",
            service=row.service,
        ),
    }
    return {"value": code, "label": labels[row.way], "hint": hints[row.way]}


def statement_name(code: str, seller: str) -> str:
    """What buyers look for on their own statement after paying this seller in this way."""
    row = METHODS[code]
    if not row.on_statement:
        return seller
    return _("%(method)s and the name of %(seller)s", method=row.service, seller=seller)


def payee_told(code: str, seller: str, total: str) -> str:
    """Before the order is placed: who gets the money in this way, and where the buyer sees it."""
    row = METHODS[code]
    if row.way is Way.TRANSFER:
        return _(
            "You transfer %(total)s to an account of %(seller)s, not of this platform.",
            seller=seller,
            total=total,
        )
    if not row.on_statement:
        return _(
            "On your statement you will find %(seller)s as the payee of %(total)s, not this platform.",
            seller=seller,
            total=total,
        )
    return _(
        "On your %(service)s and bank statement you will find %(seller)s as the payee of %(total)s, not this "
        "platform.",
        service=row.service,
        seller=seller,
        total=total,
    )
