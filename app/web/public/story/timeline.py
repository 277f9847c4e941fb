"""The line of an order: placed, paid, asked, cancelled, certified, or wherever it ended."""

from typing import Any

from flask_babel import gettext as _

from app.domain.cancellations.models import CancellationState
from app.domain.orders.models import OrderState as S
from app.domain.payments.models import PaymentState as P
from app.web.public.order_facts import OrderFacts
from app.web.support.filters import tonnes
from app.web.support.order_words import order_state

Entry = dict[str, Any]

_GIVEN_UP = {S.EXPIRED, S.WITHDRAWN}
_GIVEN_BACK = {S.REFUND_DUE, S.REFUNDED}


def timeline(facts: OrderFacts, *, asked: bool = False) -> list[Entry]:
    """Entries for the component `timeline`, in the order in which things happen."""
    order = facts.order
    entries = [
        {
            "state": "done",
            "title": _("Order placed"),
            "text": _(
                "%(tonnes)s from %(seller)s", tonnes=tonnes(order.quantity), seller=order.provider.legal_name
            ),
            "at": order.placed_at,
        }
    ]
    if order.state in _GIVEN_UP:
        return [*entries, _ended(facts)]
    entries.append(_payment(facts, asked))
    if order.state == S.NEEDS_ATTENTION:
        return [*entries, *_so_far(facts), {"state": "trouble", "title": order_state(order.state)}]
    if order.state == S.FULFILMENT_FAILED:
        return [*entries, *_refused(), {"state": "wait", "title": order_state(order.state)}]
    if order.state in _GIVEN_BACK:
        return [*entries, *_refused(), _refund(facts)]
    return [*entries, *_cancellation(facts), _certificate(facts)]


def _ended(facts: OrderFacts) -> Entry:
    order = facts.order
    at = order.hold_until if order.state == S.EXPIRED else None
    return {"state": "ended", "title": order_state(order.state), "text": _("Nothing was paid"), "at": at}


def _payment(facts: OrderFacts, asked: bool) -> Entry:
    order = facts.order
    if order.paid_at is not None:
        return {
            "state": "done",
            "title": _("Payment received"),
            "text": _("by %(seller)s, directly", seller=order.provider.legal_name),
            "at": order.paid_at,
        }
    if order.state == S.NEEDS_ATTENTION:
        return {"state": "ended", "title": _("Payment not accepted")}
    if order.state in _GIVEN_BACK:
        return {"state": "done", "title": _("Money received")}
    waits_for_buyer = facts.payment_state not in {P.AUTHORIZED, P.PENDING} and not asked
    state = "wait" if waits_for_buyer or facts.payment_state == P.PENDING else "now"
    return {"state": state, "title": order_state(order.state, facts.payment_state)}


def _cancellation(facts: OrderFacts) -> list[Entry]:
    order, cancellations = facts.order, facts.cancellations.values()
    if order.state in {S.AWAITING_PAYMENT, S.PAID}:
        waits = {"state": "wait", "title": _("The seller waits before cancelling")}
        return [
            *([waits] if order.state == S.PAID else []),
            {"state": "later", "title": _("Registry is asked to cancel the units")},
            {"state": "later", "title": _("Units cancelled")},
        ]
    asked = {
        "state": "done",
        "title": _("Registry asked to cancel the units"),
        "at": min((each.opened_at for each in cancellations), default=order.paid_at),
    }
    if order.state == S.COMPLETED:
        return [asked, _cancelled(facts)]
    unanswered = any(each.state == CancellationState.UNKNOWN for each in cancellations)
    return [
        asked | {"state": "wait" if unanswered else "now", "title": order_state(order.state)},
        {"state": "later", "title": _("Units cancelled")},
    ]


def _cancelled(facts: OrderFacts) -> Entry:
    """The registry's own time, that of the last line."""
    times = [each.completed_at for each in facts.cancellations.values() if each.completed_at is not None]
    return {
        "state": "done",
        "title": order_state(S.COMPLETED),
        "text": _("permanently, in the Article 6.4 mechanism registry"),
        "at": max(times, default=facts.order.completed_at),
    }


def _so_far(facts: OrderFacts) -> list[Entry]:
    """What of the order the registry has cancelled before it went to a person."""
    done = [each for each in facts.cancellations.values() if each.state == CancellationState.COMPLETED]
    if not done:
        return []
    cancelled = _("%(tonnes)s cancelled", tonnes=tonnes(sum(each.quantity for each in done)))
    return [{"state": "done", "title": cancelled, "at": done[-1].completed_at}]


def _refused() -> list[Entry]:
    return [{"state": "ended", "title": _("Units could not be cancelled")}]


def _refund(facts: OrderFacts) -> Entry:
    order = facts.order
    if order.state == S.REFUND_DUE:
        return {"state": "now", "title": order_state(order.state)}
    given = [entry.at for entry in facts.payment.entries if entry.kind == "refund"] if facts.payment else []
    return {"state": "done", "title": order_state(order.state), "at": max(given, default=None)}


def _certificate(facts: OrderFacts) -> Entry:
    if facts.certificate is not None:
        return {
            "state": "done",
            "title": _("Certificate %(number)s", number=facts.certificate.number),
            "text": _("by mail to %(email)s", email=facts.order.email),
            "at": facts.certificate.issued_at,
        }
    if facts.order.state == S.COMPLETED:
        return {"state": "now", "title": _("Certificate is being made")}
    return {"state": "later", "title": _("Certificate")}
