"""The story of a paid order whose units cannot be had: other units of the seller, or the money."""

from flask_babel import gettext as _

from app.web.public.order_facts import OrderFacts
from app.web.public.story.story import Story
from app.web.support.filters import day, money
from app.web.support.order_words import order_reason


def fulfilment_failed(facts: OrderFacts) -> Story:
    order = facts.order
    by = order.answer_by
    ahead = []
    if facts.substitutes:
        ahead.append(
            _(
                "Choose: other units of %(seller)s at the price that you have paid, or your money back.",
                seller=order.provider.legal_name,
            )
        )
    if by is not None:
        ahead.append(_("If you say nothing by %(day)s, the whole amount goes back to you.", day=day(by)))
    return Story(
        _("Your units could not be cancelled"),
        [
            _(
                "Your payment of %(total)s arrived, but the registry did not cancel the units that you chose.",
                total=money(order.total),
            ),
            order_reason(order.state_reason),
        ],
        ahead,
        choose=True,
    )
