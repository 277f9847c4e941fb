"""The story of an order that waits for a bank transfer: to be sent, said to be sent, or come in part."""

from datetime import datetime

from flask_babel import gettext as _

from app.domain.payments.bank.instructions import Instructions
from app.web.public.order_facts import OrderFacts
from app.web.public.story.story import Story
from app.web.support.filters import day, money, tonnes


def transfer_waiting(facts: OrderFacts, how: Instructions, now: datetime) -> Story:
    order = facts.order
    held = _(
        "%(tonnes)s are held for you until the end of %(day)s. Nothing has been cancelled yet.",
        tonnes=tonnes(order.quantity),
        day=day(how.held_until),
    )
    ahead = [
        _(
            "As soon as %(seller)s has seen the money on the account, the units are cancelled in the registry. That "
            "cannot be undone.",
            seller=order.provider.legal_name,
        ),
        _("The seller looks at the account on working days; the platform cannot see it."),
    ]
    if now >= order.hold_until:
        return Story(
            _("The time to pay is over"),
            [_("Your units were held until the end of %(day)s.", day=day(how.held_until))],
            [
                _(
                    "The order expires now. Money that still comes is accepted while there are units, or sent back."
                )
            ],
        )
    if how.received.minor:
        return Story(
            _("A part of your payment has come"),
            [
                _(
                    "%(seller)s has received %(received)s of %(total)s.",
                    seller=order.provider.legal_name,
                    received=money(how.received),
                    total=money(order.total),
                ),
                held,
            ],
            [
                _(
                    "Please send the rest, %(amount)s, with the same reference by %(day)s.",
                    amount=money(how.amount),
                    day=day(how.due_on),
                ),
                *ahead,
            ],
            pay=True,
            withdraw=True,
        )
    if how.said_sent_on is not None:
        return Story(
            _("Waiting for your transfer to arrive"),
            [
                _(
                    "You sent it on %(day)s. A transfer takes one to three working days.",
                    day=day(how.said_sent_on),
                ),
                held,
            ],
            ahead,
            pay=True,
            withdraw=True,
        )
    return Story(
        _("Waiting for your transfer"),
        [
            held,
            _(
                "Transfer %(total)s to %(seller)s by %(day)s.",
                total=money(order.total),
                seller=order.provider.legal_name,
                day=day(how.due_on),
            ),
        ],
        ahead,
        pay=True,
        withdraw=True,
    )
