"""Scheduled changes of an offer: decided now, done when their time has come."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.offers.ask_offer_change import ChangeRefused, ask_offer_change
from app.domain.offers.own_offers import OwnSeries
from app.domain.offers.put_terms import TermsImpossible
from app.domain.offers.series import NoSuchOffer
from app.domain.offers.terms_models import ChangeKind
from app.domain.offers.withdraw_offer_change import withdraw_offer_change as withdraw
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.provider.offer import done_before, own_series
from app.web.provider.terms_form import impossible, read_price
from app.web.support.filters import moment
from app.web.support.gate import keeps, needs, visitor

_FIELDS = ("kind", "due_at", "price")


@blueprint.get("/offers/<uuid:offer>/schedule")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def offer_schedule(offer: UUID) -> str:
    """The form, as it was typed before a detour over signing in."""
    provider, series = own_series(offer)
    return _page(provider, series, {name: request.args.get(name, "") for name in _FIELDS}, {})


@blueprint.post("/offers/<uuid:offer>/schedule")
@needs(Permission.PROVIDER_OFFERS_WRITE)
@keeps(*_FIELDS)
def schedule_change(offer: UUID) -> Response | tuple[str, int]:
    """One change: `kind`, the moment `due_at` (UTC), and for a new price `price`."""
    provider, series = own_series(offer)
    typed = {name: request.form.get(name, "").strip()[:20] for name in _FIELDS}
    errors: dict[str, str] = {}
    if typed["kind"] not in set(ChangeKind):
        errors["kind"] = _("Choose what is to happen.")
    due_at = _moment(typed["due_at"])
    if due_at is None:
        errors["due_at"] = _("Enter the day and the time, such as 2027-03-31 14:00.")
    price = None
    if typed["kind"] == ChangeKind.PRICE:
        price = read_price(typed, "price", series.head.offer.currency, errors)
    if errors or due_at is None:
        return _page(provider, series, typed, errors), 422
    session = database()
    try:
        change = ask_offer_change(
            session, provider.id, offer, ChangeKind(typed["kind"]), price, due_at, visitor().person.id, now()
        )
    except ChangeRefused as refused:
        session.rollback()
        field = "due_at" if refused.code in ("past", "too_late") else "kind"
        return _page(provider, series, typed, {field: _refusal(refused.code)}), 422
    except TermsImpossible as error:
        session.rollback()
        [message] = impossible(error).values()
        return _page(provider, series, typed, {"price": message}), 422
    session.commit()
    flash(_("Scheduled for %(moment)s.", moment=moment(change.due_at)), "success")
    return redirect(url_for("provider.offer", offer=offer), 303)


@blueprint.post("/offers/<uuid:offer>/schedule/<uuid:offer_change>/withdraw")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def withdraw_offer_change(offer: UUID, offer_change: UUID) -> Response:
    """Not to happen after all."""
    session = database()
    try:
        withdraw(session, acting_provider().id, offer_change, visitor().person.id, now())
    except NoSuchOffer:
        abort(404)
    except IllegalStep:
        session.rollback()
        return done_before(offer)
    session.commit()
    flash(_("No longer scheduled."), "success")
    return redirect(url_for("provider.offer", offer=offer), 303)


def _page(provider: Provider, series: OwnSeries, typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "provider/offer_schedule.html",
        provider=provider,
        series=series,
        offer=series.head.offer,
        typed=typed,
        errors=errors,
    )


def _moment(typed: str) -> datetime | None:
    try:
        return datetime.strptime(typed.replace("T", " ")[:16], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def _refusal(code: str) -> str:
    return {
        "past": _("This time has passed. Enter one that is to come."),
        "too_late": _("Enter a time within the next two years."),
        "too_many": _("Too much is scheduled already. Withdraw something first."),
        "ended": _("This offer has ended, so nothing can happen to it any more."),
    }[code]
