"""The provider's orders: its own and nobody else's."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.queries import finished_certificate_of
from app.domain.orders.decide_order import is_overdue
from app.domain.orders.own_orders import currencies_of, own_order
from app.domain.payments.claims.queries import claim_of
from app.domain.payments.disputes import disputed_amount
from app.domain.payments.money_map import money_map
from app.domain.payments.proofs import proofs_of
from app.domain.payments.queries import payments_of
from app.domain.payments.refund_models import ProofKind
from app.domain.payments.refunds.balance import refunds_of
from app.domain.payments.refunds.queries import refunds_outside
from app.domain.payments.release_terms import terms_of_order
from app.domain.payments.standing import standing
from app.domain.people.permissions import Permission
from app.domain.sales.wanted import Show
from app.extensions import database, now
from app.logs import about_order
from app.money import Money
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs
from app.web.support.order_files import export_response
from app.web.support.order_list import list_address, list_response, pairs, read_wanted, show_words
from app.web.support.tax_documents import documents_shown
from app.web.support.threads import thread_shown


@blueprint.get("/orders")
@needs(Permission.PROVIDER_ORDERS_READ)
def orders() -> Response:
    """Newest first: `show`, `state`, `method`, `currency`, `from`, `to`, `trials`; `before` or `after` an order's number."""
    provider = acting_provider()
    shows = {Show.NEEDS_PROVIDER: _("Needs you"), **show_words()}
    return list_response(
        "provider/orders.html",
        "provider.orders",
        read_wanted(request.args, provider.id),
        shows,
        currencies_of(database(), provider.id),
        provider=provider,
    )


@blueprint.post("/orders")
@needs(Permission.PROVIDER_ORDERS_READ)
def export_orders() -> Any:
    """The whole list as a file: `format` is csv or xlsx, the rest is as above. A POST, because the trail notes it."""
    wanted = read_wanted(request.form, acting_provider().id)
    return export_response(wanted, "provider", list_address("provider.orders", pairs(wanted)))


@blueprint.get("/orders/<number>")
@needs(Permission.PROVIDER_ORDERS_READ)
def order(number: str) -> Response | str:
    """One order; a trial has a page of its own. What opens the buyer's page or names the buyer in private is not on it."""
    provider = acting_provider()
    session = database()
    found = own_order(session, provider.id, number)
    if found is None:
        abort(404)
    if found.trial:
        return redirect(url_for("provider.trial", number=number), 303)
    about_order(found.number)
    certificate = finished_certificate_of(session, found.id)
    payments = payments_of(session, found.id)
    return render_template(
        "provider/order.html",
        provider=provider,
        order=found,
        standing=standing(session, found),
        money=money_map(session, found),
        claim=claim_of(session, found.id),
        proofs=proofs_of(session, found.id, ProofKind.TRANSFER),
        payment=payments[-1] if payments else None,
        payments=payments,
        terms=terms_of_order(session, found.id),
        overdue=is_overdue(session, found, now()),
        disputed=Money(taken, found.currency) if (taken := disputed_amount(session, found)) else None,
        cancellations={each.order_line_id: each for each in cancellations_of(session, found.id)},
        certificate=certificate,
        thread=thread_shown(session, found, certificate),
        documents=documents_shown(session, found),
        refunds=refunds_of(session, found.id),
        outside=refunds_outside(session, found.id),
    )
