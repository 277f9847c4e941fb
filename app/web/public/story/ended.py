"""The story of an order that ended, or ends, without a certificate."""

from flask_babel import gettext as _

from app.domain.payments.refund_models import RefundState
from app.domain.payments.refunds.states import TO_SEND
from app.web.public.order_facts import OrderFacts
from app.web.public.story.story import Story
from app.web.support.filters import clock, day, money
from app.web.support.order_words import order_reason, service


def expired(facts: OrderFacts) -> Story:
    order = facts.order
    return Story(
        _("This order has expired"),
        [
            _(
                "No payment was made by %(time)s on %(day)s, so the units are free for others again. Nothing was paid and nothing was cancelled.",
                time=clock(order.hold_until),
                day=day(order.hold_until),
            )
        ],
        [_late_money()],
        again=True,
    )


def withdrawn(facts: OrderFacts) -> Story:
    if facts.order.state_reason == "buyer":
        return Story(
            _("You have withdrawn this order"),
            [_("The units are free for others again. Nothing was paid and nothing was cancelled.")],
            [_late_money()],
            again=True,
        )
    if facts.order.state_reason == "payment_lost":
        return Story(
            _("Your payment has gone back"),
            [
                order_reason(facts.order.state_reason),
                _("Nothing was cancelled, and the units are free for others again."),
            ],
            [_late_money()],
            again=True,
        )
    if facts.order.state_reason == "rejected":
        return Story(
            _("This order has ended"),
            [order_reason(facts.order.state_reason), _("Nothing was paid and nothing was cancelled.")],
            [],
            again=True,
        )
    return Story(
        _("You were not charged"),
        [
            _("You approved the payment, but your units could not be cancelled, so the money was not taken."),
            order_reason(facts.order.state_reason),
        ],
        [
            _(
                "Your approval at %(method)s runs out by itself within a few hours; an amount shown there as pending disappears with it.",
                method=service(facts.order.method),
            ),
        ],
        again=True,
    )


def refund_due(facts: OrderFacts) -> Story:
    order = facts.order
    return Story(
        _("Your money is going back"),
        [
            _(
                "Your payment of %(total)s arrived, but the units could not be cancelled.",
                total=money(order.total),
            )
            if order.paid_at is not None or order.state_reason == "units_gone"
            else "",
            order_reason(order.state_reason),
        ],
        _how_it_goes_back(facts),
    )


def _how_it_goes_back(facts: OrderFacts) -> list[str]:
    order = facts.order
    if any(each.state in TO_SEND | {RefundState.SENT} for each in facts.refunds):
        return [_("How far each part of it is stands under “Money that goes back to you”.")]
    return [
        _(
            "%(seller)s is giving the whole amount back through %(method)s.",
            seller=order.provider.legal_name,
            method=service(order.method),
        ),
        _(
            "You need not do anything; we write to %(email)s as soon as it is on its way.",
            email=order.email,
        ),
    ]


def refunded(facts: OrderFacts) -> Story:
    order = facts.order
    return Story(
        _("Refunded"),
        [
            _(
                "%(seller)s has given %(total)s back through %(method)s. No unit of this order was cancelled.",
                seller=order.provider.legal_name,
                total=money(facts.given_back if facts.given_back.minor else order.total),
                method=service(order.method),
            )
        ],
        [_("On a card or bank account it can take a few days to show.")],
        again=True,
    )


def needs_attention(facts: OrderFacts) -> Story:
    return Story(
        _("Your order is being looked into"),
        [
            order_reason(facts.order.state_reason),
            _(
                "No rule can decide this, so a person is looking into it. Nothing is lost: what was paid and what was cancelled is recorded."
            ),
        ],
        [
            _("Please do not pay again. You need not do anything."),
            _(
                "You will hear from us at %(email)s, and this page shows how it stands.",
                email=facts.order.email,
            ),
        ],
    )


def _late_money() -> str:
    return _(
        "Should a payment of yours still arrive, the order is taken up again if the units are there; otherwise the money goes back to you."
    )
