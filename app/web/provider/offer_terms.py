"""Change the terms of an offer: price, prices for larger orders, limits, days and descriptions."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.offers.change_offer import change_offer as change_terms
from app.domain.offers.own_offers import OwnSeries
from app.domain.offers.put_terms import TEXT_MAX, TIERS_MAX, TermsImpossible, terms_of
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.i18n import LANGUAGES
from app.web.provider.blueprint import blueprint
from app.web.provider.offer import done_before, own_series
from app.web.provider.terms_form import SHORT, fields_of, impossible, read_terms_form
from app.web.support.gate import keeps, needs, visitor


@blueprint.get("/offers/<uuid:offer>/terms")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def offer_terms(offer: UUID) -> str:
    """As they are, or as they were typed before a detour over signing in."""
    provider, series = own_series(offer)
    head = series.head.offer
    typed = fields_of(terms_of(head), head.currency)
    typed |= {name: request.args[name] for name in SHORT if name in request.args}
    return _page(provider, series, typed, {})


@blueprint.post("/offers/<uuid:offer>/terms")
@needs(Permission.PROVIDER_OFFERS_WRITE)
@keeps(*SHORT)
def change_offer(offer: UUID) -> Response | tuple[str, int]:
    """All of them at once, for the offer and what was added to it."""
    provider, series = own_series(offer)
    read, session = read_terms_form(request.form, series.head.offer.currency), database()
    if read.terms is None:
        return _page(provider, series, read.typed, read.errors), 422
    try:
        changed = change_terms(session, provider.id, offer, read.terms, visitor().person.id, now())
    except TermsImpossible as error:
        session.rollback()
        return _page(provider, series, read.typed, impossible(error)), 422
    except IllegalStep:
        session.rollback()
        return done_before(offer)
    session.commit()
    if changed:
        flash(_("Saved. Orders that were placed before keep the price they have."), "success")
    else:
        flash(_("Nothing was changed."), "wait")
    return redirect(url_for("provider.offer", offer=offer), 303)


def _page(provider: Provider, series: OwnSeries, typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "provider/offer_terms.html",
        provider=provider,
        series=series,
        offer=series.head.offer,
        typed=typed,
        errors=errors,
        places=range(1, TIERS_MAX + 1),
        codes=LANGUAGES,
        text_max=TEXT_MAX,
    )
