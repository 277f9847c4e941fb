"""Everybody's offers, and one of them with all that a reviewer needs."""

from uuid import UUID

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.offers.decide_offer import ACTS
from app.domain.offers.models import OfferState
from app.domain.offers.own_offers import read_series
from app.domain.offers.queries import all_offers, offer_trail, planned_changes
from app.domain.offers.states import STEPS
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.support.console_words import offer_state
from app.web.support.fields import a_uuid
from app.web.support.gate import needs


@blueprint.get("/offers")
@needs(Permission.PLATFORM_OFFERS_READ)
def offers() -> str:
    """Those that wait for review first, then the newest; `state`: one state; `after`: older than this one."""
    typed, after = request.args.get("state", ""), a_uuid(request.args.get("after", ""))
    state = OfferState(typed) if typed in set(OfferState) else None
    page = all_offers(database(), now(), state, after)
    return render_template(
        "admin/offers.html",
        page=page,
        state=state or "",
        first=after is None,
        state_options=[("", _("All")), *((each.value, offer_state(each)) for each in OfferState)],
        older=url_for("admin.offers", state=state, after=page.older) if page.older else "",
    )


@blueprint.get("/offers/<uuid:offer>")
@needs(Permission.PLATFORM_OFFERS_READ)
def offer(offer: UUID) -> str:
    """One, with what was added to it, and what happened."""
    session = database()
    series = read_series(session, offer, now())
    if series is None:
        abort(404)
    return render_template(
        "admin/offer.html",
        series=series,
        offer=series.head.offer,
        acts=[act for act in ACTS if any(own.offer.state in STEPS[act][0] for own in series.all)],
        planned=planned_changes(session, series.head.offer.id),
        trail=offer_trail(session, [own.offer.id for own in series.all]),
    )
