"""Withdraw what is left of an offer: sold no more at once, its units back in the account as soon as no order holds any."""

from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.mandates.models import MandateAct
from app.domain.offers.states import STEPS
from app.domain.offers.take_back_units import take_back_units
from app.domain.offers.withdraw_offer import withdraw_offer as withdraw
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.provider.acting import own_accounts, own_token
from app.web.provider.attempt import attempt
from app.web.provider.blueprint import blueprint
from app.web.provider.offer import done_before, own_series
from app.web.support.gate import needs, visitor


@blueprint.get("/offers/<uuid:offer>/withdraw")
@needs(Permission.PROVIDER_OFFERS_WRITE, Permission.PROVIDER_MANDATES_WRITE)
def offer_to_withdraw(offer: UUID) -> Response | str:
    """What it would mean, before it happens."""
    provider, series = own_series(offer)
    if not any(own.offer.state in STEPS["withdraw"][0] for own in series.all):
        return done_before(offer)
    return render_template(
        "provider/offer_withdraw.html",
        provider=provider,
        series=series,
        offer=series.head.offer,
        key=uuid4(),
    )


@blueprint.post("/offers/<uuid:offer>/withdraw")
@needs(Permission.PROVIDER_OFFERS_WRITE, Permission.PROVIDER_MANDATES_WRITE)
def withdraw_offer(offer: UUID) -> Response:
    """Stop the sale, and ask the registry for every mandate of which no order holds a unit."""
    provider, accounts, token, key = _asked(offer)
    try:
        acts = withdraw(database(), key, provider, offer, visitor().person.id, accounts, now())
    except IllegalStep:
        database().rollback()
        return done_before(offer)
    database().commit()
    flash(_("Withdrawn. Nobody can order it any more."), "success")
    return _ask(offer, acts, token)


@blueprint.post("/offers/<uuid:offer>/take-back")
@needs(Permission.PROVIDER_OFFERS_WRITE, Permission.PROVIDER_MANDATES_WRITE)
def take_back(offer: UUID) -> Response:
    """The orders have ended: ask the registry for what is left."""
    provider, accounts, token, key = _asked(offer)
    acts = take_back_units(database(), key, provider, offer, visitor().person.id, accounts, now())
    database().commit()
    if not acts:
        flash(
            _(
                "Nothing could be taken back: orders hold units, or somebody else of yours represents the account."
            ),
            "wait",
        )
    return _ask(offer, acts, token)


def _asked(offer: UUID) -> tuple[Provider, list[str], str, UUID]:
    """Who, over which accounts, with which token, and the form's key."""
    provider, _series = own_series(offer)
    accounts = own_accounts(provider)
    try:
        key = UUID(request.form.get("key", ""))
    except ValueError:
        abort(400)
    return provider, accounts, own_token(), key


def _ask(offer: UUID, acts: list[MandateAct], token: str) -> Response:
    for act_id in [act.id for act in acts]:
        attempt(act_id, token)
    return redirect(url_for("provider.offer", offer=offer), 303)
