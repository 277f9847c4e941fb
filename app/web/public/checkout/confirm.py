"""The last page before the order: everything is read back, then placed. What follows cannot be undone."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from babel import Locale
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from app.domain.orders.basket_queries import BasketNow, read_basket
from app.domain.orders.buyer import Buyer, NotForOrganisation
from app.domain.orders.consents import text_version
from app.domain.orders.details import Details
from app.domain.orders.hold import NotAvailable
from app.domain.orders.models import Basket, OrderGroup
from app.domain.orders.place_order import (
    BasketEmpty,
    PriceChanged,
    QuantityOutOfRange,
    place_order,
)
from app.domain.orders.unpaid_orders import TooManyUnpaid
from app.domain.payments.money_map import money_map_ahead
from app.domain.payments.open_payment import MethodUnavailable, NotPayable
from app.domain.payments.release_terms import release_terms
from app.domain.settings.queries import span
from app.extensions import database, limiter, now, works
from app.i18n import in_language, request_language
from app.integrations.errors import NeighbourError
from app.logs import about_order
from app.shells.start_checkout import start_checkout
from app.web.public.blueprint import blueprint
from app.web.public.checkout.account import account_here
from app.web.public.checkout.concerns import concerns
from app.web.public.checkout.details import method_cards, usable_methods, usable_purposes
from app.web.public.checkout.read_back import Agreed, agreed, seal, unseal
from app.web.support import visitor
from app.web.support.consent_texts import consent_texts, terms_points
from app.web.support.filters import number

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Draft:
    """An order that could be placed as things stand."""

    basket: BasketNow
    details: Details
    method: str
    shown: Agreed
    buyer: Buyer | None  # None: a guest
    bought_for: str | None  # the organisation's name


def _basket_here() -> str:
    """What a visitor's tries to place an order are counted by, wherever they come from."""
    return f"basket:{visitor.basket_id() or get_remote_address()}"


@blueprint.get("/checkout/confirm")
def confirm() -> Response | str:
    """Everything that the order will be, to be read once more."""
    draft = _draft(visitor.basket_id())
    return redirect(url_for(draft), 303) if isinstance(draft, str) else _page(draft)


@blueprint.post("/checkout/confirm")
@limiter.limit("30 per minute; 120 per hour")
@limiter.limit("6 per minute; 30 per hour", key_func=_basket_here)
def place() -> Response | str | tuple[str, int]:
    """Place the orders that were read back, hold their units and open their payments.

    The same page sent twice leads to the same orders. Whatever is not as it was read is read again.
    """
    read, session, at = unseal(request.form.get("read_back", "")), database(), now()
    if read is None:
        return _again(
            _("This page was not sent as it was made. Nothing was ordered; please read it once more.")
        )
    kept = session.get(Basket, read.basket_id, with_for_update=True)
    if kept is not None and kept.group_id is not None:
        return _onwards(session.get_one(OrderGroup, kept.group_id))
    if kept is None or kept.id != visitor.basket_id():
        flash(_("You have begun another basket since. Nothing was ordered from the earlier one."), "wait")
        return redirect(url_for("public.basket"), 303)
    draft = _draft(kept.id)
    if isinstance(draft, str):
        return _not_placed(draft)
    if draft.shown.rest != read.rest:
        return _again(
            _(
                "Your basket, the certificate's details or the terms have changed. Nothing was ordered; please read it once more."
            )
        )
    texts = _texts(draft.basket)
    consents = {kind: text for kind, text in texts.items() if request.form.get(f"consent_{kind}") == "yes"}
    if set(consents) != set(texts):
        return _page(draft, ticked=set(consents)), 422
    try:
        group = place_order(
            session,
            kept.id,
            draft.details,
            consents,
            read.prices,
            method=draft.method,
            language=request_language(),
            now=at,
            buyer=draft.buyer,
        )
    except NotForOrganisation:
        session.rollback()
        return _not_placed("public.checkout")
    except TooManyUnpaid as refused:
        session.rollback()
        return _too_many(draft, refused.most), 422
    except PriceChanged:
        session.rollback()
        return _again(_("A seller has changed a price. Nothing was ordered; please read it once more."))
    except (NotAvailable, QuantityOutOfRange, BasketEmpty):
        session.rollback()
        return _not_placed("public.basket")
    session.commit()
    _open_payments(group)
    return _onwards(group)


def _draft(basket_id: UUID | None) -> _Draft | str:
    """What can be read back now, or the page (its endpoint) where something is missing."""
    session = database()
    basket = read_basket(session, basket_id, now())
    if basket_id is None or not basket.ready:
        return "public.basket"
    kept, method = session.get_one(Basket, basket_id), visitor.method()
    if kept.details is None or method is None or method not in usable_methods(basket):
        return "public.checkout"
    details = Details.from_json(kept.details)
    if details.purpose not in usable_purposes(basket):
        return "public.checkout"
    account = account_here()
    buyer = account.buyer(kept.organisation_id) if account else None
    organisation = account.organisation(kept.organisation_id) if account else None
    if account is not None and buyer is None:
        return "public.checkout"
    terms = text_version(session, request_language())
    shown = agreed(basket_id, basket, details, method, buyer, terms)
    return _Draft(basket, details, method, shown, buyer, organisation.name if organisation else None)


def _page(draft: _Draft, ticked: set[str] | None = None, too_many: str = "") -> str:
    texts = _texts(draft.basket)
    say = {
        "terms": _("Tick the box about the contract and the terms to go on."),
        "immediate": _("Tick the box about immediate cancellation to go on."),
    }
    missing = {f"consent_{kind}": say[kind] for kind in texts if ticked is not None and kind not in ticked}
    return render_template(
        "public/checkout/confirm.html",
        basket=draft.basket,
        details=draft.details,
        presented_to=_presented_to(draft.details),
        concerns=concerns(draft.details),
        buyer=draft.buyer,
        bought_for=draft.bought_for,
        method=method_cards([draft.method])[0],
        terms=[
            release_terms(database(), part.provider.id, draft.method, part.total)
            for part in draft.basket.parts
        ],
        read_back=seal(draft.shown),
        consents=texts,
        ticked=ticked or set(),
        errors=missing,
        too_many=too_many,
        hold=span(database(), "hold_minutes"),
        points=terms_points(len(draft.basket.parts)),
        maps=[
            money_map_ahead(database(), part.provider, draft.method, part.total)
            for part in draft.basket.parts
        ],
    )


def _too_many(draft: _Draft, most: int) -> str:
    """Whoever has so many orders that wait for their payment pays or withdraws one first."""
    return _page(
        draft,
        set(_texts(draft.basket)),
        _(
            "You have orders that are not paid yet, and %(most)s at most can wait at the same time. Nothing was ordered. "
            "Pay or withdraw one of them, then place this order; your basket is kept.",
            most=number(most),
        ),
    )


def _texts(basket: BasketNow) -> dict[str, str]:
    return consent_texts(list(dict.fromkeys(part.provider.legal_name for part in basket.parts)))


def _presented_to(details: Details) -> str:
    """The name to the letter, as the certificate will have it in its own language."""
    with in_language(details.certificate_language):
        names = Locale(details.certificate_language).territories
        country = names[details.beneficiary_country]
        if details.beneficiary_name is not None:
            return details.beneficiary_name
        if details.beneficiary_type == "individual":
            return _("An individual, %(country)s", country=country)
        return _("An organisation, %(country)s", country=country)


def _open_payments(group: OrderGroup) -> None:
    """Ask the gateway for a payment page of every order. What fails can be tried again on the order's page."""
    for order in group.orders:
        about_order(order.number)
        try:
            start_checkout(works(), order.id)
        except (NeighbourError, NotPayable, MethodUnavailable) as error:
            log.warning("checkout not opened", error=type(error).__name__, reason=str(error))


def _onwards(group: OrderGroup) -> Response:
    if len(group.orders) == 1:
        return redirect(url_for("public.pay", token=group.orders[0].token), 303)
    return redirect(url_for("public.order_group", token=group.token), 303)


def _not_placed(endpoint: str) -> Response:
    flash(
        _("Not everything can be had as you wanted it. Nothing was ordered and nothing is charged."), "error"
    )
    return redirect(url_for(endpoint), 303)


def _again(message: str) -> Response:
    flash(message, "wait")
    return redirect(url_for("public.confirm"), 303)
