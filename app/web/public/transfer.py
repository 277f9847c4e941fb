"""Paying by bank transfer: the instructions, the pro-forma invoice, and the buyer's word that it was sent."""

import json
from datetime import UTC, date, timedelta

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.domain.orders.models import Order
from app.domain.orders.queries import order_by_token
from app.domain.payments.bank.instructions import instructions_of
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.bank.say_sent import NothingToSend, say_sent
from app.domain.payments.change_method import money_under_way
from app.domain.payments.money_map import money_map
from app.domain.payments.proofs import ProofRefused, add_proof, proofs_of
from app.domain.payments.refund_models import ProofKind
from app.extensions import database, limiter, neighbours, now
from app.i18n import in_language
from app.logs import about_order
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.public.ways import other_ways
from app.web.support.uploads import proof_problem, read_proof

# Browsers show a PDF with a viewer of their own, which needs objects and inline styles.
_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def transfer_page(order: Order, transfer: BankTransfer, errors: dict[str, str] | None = None) -> Response:
    """How to pay this order, from the same object as its mail and its invoice. `errors`: of the form on it."""
    session = database()
    response = make_response(
        render_template(
            "public/transfer.html",
            order=order,
            how=instructions_of(session, transfer),
            today=now().astimezone(UTC).date(),
            map=money_map(session, order),
            ways=other_ways(order),
            why=money_under_way(session, order),
            proofs=proofs_of(session, order.id, ProofKind.TRANSFER),
            errors=errors or {},
            sent_on=request.form.get("sent_on", "") if errors else "",
        ),
        422 if errors else 200,
    )
    return keep_to_the_reader(response)


@blueprint.post("/orders/<token>/sent")
def transfer_sent(token: str) -> AnyResponse:
    """The buyer has told the bank to pay, and may show it: `sent_on`, `proof`. A day that cannot be is taken as today.

    `act` is not-sent where it was said too early.
    """
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    today = now().astimezone(UTC).date()
    sent = request.form.get("act") != "not-sent"
    try:
        proof = read_proof() if sent else None
        day = _day(request.form.get("sent_on", ""), order, today) if sent else None
        transfer = say_sent(database(), order.id, day, now())
        if proof is not None:
            add_proof(database(), transfer.order, ProofKind.TRANSFER, proof, now())
        database().commit()
    except NothingToSend:
        database().rollback()
        flash(_("This order waits for no transfer any more. How it stands is shown below."), "wait")
    except ProofRefused as refused:
        database().rollback()
        kept = transfer_of(database(), order.id)
        return (
            unknown_order() if kept is None else transfer_page(order, kept, {"proof": proof_problem(refused)})
        )
    else:
        flash(
            _(
                "Thank you. As soon as the seller sees the money on the account, the units are cancelled. Your bank "
                "may take one to three working days."
            )
            if sent
            else _("Noted: you have not sent it yet."),
            "done",
        )
    return redirect(url_for("public.order", token=token), 303)


@blueprint.get("/orders/<token>/pro-forma")
@limiter.limit("20 per minute")
def pro_forma(token: str) -> AnyResponse:
    """The pro-forma invoice in the order's own language."""
    order = order_by_token(database(), token)
    transfer = transfer_of(database(), order.id) if order is not None else None
    if order is None or transfer is None:
        return unknown_order()
    how = instructions_of(database(), transfer)
    with in_language(order.language):
        values = json.loads(render_template("documents/pro_forma_values.txt", order=order, how=how))
    pdf = neighbours().pro_formas.render(values, order.placed_at)
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="pro-forma-{order.number}.pdf"'
    response.headers["Content-Security-Policy"] = _PDF_POLICY
    return keep_to_the_reader(response)


def _day(typed: str, order: Order, today: date) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return today
    # A bank may have been told before the order was seen through; never in the future.
    earliest = order.placed_at.date() - timedelta(days=1)
    return day if earliest <= day <= today else today
