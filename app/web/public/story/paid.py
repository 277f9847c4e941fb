"""The story of a paid order: its units are being cancelled, or are."""

from datetime import timedelta

from flask_babel import gettext as _

from app.domain.cancellations.models import CancellationState
from app.extensions import now
from app.web.public.order_facts import OrderFacts
from app.web.public.story.story import Story
from app.web.support.filters import clock, money, tonnes

# A registry that answers does so in seconds.
_SOON = timedelta(minutes=2)


def cancelling(facts: OrderFacts) -> Story:
    order = facts.order
    happened = [
        _(
            "Received. %(seller)s has your payment of %(total)s. The registry is being asked to cancel %(tonnes)s.",
            seller=order.provider.legal_name,
            total=money(order.total),
            tonnes=tonnes(order.quantity),
        )
    ]
    unanswered = [
        each
        for each in facts.cancellations.values()
        if each.state == CancellationState.UNKNOWN
        or (each.state == CancellationState.SUBMITTED and now() - each.opened_at > _SOON)
    ]
    if unanswered:
        since = min(each.opened_at for each in unanswered)
        happened.append(
            _(
                "The registry has not answered yet since %(time)s. Nothing is lost: we ask again, and the units are cancelled once and only once.",
                time=clock(since),
            )
        )
    return Story(
        _("Your units are being cancelled"),
        happened,
        [
            _("The serial numbers show here as soon as the registry confirms them."),
            mailed(facts),
            _("You may close this page."),
        ],
    )


def completed(facts: OrderFacts) -> Story:
    order = facts.order
    happened = [
        _(
            "%(tonnes)s have been cancelled permanently in the Article 6.4 mechanism registry.",
            tonnes=tonnes(order.quantity),
        )
    ]
    if facts.certificate is None:
        return Story(
            _("Your units are cancelled"),
            happened,
            [_("The certificate is being made. It shows here in a moment."), mailed(facts)],
        )
    return Story(
        _("Your units are cancelled"),
        happened,
        [
            _("The certificate comes by mail, too, with its PDF."),
            _("Keep the address of this page: it opens your order without a password, now and later."),
        ],
    )


def mailed(facts: OrderFacts) -> str:
    return _("Your certificate comes by mail to %(email)s.", email=facts.order.email)
