"""The steps of an order (`docs/states.md` draws them)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.audit.record import Event
from app.domain.orders.models import Order
from app.domain.orders.models import OrderState as S
from app.domain.states import take_step

# States in which the order's units stay held for it.
HOLDING = frozenset({S.AWAITING_PAYMENT, S.PAID, S.CANCELLING})
# States after which nothing moves by itself: the order page stops asking.
FINAL = frozenset({S.COMPLETED, S.EXPIRED, S.WITHDRAWN, S.REFUNDED, S.NEEDS_ATTENTION})

_GIVEN_UP = frozenset({S.EXPIRED, S.WITHDRAWN})

STEPS: dict[str, tuple[frozenset[S], S]] = {
    "pay": (frozenset({S.AWAITING_PAYMENT}), S.PAID),
    "expire": (frozenset({S.AWAITING_PAYMENT}), S.EXPIRED),
    "withdraw": (frozenset({S.AWAITING_PAYMENT}), S.WITHDRAWN),
    "hold_again": (
        frozenset({S.EXPIRED}),
        S.AWAITING_PAYMENT,
    ),  # approved late, and the units are still there
    "late_accept": (_GIVEN_UP, S.PAID),  # paid late, and the units are still there
    "late_refuse": (_GIVEN_UP, S.REFUND_DUE),  # paid late, and they are gone
    "expire_part": (frozenset({S.AWAITING_PAYMENT}), S.REFUND_DUE),  # only part of the money came in time
    "withdraw_part": (frozenset({S.AWAITING_PAYMENT}), S.REFUND_DUE),
    "begin_cancel": (frozenset({S.PAID}), S.CANCELLING),  # the point of no return
    "complete": (frozenset({S.CANCELLING, S.NEEDS_ATTENTION}), S.COMPLETED),
    "lose": (frozenset({S.PAID}), S.WITHDRAWN),  # the money left again before anything was cancelled
    "part_lose": (frozenset({S.PAID}), S.AWAITING_PAYMENT),
    "end_trial": (frozenset({S.PAID}), S.REFUND_DUE),  # a provider has paid itself: nothing is cancelled
    "refuse": (frozenset({S.PAID}), S.REFUND_DUE),  # the provider does not want this payment
    "fail_fulfilment": (frozenset({S.CANCELLING}), S.FULFILMENT_FAILED),  # refused, and others could be had
    "substitute": (frozenset({S.FULFILMENT_FAILED}), S.CANCELLING),
    "give_back": (
        frozenset({S.CANCELLING, S.FULFILMENT_FAILED}),
        S.REFUND_DUE,
    ),  # the registry refused all of it
    "refund_done": (frozenset({S.REFUND_DUE}), S.REFUNDED),
    "refund_fail": (frozenset({S.REFUNDED}), S.REFUND_DUE),  # money is at the provider again
    "flag": (
        frozenset(
            {
                S.AWAITING_PAYMENT,
                S.PAID,
                S.CANCELLING,
                S.FULFILMENT_FAILED,
                S.REFUND_DUE,
                S.REFUNDED,
                *_GIVEN_UP,
            }
        ),
        S.NEEDS_ATTENTION,
    ),
    # A person has decided.
    "clear": (frozenset({S.NEEDS_ATTENTION}), S.PAID),
    "clear_unpaid": (frozenset({S.NEEDS_ATTENTION}), S.AWAITING_PAYMENT),
    "reject": (frozenset({S.NEEDS_ATTENTION}), S.REFUND_DUE),
    "reject_unpaid": (frozenset({S.NEEDS_ATTENTION}), S.WITHDRAWN),
}


def step(
    session: Session, order: Order, name: str, now: datetime, *, actor: str = "platform", **payload: Any
) -> None:
    """Take one step of an order; IllegalStep where there is none. A `reason` given stays on the order."""
    take_step(session, order, name, STEPS, Event.ORDER_STEP, now, order_id=order.id, actor=actor, **payload)
    order.state_reason = payload.get("reason")
