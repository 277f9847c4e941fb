"""The buyer has paid, and nobody has confirmed it: ask the seller, who owes an answer."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.details import plain_line
from app.domain.orders.models import Order
from app.domain.orders.queries import order_by_token
from app.domain.payments.claims.claim_paid import NothingToClaim, TooEarly
from app.domain.payments.claims.claim_paid import claim_paid as ask_seller
from app.domain.payments.claims.queries import claim_of
from app.domain.payments.proofs import ProofRefused, add_proof, proofs_of
from app.domain.payments.refund_models import ProofKind
from app.extensions import database, limiter, now
from app.logs import about_order
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import facts_of, keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.support.uploads import proof_problem, read_proof

_LONGEST_NOTE = 500


@blueprint.get("/orders/<token>/claim")
def claim(token: str) -> Response:
    """What to say and to show, and what will happen then."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    if not facts_of(database(), order, now()).claim_possible(now()):
        return redirect(url_for("public.order", token=token), 303)
    return _page(order, {})


@blueprint.post("/orders/<token>/claim")
@limiter.limit("10 per hour")
def claim_paid(token: str) -> Response:
    """Say that the order is paid: `note`, and `proof` (a file)."""
    order = order_by_token(database(), token)
    if order is None:
        return unknown_order()
    about_order(order.number)
    session = database()
    try:
        proof = read_proof()
        note = plain_line(request.form.get("note", ""))[:_LONGEST_NOTE]
        asked = ask_seller(session, order.id, note or None, now())
        if proof is not None:
            add_proof(session, asked.order, ProofKind.TRANSFER, proof, now())
        session.commit()
    except ProofRefused as refused:
        session.rollback()
        return _page(order, {"proof": proof_problem(refused)})
    except (NothingToClaim, TooEarly):
        session.rollback()
        flash(
            _("There is nothing to ask the seller about this order now. How it stands is shown below."),
            "wait",
        )
    else:
        flash(_("The seller has been asked. You get a mail with the answer."), "done")
    return redirect(url_for("public.order", token=token), 303)


def _page(order: Order, errors: dict[str, str]) -> Response:
    known = claim_of(database(), order.id)
    response = make_response(
        render_template(
            "public/claim.html",
            order=order,
            claim=known,
            note=request.form.get("note", (known.note or "") if known else ""),
            proofs=proofs_of(database(), order.id, ProofKind.TRANSFER),
            errors=errors,
        ),
        422 if errors else 200,
    )
    return keep_to_the_reader(response)
