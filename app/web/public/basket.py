"""The basket: what a visitor means to buy, at live prices, with what is truly left."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.offers.models import Offer
from app.domain.orders.basket import (
    QuantityRefused,
    check_quantity,
    open_basket,
    put_in_basket,
    take_from_basket,
)
from app.domain.orders.basket_queries import read_basket, read_offer
from app.extensions import database, neighbours, now
from app.integrations.documents.interface import clean_text
from app.web.public.blueprint import blueprint
from app.web.support import visitor
from app.web.support.quantity import NotWholeTonnes, read_quantity, refusal

_TYPED_AT_MOST = 20  # characters that are shown again


@blueprint.get("/basket")
def basket() -> str:
    """Everything in the basket, one group for each payment that it will take."""
    return _page()


@blueprint.post("/basket")
def add_to_basket() -> Response | tuple[str, int]:
    """Set the quantity of an offer; nothing (0) takes it out. Adding again sets, it does not add up.

    What cannot be is said where it was asked for: on the basket page (`change` is sent by its forms) beside
    the field, else on the project's page.
    """
    at, session = now(), database()
    found = read_offer(session, _uuid(request.form.get("offer", "")), at)
    if found is None:
        flash(_("These units are not on sale any more."), "error")
        return redirect(url_for("public.basket"), 303)
    offer, left = found
    if _unprintable(offer):
        flash(
            _("These units cannot be had yet: the certificate could not print their project's name."), "error"
        )
        return redirect(_project(offer), 303)
    typed = request.form.get("quantity", "")
    try:
        quantity = read_quantity(typed)
        if quantity:
            check_quantity(offer, quantity, left, at)
    except (NotWholeTonnes, QuantityRefused) as error:
        message = refusal(error) if isinstance(error, QuantityRefused) else str(error)
        if "change" in request.form:
            return _page({offer.id: (typed[:_TYPED_AT_MOST], message)}), 422
        flash(message, "error")
        return redirect(_project(offer), 303)
    basket = open_basket(session, visitor.basket_id(), at)
    if quantity:
        put_in_basket(basket, offer, quantity, at)
    else:
        take_from_basket(basket, offer.id, at)
        flash(_("Taken out: %(project)s", project=offer.mandate.block.activity.title), "message")
    session.commit()
    visitor.remember_basket(basket.id)
    return redirect(url_for("public.basket"), 303)


def _page(refused: dict[UUID, tuple[str, str]] | None = None) -> str:
    """`refused`: what was typed for an offer, and why it cannot be."""
    now_in_it = read_basket(database(), visitor.basket_id(), now())
    problems = {line.offer.id: refusal(line.problem) for line in now_in_it.lines if line.problem}
    return render_template("public/basket.html", basket=now_in_it, refused=refused or {}, problems=problems)


def _unprintable(offer: Offer) -> bool:
    """Would the certificate fail, after payment, on a letter that no font of ours has?"""
    printed = clean_text(f"{offer.mandate.block.activity.title} {offer.provider.legal_name}")
    return bool(neighbours().certificates.missing_characters(printed))


def _project(offer: Offer) -> str:
    return url_for("public.project", activity_ref=offer.mandate.block.activity_ref, _anchor="offers")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # no offer has it
