"""Tell an order's story in its present state, and say how soon to look again."""

import hashlib
from datetime import datetime, timedelta

from app.domain.orders.models import OrderState as S
from app.web.public.order_facts import OrderFacts
from app.web.public.story import choice, ended, paid
from app.web.public.story.story import Story
from app.web.public.story.timeline import timeline
from app.web.public.story.unpaid import waiting
from app.web.public.story.waits import waits

# How long after the last change the page asks how often: quick while something is about to happen, slow when
# a neighbour takes its time, so that a forgotten tab costs nothing.
_PACE = ((timedelta(minutes=2), 2), (timedelta(minutes=10), 5), (timedelta(hours=1), 20))
_SLOWEST = 60

_TELL = {
    S.CANCELLING: paid.cancelling,
    S.COMPLETED: paid.completed,
    S.EXPIRED: ended.expired,
    S.WITHDRAWN: ended.withdrawn,
    S.REFUND_DUE: ended.refund_due,
    S.REFUNDED: ended.refunded,
    S.FULFILMENT_FAILED: choice.fulfilment_failed,
    S.NEEDS_ATTENTION: ended.needs_attention,
}


def tell(facts: OrderFacts, now: datetime, *, asked: bool = False, back: str = "") -> Story:
    """The story of an order. `asked`: the buyer has just come back from the gateway, and it is being asked.

    `back` is "unpaid" where the buyer came back without having paid.
    """
    order = facts.order
    if order.state == S.AWAITING_PAYMENT:
        story = waiting(facts, now, asked, back)
    elif order.state == S.PAID:
        story = waits(facts, now)
    else:
        story = _TELL[order.state](facts)
    story.entries = timeline(facts, asked=asked)
    story.moving = not facts.final and not story.pay and not story.choose
    story.poll = None if facts.final else _pace(now - _last_change(facts))
    story.fingerprint = _fingerprint(facts, story)
    return story


def _last_change(facts: OrderFacts) -> datetime:
    order, payment = facts.order, facts.payment
    times = [order.placed_at, order.paid_at, order.completed_at, payment.changed_at if payment else None]
    times += [each.completed_at for each in facts.cancellations.values()]
    times += [each.changed_at for each in facts.refunds]
    return max(time for time in times if time is not None)


def _pace(quiet: timedelta) -> int:
    return next((seconds for until, seconds in _PACE if quiet < until), _SLOWEST)


def _fingerprint(facts: OrderFacts, story: Story) -> str:
    """Of everything on the page that moves: a poll that finds it unchanged swaps nothing, so that a reader who
    selects a serial number or has the focus on a button is left in peace.
    """
    told = [
        *(
            story.headline,
            story.happened,
            story.next,
            story.pay,
            story.withdraw,
            story.choose,
            story.poll,
            facts.order.state,
        ),
        facts.payment_state,
        [[offer.id for offer in offers] for offers in facts.substitutes.values()],
        [(each.state, len(each.serial_ranges)) for each in facts.cancellations.values()],
        facts.certificate.pdf_sha256 if facts.certificate else None,
        facts.standing,
        (facts.claim.opened_at, facts.claim.answer, facts.claim.escalated_at) if facts.claim else None,
        [(each.state, each.amount_minor) for each in facts.refunds],
        len(facts.refunded_outside),
        facts.thread.fingerprint,
        len(facts.tax_documents),
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
