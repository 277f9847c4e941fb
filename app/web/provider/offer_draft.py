"""An offer in the making: typed, looked at as buyers will see it, or thrown away."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.offers.draft_queries import currencies_taken, own_draft
from app.domain.offers.draft_terms import OfferTerms, TermsRefused, read_terms
from app.domain.offers.models import Offer
from app.domain.offers.needs_review import needs_review
from app.domain.offers.save_draft import DraftClosed, Place, save_draft
from app.domain.offers.terms_models import OfferDraft
from app.domain.offers.throw_away_draft import throw_away_draft
from app.domain.people.models import ProviderState
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.provider.acting import acting_provider, own_accounts
from app.web.provider.blueprint import blueprint
from app.web.provider.offer_form import offer_form, sent_fields
from app.web.provider.offer_units import Units, units_of
from app.web.support.gate import needs, visitor


@blueprint.get("/offers/drafts/<uuid:draft>")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def offer_draft(draft: UUID) -> Response | str:
    """Go on with it; what is under way or published already is in the list."""
    found = draft_here(draft)
    if not found.can_change:
        return redirect(url_for("provider.offers"), 303)
    return offer_form(units_of(found), found.typed, found.id, found)


@blueprint.post("/offers/drafts/<uuid:draft>")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def change_offer_draft(draft: UUID) -> Response | tuple[str, int]:
    """Keep what is typed."""
    found = draft_here(draft)
    place = Place(found.account_id, found.block_id, found.activity_ref, found.mandate_id)
    return keep_and_go_on(found.id, place)


@blueprint.get("/offers/drafts/<uuid:draft>/preview")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def offer_preview(draft: UUID) -> Response | str:
    """As buyers will see it, and what publishing means; the form again where something is missing."""
    found = draft_here(draft)
    if not found.can_change:
        return redirect(url_for("provider.offers"), 303)
    units = units_of(found)
    try:
        terms = _terms(found, units)
    except TermsRefused as refused:
        return offer_form(units, found.typed, found.id, found, refused.problems)
    return _preview(found, units, terms)


@blueprint.post("/offers/drafts/<uuid:draft>/throw-away")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def throw_away_offer_draft(draft: UUID) -> Response:
    """What is earmarked stays earmarked."""
    found = draft_here(draft)
    try:
        throw_away_draft(database(), found.id, now())
    except DraftClosed:
        return _closed()
    database().commit()
    flash(_("The draft is thrown away."), "success")
    return redirect(url_for("provider.offers"), 303)


def draft_here(draft_id: UUID) -> OfferDraft:
    """One of the provider's over an account of the person's; 404 for any other."""
    provider = acting_provider()
    return own_draft(database(), provider.id, own_accounts(provider), draft_id) or abort(404)


def keep_and_go_on(key: UUID, place: Place) -> Response | tuple[str, int]:
    """Keep what was sent first of all, then look whether it can be an offer."""
    provider = acting_provider()
    try:
        save_draft(database(), key, provider.id, visitor().person.id, place, sent_fields(), now())
    except DraftClosed:
        return _closed()
    database().commit()
    if request.form.get("then") == "keep":
        flash(_("Kept as a draft."), "success")
        return redirect(url_for("provider.offers"), 303)
    draft = draft_here(key)
    units = units_of(draft)
    try:
        _terms(draft, units)
    except TermsRefused as refused:
        return offer_form(units, draft.typed, key, draft, refused.problems), 422
    return redirect(url_for("provider.offer_preview", draft=key), 303)


def _terms(draft: OfferDraft, units: Units) -> OfferTerms:
    currencies = currencies_taken(database(), draft.provider_id)
    return read_terms(draft.typed, units.free, currencies, now(), all_of_it=draft.mandate_id is not None)


def _preview(draft: OfferDraft, units: Units, terms: OfferTerms) -> str:
    provider = acting_provider()
    why = needs_review(database(), provider.id, terms.texts)
    against = units.against
    if provider.state != ProviderState.ACTIVE:
        against = provider.state.value
    return render_template(
        "provider/offer_preview.html",
        provider=provider,
        draft=draft,
        units=units,
        terms=terms,
        lines=[_as_line(units, terms)],
        why=why,
        against=against,
    )


def _as_line(units: Units, terms: OfferTerms) -> dict[str, Any]:
    """What the project's page takes for each offer."""
    offer = Offer(
        price_minor=terms.price.minor,
        currency=terms.price.currency,
        min_quantity=terms.min_quantity,
        max_quantity=terms.max_quantity,
    )
    return {
        "offer": offer,
        "block": units.block,
        "provider": acting_provider(),
        "available": terms.quantity,
        "texts": terms.texts,
    }


def _closed() -> Response:
    flash(_("This draft cannot be changed any more. How it stands is shown below."), "wait")
    return redirect(url_for("provider.offers"), 303)
