"""The story of an order that waits for its payment: not begun, begun, approved, pending, or out of time."""

from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.domain.payments.models import Payment
from app.domain.payments.models import PaymentState as P
from app.money import Money
from app.web.public.order_facts import OrderFacts
from app.web.public.story.paid import mailed
from app.web.public.story.story import Story
from app.web.public.story.transfer import transfer_waiting
from app.web.support.filters import clock, moment, money, tonnes
from app.web.support.order_words import method, order_reason, payment_problem, payment_wait, service
from app.web.support.release_words import release_words

# A registry that has not answered an approval for so long is worth a word.
_QUIET_FOR_LONG = timedelta(seconds=30)


def waiting(facts: OrderFacts, now: datetime, asked: bool, back: str) -> Story:
    if facts.transfer is not None:
        return _with_first(facts, transfer_waiting(facts, facts.transfer, now))
    return _with_first(facts, _by_service(facts, now, asked, back))


def _with_first(facts: OrderFacts, story: Story) -> Story:
    """What is to be known while the first of two payments may still be taken."""
    for payment in facts.superseded:
        story.happened.append(
            _(
                "Your first payment by %(method)s may still be taken. If both are, %(seller)s gives the second amount back.",
                method=method(payment.gateway),
                seller=facts.order.provider.legal_name,
            )
        )
        # What is in a gateway's hands cannot be given up.
        story.withdraw = story.withdraw and payment.state != P.PENDING and payment.capture_asked_at is None
    return story


def _by_service(facts: OrderFacts, now: datetime, asked: bool, back: str) -> Story:
    order, payment = facts.order, facts.payment
    by = service(order.method)
    state = payment.state if payment else None
    if payment is not None and state == P.PENDING:
        return Story(
            _("Your payment is pending at %(method)s", method=by),
            [
                payment_wait(payment.reason, payment.gateway),
                _("Your %(tonnes)s stay held for you.", tonnes=tonnes(order.quantity)),
            ],
            [
                _("As soon as %(method)s releases it, the units are cancelled.", method=by),
                mailed(facts),
                _("Please do not pay again."),
            ],
        )
    if payment is not None and state == P.AUTHORIZED:
        return _approved(facts, payment, now)
    if asked:
        return Story(
            _("Checking your payment with %(method)s", method=by),
            [_("You are back from %(method)s. We ask it directly how your payment stands.", method=by)],
            [_("The answer shows here by itself, usually within seconds. Please do not pay again.")],
        )
    if now >= order.hold_until:
        return Story(
            _("The time to pay is over"),
            [
                _(
                    "Your units were held until %(time)s. We ask %(method)s one last time whether you have paid.",
                    time=clock(order.hold_until),
                    method=by,
                )
            ],
            [_("If not, the order expires and costs you nothing.")],
        )
    happened = [
        _(
            "%(tonnes)s are held for you until %(time)s. Nothing has been paid or cancelled yet.",
            tonnes=tonnes(order.quantity),
            time=clock(order.hold_until),
        )
    ]
    headline = _("Waiting for your payment")
    if facts.net > 0:
        headline, happened = _part_left(facts)
    if state == P.FAILED and payment is not None:
        headline = _("The payment did not go through")
        happened = [payment_problem(payment.reason, payment.gateway), _("You were not charged."), *happened]
    elif back == "unpaid":
        headline = _("You came back without paying")
        happened.append(_("You can try again, pay in another way, or withdraw the order."))
    return Story(
        headline,
        happened,
        [
            _(
                "Pay %(seller)s by %(method)s before then.",
                seller=order.provider.legal_name,
                method=method(order.method),
            ),
            release_words(facts.terms, order.provider.legal_name),
        ],
        pay=True,
        withdraw=True,
    )


def _part_left(facts: OrderFacts) -> tuple[str, list[str]]:
    order = facts.order
    return (
        _("A part of the payment is missing"),
        [
            order_reason(order.state_reason),
            _(
                "%(seller)s has %(received)s of %(total)s. Your %(tonnes)s are held for you until %(moment)s.",
                seller=order.provider.legal_name,
                received=money(Money(facts.net, order.currency)),
                total=money(order.total),
                tonnes=tonnes(order.quantity),
                moment=moment(order.hold_until),
            ),
            _("If the rest is not paid by then, what the seller has goes back to you."),
        ],
    )


def _approved(facts: OrderFacts, payment: Payment, now: datetime) -> Story:
    order = facts.order
    by = service(order.method)
    if payment.capture_asked_at is not None:
        happened = [
            _(
                "The registry is ready to cancel your units. %(method)s is being asked to pass your payment on to %(seller)s.",
                method=by,
                seller=order.provider.legal_name,
            )
        ]
        ahead = [_("Then the units are cancelled. This page shows it by itself.")]
    else:
        happened = [
            _(
                "%(method)s has your approval. Before the money is taken, the registry is asked whether it can cancel your units.",
                method=by,
            )
        ]
        if now - payment.changed_at > _QUIET_FOR_LONG:
            happened.append(
                _(
                    "The registry has not answered yet since %(time)s. Nothing has been taken; we keep asking.",
                    time=clock(payment.changed_at),
                )
            )
        ahead = [
            _(
                "When it says yes, %(seller)s is paid and the units are cancelled.",
                seller=order.provider.legal_name,
            ),
            _("If it cannot, or does not answer within two hours, you are not charged."),
        ]
    return Story(_("Your payment is approved"), happened, ahead)
