"""The story of a paid order whose units are not cancelled yet: its payment could be taken back, and the seller waits."""

from datetime import datetime

from flask_babel import gettext as _

from app.domain.payments.models import ReleaseRule
from app.web.public.order_facts import OrderFacts
from app.web.public.story.paid import mailed
from app.web.public.story.story import Story
from app.web.support.filters import moment, money, tonnes
from app.web.support.order_words import service


def waits(facts: OrderFacts, now: datetime) -> Story:
    order = facts.order
    happened = [
        _(
            "Received. %(seller)s has your payment of %(total)s. Your %(tonnes)s stay held for you.",
            seller=order.provider.legal_name,
            total=money(order.total),
            tonnes=tonnes(order.quantity),
        )
    ]
    reviewed = facts.terms.rule == ReleaseRule.REVIEW and order.released_by is None
    if reviewed and order.release_at is not None and order.release_at <= now:
        happened.append(
            _(
                "%(seller)s was to check the payment by %(moment)s and has not done so. The platform’s administrators "
                "have been told.",
                seller=order.provider.legal_name,
                moment=moment(order.release_at),
            )
        )
    return Story(
        _("Your payment has arrived"),
        happened,
        [_ahead(facts, now, reviewed=reviewed), mailed(facts), _("Please do not pay again.")],
    )


def _ahead(facts: OrderFacts, now: datetime, *, reviewed: bool) -> str:
    order = facts.order
    until = order.release_at
    if until is None or (not reviewed and (order.released_by is not None or until <= now)):
        return _("%(method)s is asked once more, then the units are cancelled.", method=service(order.method))
    if not reviewed:
        return _(
            "The units are cancelled on %(moment)s: %(seller)s waits that long with payments that could be taken back.",
            moment=moment(until),
            seller=order.provider.legal_name,
        )
    if until <= now:
        return _("The seller or an administrator decides: the units are cancelled, or your money goes back.")
    return _(
        "%(seller)s checks the payment by %(moment)s. Then the units are cancelled, or your money goes back.",
        seller=order.provider.legal_name,
        moment=moment(until),
    )
