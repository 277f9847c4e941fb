"""One offer of the provider's: how it stands, what happened to it, and what can be done."""

from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.mandates.queries import open_acts
from app.domain.offers.add_units import GROWS
from app.domain.offers.change_offer import CHANGEABLE
from app.domain.offers.own_offers import OwnSeries, read_series, stopped_by_debt
from app.domain.offers.pause_offer import pause_offer
from app.domain.offers.queries import offer_trail, planned_changes
from app.domain.offers.resume_offer import resume_offer
from app.domain.offers.states import STEPS
from app.domain.offers.submit_offer import submit_offer
from app.domain.offers.take_back_units import may_be_taken_back
from app.domain.offers.terms_models import OfferChangeState
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import held_permissions, needs, visitor
from app.web.support.offer_words import offer_history

_MOVES = {"pause": pause_offer, "resume": resume_offer, "submit": submit_offer}
_ID_DIGITS = 18


@blueprint.get("/offers/<uuid:offer>")
@needs(Permission.PROVIDER_OFFERS_READ)
def offer(offer: UUID) -> Response | str:
    """With what was added to it. `before`: the history older than this row of the trail."""
    provider, series = own_series(offer)
    session, head = database(), series.head.offer
    if head.id != offer:
        return redirect(url_for("provider.offer", offer=head.id), 303)
    typed = request.args.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _ID_DIGITS else None
    trail = offer_trail(session, [own.offer.id for own in series.all], before)
    planned = planned_changes(session, head.id)
    mandates = {own.offer.mandate_id for own in series.all}
    writes = Permission.PROVIDER_OFFERS_WRITE in held_permissions()
    earmarks = writes and Permission.PROVIDER_MANDATES_WRITE in held_permissions()
    return render_template(
        "provider/offer.html",
        provider=provider,
        series=series,
        offer=head,
        stopped=stopped_by_debt(session, provider.id, now()),
        moves=[move for move in _MOVES if writes and _can(series, move)],
        can={
            "change": writes and any(own.offer.state in CHANGEABLE for own in series.all),
            "add": earmarks and head.state in GROWS,
            "withdraw": earmarks and _can(series, "withdraw"),
            "take_back": earmarks and any(may_be_taken_back(session, own.offer) for own in series.all),
        },
        acts=[
            act
            for act in open_acts(session, provider.id, visitor().person.id)
            if act.added_to == head.id or act.mandate_id in mandates
        ],
        waiting=[each for each in planned if each.change.state == OfferChangeState.WAITING],
        key=uuid4(),
        history=offer_history(trail.rows, [] if before else planned),
        older=trail.older,
        newest=before is None,
    )


@blueprint.post("/offers/<uuid:offer>/<any(pause, resume, submit):move>")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def move_offer(offer: UUID, move: str) -> Response:
    """One step, of the offer and all that was added to it."""
    provider, _series = own_series(offer)
    session = database()
    try:
        _MOVES[move](session, provider.id, offer, visitor().person.id, now())
    except IllegalStep:
        session.rollback()
        return done_before(offer)
    session.commit()
    flash(
        {
            "pause": _("Paused. Nobody can order it until you resume it."),
            "resume": _("Resumed. Buyers can order it again."),
            "submit": _("Submitted. An administrator looks at it, and you get a mail."),
        }[move],
        "success",
    )
    return redirect(url_for("provider.offer", offer=offer), 303)


def own_series(offer_id: UUID) -> tuple[Provider, OwnSeries]:
    """The provider that the person acts for, and its offer with all that was added to it; 404 for anybody else's."""
    provider = acting_provider()
    found = read_series(database(), offer_id, now(), provider.id)
    if found is None:
        abort(404)
    return provider, found


def done_before(offer_id: UUID) -> Response:
    """Somebody was quicker, or the button was pressed twice: the page says how it stands."""
    flash(_("That was done before, or cannot be done any more. How the offer stands is shown below."), "wait")
    return redirect(url_for("provider.offer", offer=offer_id), 303)


def _can(series: OwnSeries, step: str) -> bool:
    return any(own.offer.state in STEPS[step][0] for own in series.all)
